/** One quiet line above a group for each person whose removal some devices have not heard of yet. */

import { localized } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { Group } from '../../protocol/http-groups.ts'
import { icon } from '../icons.ts'
import { base } from '../styles/shared.ts'
import { unawareSentence } from '../text/group-standing.ts'

@customElement('warren-unaware')
@localized()
export class WarrenUnaware extends LitElement {
  static override styles = [
    base,
    css`
      p {
        display: flex;
        gap: 10px;
        padding: 8px 14px;
        background: var(--warn-soft);
        font-size: 13.5px;
        text-wrap: pretty;
        overflow-wrap: anywhere;
      }
      .icon {
        color: var(--warn-ink);
      }
      :host([card]) p {
        border-radius: 12px;
        margin-bottom: 12px;
      }
    `,
  ]
  @property({ attribute: false }) group: Group | undefined
  /** On its own among cards, not across a room. */
  @property({ type: Boolean, reflect: true }) card = false

  override render(): TemplateResult[] | typeof nothing {
    const unaware = this.group?.unaware ?? []
    if (unaware.length === 0) return nothing
    return unaware.map(
      (each) => html`<p role="status" data-testid="unaware">${icon('eye')}<span>${unawareSentence(each)}</span></p>`,
    )
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-unaware': WarrenUnaware
  }
}
