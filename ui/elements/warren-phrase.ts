/** The recovery phrase: whether it is written down, and the dialog that shows its 24 words until it is. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './warren-begin-anew.ts'
import './warren-phrase-dialog.ts'
import type { RecoveryPhrase } from '../../protocol/http-phrase.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { devicesVersion } from '../model/own-devices.ts'
import { SignalController } from '../signal-controller.ts'
import { disclosures } from '../styles/disclosures.ts'
import { base, buttons } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { dayText } from '../text/format-time.ts'

@customElement('warren-phrase')
@localized()
export class WarrenPhrase extends LitElement {
  static override styles = [
    base,
    buttons,
    disclosures,
    css`
      h3 {
        font-size: 16px;
        margin: 18px 0 6px;
      }
      p {
        text-wrap: pretty;
      }
      .due {
        display: flex;
        gap: 8px;
        margin: 10px 0;
        font-weight: 600;
      }
      .due .icon {
        flex: none;
        color: var(--brand-ink);
      }
      .state {
        margin-top: 8px;
      }
      details .button {
        margin-top: 12px;
      }
    `,
  ]
  readonly #version = new SignalController(this, () => devicesVersion.value)
  @state() phrase: RecoveryPhrase | undefined
  @state() isOpen = false
  @state() isAsking = false
  @state() problem = ''
  #loaded = -1

  override render(): TemplateResult {
    return html`<h3>${msg('Recovery phrase')}</h3>
      <p class="small quiet">
        ${msg('24 words that bring you back when all your devices are lost: to your contacts you are the same person again. Whoever finds them can be you.')}
      </p>
      ${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
      ${this.phrase === undefined ? nothing : this.#standing(this.phrase)}
      <warren-phrase-dialog
        ?open=${this.isOpen}
        @warren-cancel=${() => {
          this.isOpen = false
        }}
      ></warren-phrase-dialog>`
  }

  protected override willUpdate(): void {
    if (this.#loaded === this.#version.value) return
    this.#loaded = this.#version.value
    void this.#load()
  }

  #standing({ state: where, writtenAt = 0 }: RecoveryPhrase): TemplateResult {
    if (where === 'written')
      return html`<p class="state" data-testid="phrase-state">
          ${msg(str`Written down on ${dayText(writtenAt)}. No device of yours has the words any more.`)}
        </p>
        ${this.#lost()}`
    if (where === 'elsewhere')
      return html`<p class="state" data-testid="phrase-state">
          ${msg('The words are kept on another device of yours, and can be written down there.')}
        </p>
        ${this.#lost()}`
    return html`<p class="due" data-testid="phrase-state">
        ${icon('alert')}${msg('Not written down yet. Until then they are on this device alone, and lost with it.')}
      </p>
      <button
        type="button"
        class="button"
        data-testid="show-phrase"
        aria-haspopup="dialog"
        @click=${() => {
          this.isOpen = true
        }}
      >
        ${icon('lock')}${msg('Write down the recovery phrase…')}
      </button>`
  }

  /** No device replaces the words, or a stolen one could: who lost them goes on as somebody with others. */
  #lost(): TemplateResult {
    return html`<details data-testid="phrase-lost">
        <summary>${msg('The words are lost')}</summary>
        <p class="small quiet">
          ${msg('Nothing replaces lost words but the words: else a stolen device could. You can go on as somebody who has new ones. Your contacts are asked to follow you; groups have to bring you in again. Link your other devices afterwards: contacts are asked once all of them have gone on. Remove those that are gone before.')}
        </p>
        <button
          type="button"
          class="button"
          data-testid="begin-anew"
          aria-haspopup="dialog"
          @click=${() => {
            this.isAsking = true
          }}
        >
          ${msg('Begin anew with other words…')}
        </button>
      </details>
      <warren-begin-anew
        ?open=${this.isAsking}
        @warren-cancel=${() => {
          this.isAsking = false
        }}
      ></warren-begin-anew>`
  }

  async #load(): Promise<void> {
    try {
      this.phrase = await api.phrase()
      this.problem = ''
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-phrase': WarrenPhrase
  }
}
