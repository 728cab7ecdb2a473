/** One calm line while a long history is on its way. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { Arriving } from '../../protocol/http-conversations.ts'
import { icon } from '../icons.ts'
import { base } from '../styles/shared.ts'

@customElement('warren-arriving')
@localized()
export class WarrenArriving extends LitElement {
  static override styles = [
    base,
    css`
      p {
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 8px 14px;
        background: var(--panel);
        border-bottom: 1px solid var(--line);
        color: var(--ink-quiet);
        font-size: 13.5px;
      }
      :host([card]) p {
        border: 0;
        border-radius: 12px;
        margin-bottom: 12px;
      }
    `,
  ]
  @property({ attribute: false }) arriving: Arriving | undefined
  /** On its own among cards, not across a room. */
  @property({ type: Boolean, reflect: true }) card = false

  /** A progress bar to those who hear it: it tells how far it is when asked, and does not speak up each time. */
  override render(): TemplateResult | typeof nothing {
    if (this.arriving === undefined) return nothing
    const { percent } = this.arriving
    return html`<p
      role="progressbar"
      aria-valuenow=${percent}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-label=${msg('Getting older messages')}
      data-testid="arriving"
    >
      ${icon('clock')}<span>${msg(str`Getting older messages… ${percent} %`)}</span>
    </p>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-arriving': WarrenArriving
  }
}
