/** A safety number to look at, select, copy and hear: twelve groups of five digits. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { base } from '../styles/shared.ts'

@customElement('warren-safety-number')
@localized()
export class WarrenSafetyNumber extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: block;
      }
      ol {
        display: grid;
        grid-template-columns: repeat(4, auto);
        justify-content: center;
        gap: 8px clamp(12px, 5vw, 26px);
        padding: 16px 12px;
        border-radius: 14px;
        background: var(--sunken);
        font-family: var(--mono);
        font-size: 21px;
        font-variant-numeric: tabular-nums;
        letter-spacing: 0.04em;
      }
      .visually-hidden {
        user-select: none;
      }
      @media (max-width: 419px) {
        ol {
          grid-template-columns: repeat(3, auto);
        }
      }
    `,
  ]
  /** Groups with blanks between. */
  @property() number = ''

  override render(): TemplateResult {
    const groups = this.number.split(' ')
    // Five digits would be read out as one large number.
    return html`<ol aria-label=${msg('Safety number')} data-testid="safety-number" dir="ltr">
      ${groups.map(
        (group) =>
          html`<li>
            <span aria-hidden="true">${group}</span><span class="visually-hidden">${Array.from(group).join(' ')}</span>
          </li>`,
      )}
    </ol>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-safety-number': WarrenSafetyNumber
  }
}
