/** Settings: who the owner is, who sees them, how they are reached, and which browsers are signed in. */

import { localized, msg } from '@lit/localize'
import '@awesome.me/webawesome/dist/components/switch/switch.js'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './warren-addresses.ts'
import './warren-backup.ts'
import './warren-blocked.ts'
import './warren-data-check.ts'
import './warren-declined.ts'
import './warren-devices.ts'
import './warren-copy.ts'
import './warren-keys.ts'
import './warren-notifications.ts'
import './warren-own-code.ts'
import './warren-profile.ts'
import './warren-push-server.ts'
import './warren-sessions.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { chooseLanguage, language, languages } from '../locale.ts'
import { back } from '../model/route.ts'
import { me } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons, cards, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'

@customElement('warren-settings')
@localized()
export class WarrenSettings extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    cards,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        background: var(--ground);
      }
      .scroll {
        flex: 1;
        min-height: 0;
        overflow-y: auto;
        padding: 20px 16px 40px;
      }
      .scroll > * {
        max-width: 620px;
        margin-inline: auto;
      }
      .card p.hint {
        margin: -8px 0 14px;
      }
      .card p.after {
        margin: 10px 0 0;
      }
      .error {
        margin-bottom: 16px;
      }
    `,
  ]
  readonly #me = new SignalController(this, () => me.value)
  @state() problem = ''

  override render(): TemplateResult {
    return html`<div class="pane-head">
        <button
          type="button"
          class="icon-button"
          aria-label=${msg('Back')}
          title=${msg('Back')}
          @click=${() => back({ name: 'home' })}
        >
          ${icon('arrow-left')}
        </button>
        <h1 tabindex="-1">${msg('Settings')}</h1>
      </div>
      <div class="scroll" data-testid="settings">
        ${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
        <warren-profile class="card"></warren-profile>
        ${this.#privacy()}
        <section class="card">
          <h2>${msg('Notifications')}</h2>
          <warren-notifications></warren-notifications>
        </section>
        <section class="card">
          <h2>${msg('Waking this device')}</h2>
          <warren-push-server></warren-push-server>
        </section>
        <section class="card">
          <h2>${msg('How others reach you')}</h2>
          <p class="hint">${msg('Give one of these to somebody who does not see you in their list.')}</p>
          <warren-addresses></warren-addresses>
        </section>
        <section class="card">
          <h2>${msg('Your code')}</h2>
          <warren-own-code></warren-own-code>
        </section>
        ${this.#device()}
        <section class="card">
          <h2>${msg('Your devices')}</h2>
          <warren-devices></warren-devices>
        </section>
        <section class="card">
          <h2>${msg('Lock and keys')}</h2>
          <warren-keys></warren-keys>
        </section>
        <section class="card">
          <h2>${msg('Signed-in browsers')}</h2>
          <warren-sessions></warren-sessions>
        </section>
        <section class="card">
          <h2>${msg('Declined requests')}</h2>
          <warren-declined></warren-declined>
        </section>
        <section class="card">
          <h2>${msg('Blocked people')}</h2>
          <warren-blocked></warren-blocked>
        </section>
        <section class="card">
          <h2>${msg('Backup')}</h2>
          <warren-backup></warren-backup>
        </section>
        <section class="card">
          <h2>${msg('The data of this device')}</h2>
          <warren-data-check></warren-data-check>
        </section>
        ${this.#language()}
      </div>`
  }

  async focusStart(): Promise<void> {
    await this.updateComplete
    this.renderRoot.querySelector('h1')?.focus()
  }

  #privacy(): TemplateResult {
    return html`<section class="card">
      <wa-switch
        data-testid="visible-nearby"
        .checked=${this.#me.value?.visibleNearby ?? false}
        .hint=${
          this.#me.value?.network.nearbyOff === true
            ? msg('Nobody nearby sees this device now: Warren was started with --no-mdns.')
            : msg('People on the same network see your name in their list. Without it they only see an unnamed device.')
        }
        @change=${async (event: Event) => await this.#setVisible((event.target as HTMLInputElement).checked)}
        >${msg('Visible by name to devices nearby')}</wa-switch
      >
    </section>`
  }

  #device(): TemplateResult {
    return html`<section class="card">
      <h2>${msg('This device')}</h2>
      <warren-copy .label=${msg('Fingerprint')} .text=${this.#me.value?.fingerprint ?? ''}></warren-copy>
      <p class="hint after">
        ${msg('Others see this fingerprint before they add you. Its key never leaves this device.')}
      </p>
    </section>`
  }

  #language(): TemplateResult {
    return html`<section class="card">
      <label for="language">${msg('Language')}</label>
      <select
        id="language"
        data-testid="language"
        @change=${async (event: Event) => await chooseLanguage((event.target as HTMLSelectElement).value)}
      >
        ${languages.map(
          (each) =>
            html`<option value=${each.code} lang=${each.code} ?selected=${each.code === language()}>
              ${each.name}
            </option>`,
        )}
      </select>
    </section>`
  }

  async #setVisible(visibleNearby: boolean): Promise<void> {
    try {
      me.value = await api.patchMe({ visibleNearby })
      this.problem = ''
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
      this.requestUpdate() // the switch goes back to what is true
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-settings': WarrenSettings
  }
}
