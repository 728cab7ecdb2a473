/** A link into a group, to be scanned, copied or shared. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import './warren-copy.ts'
import './warren-qr.ts'
import { icon } from '../icons.ts'
import { base, buttons } from '../styles/shared.ts'
import { isolated } from '../text/names.ts'

/** @fires warren-back - the owner has seen enough of it. */
@customElement('warren-invite-link')
@localized()
export class WarrenInviteLink extends LitElement {
  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        justify-items: center;
        gap: 16px;
      }
      warren-copy,
      .row-buttons {
        width: 100%;
      }
      p {
        text-align: center;
        text-wrap: balance;
        color: var(--ink-quiet);
      }
      .row-buttons {
        justify-content: center;
      }
    `,
  ]
  /** Of the group. */
  @property() name = ''
  @property() link = ''
  /** What it allows. */
  @property() terms = ''

  override render(): TemplateResult {
    return html`<warren-qr
        .text=${this.link}
        .label=${msg(str`QR code of a link into ${isolated(this.name)}`)}
      ></warren-qr>
      <p>${this.terms}</p>
      <warren-copy clamp .label=${msg('Link into the group')} .text=${this.link} data-testid="group-link"></warren-copy>
      <div class="row-buttons">
        <button type="button" class="button" @click=${() => this.dispatchEvent(new Event('warren-back'))}>
          ${msg('Back')}
        </button>
        ${'share' in navigator ? this.#sharing() : nothing}
      </div>`
  }

  #sharing(): TemplateResult {
    // Closing the sheet of the system is no failure.
    const share = async (): Promise<void> => await navigator.share({ text: this.link }).catch(() => undefined)
    return html`<button type="button" class="button" @click=${share}>${icon('share')}${msg('Share')}</button>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-invite-link': WarrenInviteLink
  }
}
