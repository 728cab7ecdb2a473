/** Settings of notifications: on this browser, while no page is open too, and how much they say. */

import { localized, msg, str } from '@lit/localize'
import '@awesome.me/webawesome/dist/components/switch/switch.js'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import { ApiError, apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import {
  isPushed,
  mayPush,
  notifying,
  patchPush,
  pushSettings,
  setPushed,
  turnOff,
  turnOn,
} from '../model/notifications.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'

const isApple = (): boolean => /iPhone|iPad/.test(navigator.userAgent)

@customElement('warren-notifications')
@localized()
export class WarrenNotifications extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: grid;
        gap: 14px;
      }
    `,
  ]
  readonly #state = new SignalController(this, () => notifying.value)
  readonly #settings = new SignalController(this, () => pushSettings.value)
  readonly #isPushed = new SignalController(this, () => isPushed.value)
  @state() problem = ''

  override render(): TemplateResult {
    return html`${this.#first()} ${mayPush() ? this.#closed() : nothing} ${this.#previews()}
    ${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}`
  }

  #first(): TemplateResult {
    const state = this.#state.value
    if (state === 'unsupported') {
      return html`<p class="quiet">
        ${
          isApple()
            ? msg(
                'On an iPhone, first add Warren to the Home Screen: Share, then “Add to Home Screen”. Open it from there.',
              )
            : msg('This browser shows no notifications.')
        }
      </p>`
    }
    if (state === 'denied') {
      return html`<p class="quiet">
        ${msg('This browser does not let Warren show notifications. You can allow it in the browser’s settings of this page.')}
      </p>`
    }
    if (state === 'ask') {
      return html`<div>
        <button type="button" class="button" @click=${async () => await this.#try(turnOn)}>
          ${icon('bell')}${msg('Turn on notifications')}
        </button>
      </div>`
    }
    return this.#switch()
  }

  #switch(): TemplateResult {
    return html`<wa-switch
      data-testid="notify"
      .checked=${this.#state.value === 'on'}
      @change=${async (event: Event) => await this.#try(isChecked(event) ? turnOn : turnOff)}
      >${msg('Notifications in this browser')}</wa-switch
    >`
  }

  #closed(): TemplateResult {
    const service = this.#settings.value?.subscriptions.find(({ current }) => current)?.service
    return html`<wa-switch
      data-testid="notify-closed"
      .checked=${this.#isPushed.value}
      .hint=${
        service === undefined
          ? msg(
              'Sent by this computer through the push service of your browser’s maker, which learns when, and for which browser; not who, and not what.',
            )
          : msg(str`Through ${service}, which learns when, and for which browser; not who, and not what.`)
      }
      @change=${async (event: Event) => await this.#try(async () => await setPushed(isChecked(event)))}
      >${msg('Also while Warren is closed')}</wa-switch
    >`
  }

  #previews(): TemplateResult | typeof nothing {
    const settings = this.#settings.value
    if (settings === undefined || this.#state.value === 'unsupported') return nothing
    return html`<wa-switch
      data-testid="notify-previews"
      .checked=${settings.previews}
      .hint=${msg('For all your browsers. Without it a notification only says that there is a new message.')}
      @change=${async (event: Event) => await this.#try(async () => await patchPush({ previews: isChecked(event) }))}
      >${msg('Show who wrote, and what')}</wa-switch
    >`
  }

  async #try(work: () => Promise<void>): Promise<void> {
    this.problem = ''
    try {
      await work()
    } catch (error) {
      this.problem =
        error instanceof ApiError
          ? errorSentence(apiErrorCode(error))
          : msg('The push service of this browser could not be reached. Notifications are shown while Warren is open.')
    }
    this.requestUpdate() // the switches go back to what is true
  }
}

const isChecked = (event: Event): boolean => (event.target as HTMLInputElement).checked

declare global {
  interface HTMLElementTagNameMap {
    'warren-notifications': WarrenNotifications
  }
}
