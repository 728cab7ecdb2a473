/** Stands where one would write in a group, while one may not: why, and what remains. */

import { localized } from '@lit/localize'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import './warren-delete.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { foot, quietFoot } from '../styles/feet.ts'
import { base } from '../styles/shared.ts'
import { whyNoWriting } from '../text/group-standing.ts'

@customElement('warren-group-foot')
@localized()
export class WarrenGroupFoot extends LitElement {
  static override styles = [base, foot, quietFoot]
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
