/** First run: a name, the addresses, and whether devices nearby may see the name. */

import { localized, msg } from '@lit/localize'
import '@awesome.me/webawesome/dist/components/switch/switch.js'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './warren-addresses.ts'
import './warren-avatar.ts'
import './warren-banner.ts'
import './warren-linking.ts'
import './warren-logo.ts'
import './warren-recover.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { me } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons, cards, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'

@customElement('warren-welcome')
@localized()
export class WarrenWelcome extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    cards,
    css`
      :host {
        display: block;
        height: 100%;
        overflow-y: auto;
      }
      .other {
        width: min(520px, 100%);
        margin: 0 auto;
        padding: 0 16px 40px;
      }
      summary {
        min-height: 44px;
        cursor: pointer;
        text-align: center;
      }
      form {
        width: min(520px, 100%);
        margin: 0 auto;
        padding: clamp(24px, 6vh, 64px) 16px 32px;
      }
      header {
        text-align: center;
        margin-bottom: 28px;
      }
      warren-logo {
        --size: 64px;
        margin: 0 auto 18px;
      }
      h1 {
        font-size: 28px;
        letter-spacing: -0.02em;
        line-height: 1.2;
        margin-bottom: 8px;
      }
      header p {
        color: var(--ink-quiet);
        font-size: 16px;
        text-wrap: balance;
      }
      .name {
        display: flex;
        gap: 16px;
        align-items: center;
      }
      .name > div {
        flex: 1;
        min-width: 0;
      }
      .card p.hint {
        margin: 0 0 14px;
      }
      .button.primary {
        width: 100%;
        min-height: 50px;
        margin-top: 20px;
        font-size: 16px;
        border-radius: 14px;
      }
      .error {
        margin-top: 16px;
      }
    `,
  ]
  readonly #me = new SignalController(this, () => me.value)
  @state() name: string | undefined
  @state() busy = false
  @state() problem = ''

  override render(): TemplateResult {
    const name = this.name ?? this.#me.value?.name ?? ''
    return html`<warren-banner></warren-banner>
      <form @submit=${async (event: Event) => await this.#submit(event)} data-testid="welcome">
        <header>
          <warren-logo></warren-logo>
          <h1>${msg('Welcome to Warren')}</h1>
          <p>${msg('Your people, your devices, nothing in between. No account, no phone number, no server.')}</p>
        </header>
        <main>
          <div class="card name">
            <warren-avatar .name=${name} .color=${this.#me.value?.color ?? ''}></warren-avatar>
            <div>
              <label for="name">${msg('What shall others call you?')}</label>
              <input
                id="name"
                type="text"
                autocomplete="name"
                maxlength="64"
                required
                .value=${name}
                @input=${(event: InputEvent) => {
                  this.name = (event.target as HTMLInputElement).value
                }}
              />
            </div>
          </div>
          <section class="card">
            <wa-switch
              id="nearby"
              checked
              .hint=${msg('People on the same network see your name in their list. You can change this at any time.')}
              >${msg('Visible by name to devices nearby')}</wa-switch
            >
          </section>
          <section class="card">
            <h2>${msg('How others reach you')}</h2>
            <p class="hint">${msg('Give one of these to somebody who does not see you in their list.')}</p>
            <warren-addresses></warren-addresses>
          </section>
          ${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
          <button class="button primary" ?disabled=${this.busy || name.trim() === ''}>${msg('Start chatting')}</button>
        </main>
      </form>
      <aside class="other" data-testid="other-device">
        <details>
          <summary>${msg('I already use Warren on another device')}</summary>
          <div class="card"><warren-linking .side=${'new'}></warren-linking></div>
        </details>
        <details data-testid="recover">
          <summary>${msg('My devices are lost, and I have my 24 words')}</summary>
          <div class="card"><warren-recover></warren-recover></div>
        </details>
      </aside>`
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault()
    const name = (this.name ?? this.#me.value?.name ?? '').trim()
    if (name === '' || this.busy) return
    const visibleNearby = this.renderRoot.querySelector('wa-switch')?.checked ?? true
    this.busy = true
    try {
      me.value = await api.patchMe({ name, visibleNearby, welcomed: true })
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    } finally {
      this.busy = false
    }
  }
}
