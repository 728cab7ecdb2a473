/** How a browser on a phone gets to this daemon: a one-use code for its camera, or how to have the page served at all. */

import { localized, msg } from '@lit/localize'
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './warren-copy.ts'
import './warren-qr.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { dialogs } from '../styles/dialogs.ts'
import { base, buttons } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'

@customElement('warren-phone')
@localized()
export class WarrenPhone extends LitElement {
  static override styles = [
    base,
    buttons,
    dialogs,
    css`
      wa-dialog {
        --width: min(420px, calc(100vw - 32px));
      }
      .code {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        justify-items: center;
        gap: 16px;
      }
      warren-copy {
        width: 100%;
      }
      .code p {
        text-align: center;
        text-wrap: balance;
        color: var(--ink-quiet);
      }
      ol {
        margin: 12px 0;
        padding-inline-start: 20px;
        list-style: decimal;
      }
      li {
        margin-top: 10px;
      }
      code {
        font-size: 13px;
        overflow-wrap: anywhere;
      }
    `,
  ]
  @state() open = false
  @state() link = ''
  /** Nothing serves this daemon elsewhere. */
  @state() isUnserved = false
  @state() problem = ''

  override render(): TemplateResult {
    return html`<button type="button" class="button" @click=${async () => await this.#show()}>
        ${icon('qr')}${msg('Open on your phone')}
      </button>
      <wa-dialog
        label=${msg('Warren on your phone')}
        ?open=${this.open}
        data-testid="phone"
        @wa-after-hide=${() => this.#close()}
      >
        ${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
        ${this.link === '' ? nothing : this.#code()} ${this.isUnserved ? this.#howTo() : nothing}
      </wa-dialog>`
  }

  #code(): TemplateResult {
    return html`<div class="code">
      <warren-qr .text=${this.link} .label=${msg('QR code that opens Warren on your phone')}></warren-qr>
      <p>
        ${msg('Scan this with the camera of a phone on the same tailnet. It works once, for 10 minutes. Whoever scans it can read and write as you: show it to nobody else.')}
      </p>
      <warren-copy clamp .label=${msg('Link for your phone')} .text=${this.link} data-testid="phone-link"></warren-copy>
    </div>`
  }

  #howTo(): TemplateResult {
    return html`<p>
        ${msg('A phone reaches this device over your tailnet, at an https address that no device outside of it can open. On this device:')}
      </p>
      <ol>
        <li>
          ${msg('Start Warren with the address that your tailnet gave this device:')}<br /><code
            >warren start --serve-socket ~/warren.sock --serve-origin https://laptop.tailnet.ts.net</code
          >
        </li>
        <li>${msg('Let Tailscale serve it:')}<br /><code>sudo tailscale serve --bg unix:$HOME/warren.sock</code></li>
        <li>${msg('Come back here for a code.')}</li>
      </ol>`
  }

  async #show(): Promise<void> {
    this.#close()
    this.open = true
    try {
      this.link = (await api.servedLink()).url
    } catch (error) {
      const code = apiErrorCode(error)
      if (code === 'NOT_FOUND') this.isUnserved = true
      else this.problem = errorSentence(code)
    }
  }

  /** The code is not kept in a page that nobody looks at. */
  #close(): void {
    this.open = false
    this.link = ''
    this.isUnserved = false
    this.problem = ''
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-phone': WarrenPhone
  }
}
