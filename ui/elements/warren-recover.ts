/** Comes back with the 24 words: types them, sees who was found, says which devices are lost. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { LostDevice, NoRecovery, Recovery } from '../../protocol/http-recovery.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { devicesVersion } from '../model/own-devices.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { isolated } from '../text/names.ts'
import { phraseProblem } from '../text/phrase-problem.ts'
import { recoverySentence } from '../text/recovery-sentence.ts'
import { answererName, askAnswerer, goAlone, lostDevice } from './recover-checks.ts'

@customElement('warren-recover')
@localized()
export class WarrenRecover extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: grid;
        gap: 14px;
      }
      form,
      [role='status'] {
        display: grid;
        gap: 12px;
      }
      p {
        text-wrap: pretty;
      }
      textarea {
        min-height: 116px;
        font-family: var(--mono);
      }
      fieldset {
        display: grid;
        gap: 4px;
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend {
        padding: 0;
        font-weight: 600;
      }
      .check {
        display: flex;
        gap: 12px;
        align-items: center;
        min-height: 48px;
        font-weight: 400;
      }
      .check input {
        flex: none;
        width: 20px;
        height: 20px;
        margin: 0;
        accent-color: var(--brand);
      }
      .row-buttons {
        display: flex;
        flex-wrap: wrap;
        gap: 10px;
      }
    `,
  ]
  /** What this home is: empty, with nothing but the words to go by; or one that knows its person, and cannot speak for them. */
  @property({ attribute: false }) home: 'new' | 'returning' = 'new'
  readonly #version = new SignalController(this, () => devicesVersion.value)
  @state() shown: Recovery | NoRecovery = { state: 'none' }
  @state() words = ''
  @state() address = ''
  @state() lost: ReadonlySet<string> = new Set()
  @state() asks = false
  @state() goesAlone = false
  @state() busy = false
  @state() problem = ''
  #loaded = -1
  #asked = 0

  override render(): TemplateResult {
    const { shown } = this
    return html`${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
      <div role="status">${this.#step(shown)}</div>
      ${shown.state === 'none' || shown.state === 'failed' ? this.#form() : nothing}`
  }

  protected override willUpdate(): void {
    if (this.#loaded === this.#version.value) return
    this.#loaded = this.#version.value
    void this.#refresh()
  }

  /** Locked, or another screen: nothing of it stays. */
  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.words = ''
  }

  #step(shown: Recovery | NoRecovery): TemplateResult | typeof nothing {
    switch (shown.state) {
      case 'none':
        return nothing
      case 'looking':
        return html`<p class="quiet">${msg('Looking for somebody who knows you…')}</p>
          ${this.#end()}`
      case 'found':
        return this.#found(shown)
      case 'writing':
        return html`<p class="quiet">${msg('One moment…')}</p>`
      case 'done':
        return html`<p>
          ${msg('You are back: this is a device of yours. Write down the new words, in the settings.')}
        </p>`
      case 'failed':
        return html`<p class="error">${icon('alert')}${recoverySentence(shown.problem ?? 'failed')}</p>`
    }
    return shown satisfies never
  }

  #form(): TemplateResult {
    return html`<form @submit=${async (event: Event) => await this.#look(event)}>
      <p class="quiet">
        ${
          this.home === 'new'
            ? msg(
                'Somebody has to be there who knows you: a contact, or another device of yours. You become the same person again, with what they hold; Notes to self, and what nobody else holds, come back from a backup or another device of yours alone.',
              )
            : msg(
                'With your 24 words this becomes a device of yours again, with everything that is here and a new key. A contact or another device of yours is asked first whether these words still count.',
              )
        }
      </p>
      <div>
        <label for="words">${msg('Your 24 words, in their order')}</label>
        <textarea
          id="words"
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
          data-testid="recovery-words"
          .value=${this.words}
          @input=${(event: InputEvent) => {
            this.words = (event.target as HTMLTextAreaElement).value
          }}
        ></textarea>
      </div>
      ${this.#addressField()}
      <div class="row-buttons">
        <button class="button primary" data-testid="recovery-look" ?disabled=${this.busy || this.words.trim() === ''}>
          ${this.busy ? msg('One moment…') : msg('Go on')}
        </button>
      </div>
    </form>`
  }

  #addressField(): TemplateResult {
    return html`<div>
      <label for="address">${msg('Address of a contact or of another device of yours, if none is nearby')}</label>
      <input
        id="address"
        type="text"
        autocomplete="off"
        spellcheck="false"
        data-testid="recovery-address"
        .value=${this.address}
        @input=${(event: InputEvent) => {
          this.address = (event.target as HTMLInputElement).value
        }}
      />
    </div>`
  }

  #found({ name = '', devices = [], from, alone }: Recovery): TemplateResult {
    return html`<p data-testid="recovery-found">
        ${name === '' ? msg('You were found.') : msg(str`You were found: ${isolated(name)}.`)}
        ${
          from === undefined
            ? nothing
            : from.own
              ? msg(str`Another device of yours answered: ${from.fingerprint}.`)
              : msg(str`Somebody who knows you answered: ${answererName(from)}.`)
        }
      </p>
      <fieldset>
        <legend>${msg('Which of your devices are lost? They are removed.')}</legend>
        ${devices.map((each) => this.#device(each))}
      </fieldset>
      ${from?.askable === true ? askAnswerer(from, { checked: this.asks, change: (asks) => (this.asks = asks) }) : nothing}
      ${alone === true ? goAlone({ checked: this.goesAlone, change: (goes) => (this.goesAlone = goes) }) : nothing}
      <p class="small quiet">
        ${msg('Your contacts are told that you came back with your words. The words are replaced: new ones wait in the settings to be written down.')}
      </p>
      <div class="row-buttons">
        <button
          type="button"
          class="button primary"
          data-testid="recovery-finish"
          ?disabled=${alone === true && !this.goesAlone}
          @click=${async () => {
            const askHelper = this.asks && from?.askable === true
            await this.#ask(
              async () => await api.finishRecovery({ remove: [...this.lost], askHelper, alone: this.goesAlone }),
            )
          }}
        >
          ${msg('Make this a device of mine')}
        </button>
        ${this.#end()}
      </div>`
  }

  #device(device: LostDevice): TemplateResult {
    const { deviceId } = device
    const change = (checked: boolean): void => {
      const lost = new Set(this.lost)
      if (checked) lost.add(deviceId)
      else lost.delete(deviceId)
      this.lost = lost
    }
    return lostDevice(device, { checked: this.lost.has(deviceId), change })
  }

  #end(): TemplateResult {
    return html`<button
      type="button"
      class="button"
      @click=${async () => {
        await this.#ask(api.endRecovery)
      }}
    >
      ${msg('Cancel')}
    </button>`
  }

  async #look(event: Event): Promise<void> {
    event.preventDefault()
    const address = this.address.trim()
    const wish = { words: this.words, ...(address === '' ? {} : { address }) }
    this.lost = new Set()
    this.asks = false
    this.goesAlone = false
    if (await this.#ask(async () => await api.beginRecovery(wish))) this.words = ''
  }

  /** The answer to the last question counts, in whatever order they come. */
  async #refresh(): Promise<void> {
    this.#asked += 1
    const asked = this.#asked
    try {
      const shown = await api.recovery()
      if (asked === this.#asked) this.shown = shown
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }

  /** Whether it was answered. */
  async #ask(question: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false
    this.busy = true
    try {
      await question()
      this.problem = ''
      await this.#refresh()
      return true
    } catch (error) {
      this.problem = phraseProblem(error) ?? errorSentence(apiErrorCode(error))
      return false
    } finally {
      this.busy = false
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-recover': WarrenRecover
  }
}
