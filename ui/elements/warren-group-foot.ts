/** Stands where one would write in a group, while one may not: why, and what remains. */

import { localized } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import './warren-delete.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { base } from '../styles/shared.ts'
import { whyNoWriting } from '../text/group-standing.ts'

@customElement('warren-group-foot')
@localized()
export class WarrenGroupFoot extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: center;
        gap: 4px 12px;
        min-height: 62px;
        padding: 10px 16px calc(10px + env(safe-area-inset-bottom));
        background: var(--panel);
        border-top: 1px solid var(--line);
      }
      span {
        text-wrap: balance;
        text-align: center;
        color: var(--ink-quiet);
      }
    `,
  ]
  @property({ attribute: false }) conversation!: Conversation

  override render(): TemplateResult | typeof nothing {
    const { group, id } = this.conversation
    if (group === undefined) return nothing
    const isOver = group.standing === 'left' || group.standing === 'removed' || group.standing === 'closed'
    return html`<span role="status" data-testid="no-writing">${whyNoWriting(group)}</span>
      ${isOver ? html`<warren-delete .conversation=${id}></warren-delete>` : nothing}`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-group-foot': WarrenGroupFoot
  }
}
