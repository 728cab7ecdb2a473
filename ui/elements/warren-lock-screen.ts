/** The lock screen: asks for the passphrase, once the daemon has proved that it is the owner's own. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './warren-logo.ts'
import { ApiError, apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { unlock } from '../model/start.ts'
import { screenStyles } from '../styles/screen.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'

@customElement('warren-lock-screen')
@localized()
export class WarrenLockScreen extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    screenStyles,
    css`
      .lead {
        margin-bottom: 24px;
      }
      .error {
        margin-bottom: 16px;
      }
      .primary {
        width: 100%;
        min-height: 46px;
      }
      .head {
        display: flex;
        justify-content: space-between;
        align-items: baseline;
      }
      .head .button {
        min-height: 32px;
        padding: 4px 10px;
        margin-bottom: 4px;
        background: none;
        font-size: 13.5px;
        color: var(--brand-ink);
      }
    `,
  ]
  @state() typed = ''
  @state() isShown = false
  @state() busy = false
  @state() problem = ''

  override render(): TemplateResult {
    return html`<main data-testid="lock-screen">
      <warren-logo></warren-logo>
      <h1>${msg('Warren is locked')}</h1>
      <p class="lead">${msg('Your history stays sealed, and you reach nobody, until you unlock it.')}</p>
      ${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
      <form @submit=${async (event: Event) => await this.#submit(event)}>
        <div class="field">
          <div class="head">
            <label for="passphrase">${msg('Passphrase')}</label>
            <button
              type="button"
              class="button"
              aria-pressed=${this.isShown}
              @click=${() => {
                this.isShown = !this.isShown
              }}
            >
              ${msg('Show what I type')}
            </button>
          </div>
          <input
            id="passphrase"
            type=${this.isShown ? 'text' : 'password'}
            autocomplete="off"
            autocapitalize="off"
            spellcheck="false"
            aria-describedby="hint"
            data-testid="passphrase"
            .value=${this.typed}
            @input=${(event: InputEvent) => {
              this.typed = (event.target as HTMLInputElement).value
            }}
          />
          <p class="hint" id="hint">${msg('Forgotten? Type your recovery key here instead.')}</p>
        </div>
        <button class="button primary" ?disabled=${this.busy || this.typed === ''} data-testid="unlock">
          ${this.busy ? msg('Unlocking…') : msg('Unlock')}
        </button>
      </form>
    </main>`
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector('input')?.focus()
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault()
    if (this.busy || this.typed === '') return
    this.busy = true
    this.problem = ''
    try {
      await unlock(this.typed)
      this.typed = ''
    } catch (error) {
      this.problem = this.#sentence(error)
      await this.updateComplete
      this.renderRoot.querySelector('input')?.select()
    } finally {
      this.busy = false
    }
  }

  #sentence(error: unknown): string {
    const code = apiErrorCode(error)
    if (code !== 'RATE_LIMITED' || !(error instanceof ApiError)) return errorSentence(code)
    const seconds = Math.max(1, Math.ceil(error.retryAfterMs / 1000))
    return msg(str`Too many wrong ones. Try again in ${seconds} s.`)
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-lock-screen': WarrenLockScreen
  }
}
