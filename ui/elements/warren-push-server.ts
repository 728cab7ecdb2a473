/** Settings of the push server that wakes this device: which one, and what it can see. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import type { PushServerSettings } from '../../protocol/http-push-server.ts'
import { Attempt } from '../attempt.ts'
import { api } from '../client/api.ts'
import { announce } from '../model/announcer.ts'
import { me } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { disclosures } from '../styles/disclosures.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import {
  formerSentence,
  groupsSentence,
  pushServerProblem,
  pushServerSentence,
  troubleSentence,
} from '../text/push-server-sentence.ts'

/** As people type it. */
const withScheme = (text: string): string => (/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`)

@customElement('warren-push-server')
@localized()
export class WarrenPushServer extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    disclosures,
    css`
      :host {
        display: block;
      }
      .server {
        margin-top: 12px;
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 10px;
        margin-top: 12px;
      }
      .row input {
        flex: 1 1 220px;
        width: auto;
        min-width: 0;
      }
      details {
        margin-top: 8px;
      }
      ul {
        margin: 0;
        padding-inline-start: 20px;
        list-style: disc;
        display: grid;
        gap: 6px;
        font-size: 14px;
        color: var(--ink-quiet);
      }
    `,
  ]
  @state() settings: PushServerSettings | undefined
  @state() typed = ''
  readonly #attempt = new Attempt(this, pushServerProblem)
  /** What is used is told along with what else belongs to this device. */
  readonly #me = new SignalController(this, () => me.value)
  #asked: unknown

  protected override willUpdate(): void {
    if (this.#me.value === undefined || this.#me.value === this.#asked) return
    this.#asked = this.#me.value
    void this.#attempt.run(async () => {
      this.settings = await api.pushServer()
    })
  }

  override render(): TemplateResult | typeof nothing {
    const { settings } = this
    return html`<p class="quiet">
        ${msg('A phone that sleeps is woken through a push server of your choice. None is used unless you choose one.')}
      </p>
      ${settings === undefined ? nothing : settings.server === '' ? this.#form() : this.#used(settings)}
      ${this.#attempt.shown()}
      ${this.settings?.former.map(
        (each) => html`<p class="quiet" data-testid="push-server-former">${formerSentence(each)}</p>`,
      )}
      ${this.#sees()}`
  }

  #form(): TemplateResult {
    return html`<form @submit=${async (event: Event) => await this.#submit(event)}>
      <label class="visually-hidden" for="server">${msg('Address of the push server')}</label>
      <div class="row">
        <input
          id="server"
          type="text"
          inputmode="url"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          placeholder="https://push.example.org"
          data-testid="push-server"
          .value=${this.typed}
          @input=${(event: InputEvent) => {
            this.typed = (event.target as HTMLInputElement).value
            this.#attempt.forget()
          }}
        />
        <button class="button" ?disabled=${this.#attempt.busy || this.typed.trim() === ''}>${msg('Use it')}</button>
      </div>
    </form>`
  }

  #used(settings: PushServerSettings): TemplateResult {
    return html`<p class="server" data-testid="push-server-used"><bdi>${settings.server}</bdi></p>
      <p>${pushServerSentence(settings)}</p>
      ${
        settings.groupsWithout === 0
          ? nothing
          : html`<p class="quiet" data-testid="push-server-groups">${groupsSentence(settings.groupsWithout)}</p>`
      }
      ${
        settings.problem === undefined
          ? nothing
          : html`<p data-testid="push-server-problem">${troubleSentence(settings)}</p>`
      }
      <div class="row">
        ${
          settings.problem === undefined
            ? nothing
            : html`<button
                type="button"
                class="button"
                ?disabled=${this.#attempt.busy}
                @click=${async () => await this.#use(settings.server, msg('The push server answers.'))}
              >
                ${msg('Try again')}
              </button>`
        }
        <button
          type="button"
          class="button"
          ?disabled=${this.#attempt.busy}
          @click=${async () => await this.#use('', msg('No push server is used any more.'))}
        >
          ${msg('Use none')}
        </button>
      </div>`
  }

  #sees(): TemplateResult {
    return html`<details>
      <summary>${msg('What a push server can see')}</summary>
      <ul>
        <li>
          ${msg('Where pushes reach this device, only while somebody wakes it. Nothing that is stored there opens.')}
        </li>
        <li>
          ${msg('The network addresses of those who wake this device, how many they are, and when. It keeps none of that; a server that was changed could write it down.')}
        </li>
        <li>
          ${msg('Never who you are, who writes to you, or what: what comes with a wake is sealed for this device.')}
        </li>
        <li>${msg('Apple, or the maker of the browser, sees that this device is woken, and when.')}</li>
      </ul>
    </details>`
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault()
    await this.#use(withScheme(this.typed.trim()), msg('The push server is used from now on.'))
  }

  async #use(server: string, said: string): Promise<void> {
    await this.#attempt.run(async () => {
      this.settings = await api.usePushServer(server)
      this.typed = ''
      announce(said)
    })
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-push-server': WarrenPushServer
  }
}
