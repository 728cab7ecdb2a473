/** Shows the 24 words after a deliberate press, asks for three of them, and keeps none. */

import { localized, msg, str } from '@lit/localize'
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { ShownPhrase } from '../../protocol/http-phrase.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { dialogs, tallDialogs } from '../styles/dialogs.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { phraseProblem } from '../text/phrase-problem.ts'
import { typedSecret } from '../text/typed-secret.ts'
import { printSheet } from './print-sheet.ts'
import { currentSecret, secretField } from './secret-field.ts'

@customElement('warren-phrase-dialog')
@localized()
export class WarrenPhraseDialog extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    dialogs,
    tallDialogs,
    css`
      ol {
        columns: 120px;
        column-gap: 10px;
        margin: 14px 0;
        padding: 14px;
        border-radius: 12px;
        background: var(--sunken);
        font-family: var(--mono);
        font-size: 16px;
      }
      li {
        display: flex;
        gap: 8px;
        line-height: 1.8;
        break-inside: avoid;
      }
      .place {
        width: 2ch;
        text-align: right;
        color: var(--ink-quiet);
      }
      .field {
        margin-top: 14px;
      }
    `,
  ]
  @property({ type: Boolean }) open = false
  @state() needsCurrent = false
  @state() current = ''
  @state() shown: ShownPhrase | undefined
  @state() isAsking = false
  @state() answers: readonly string[] = []
  @state() busy = false
  @state() problem = ''

  override render(): TemplateResult {
    return html`<wa-dialog
      label=${msg('Recovery phrase')}
      ?open=${this.open}
      data-testid="phrase-dialog"
      @wa-after-hide=${(event: Event) => {
        event.stopPropagation()
        this.#end()
      }}
    >
      ${this.shown === undefined ? this.#before() : this.isAsking ? this.#asking(this.shown) : this.#words(this.shown)}
    </wa-dialog>`
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('open') && this.open) void this.#begin()
  }

  /** Locked, or another screen: nothing of it stays. */
  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#forget()
  }

  #before(): TemplateResult {
    return html`<form @submit=${async (event: Event) => await this.#show(event)}>
      <p class="text">
        ${msg('Have paper and a pen ready, and see that nobody looks on. A photo or a file of the words may end up where others find it.')}
      </p>
      ${this.#problem()}
      ${
        this.needsCurrent
          ? secretField({
              id: 'current',
              testId: 'phrase-current',
              label: currentSecret(),
              value: this.current,
              isFirst: true,
              onType: (text) => {
                this.current = text
              },
            })
          : nothing
      }
      <div class="row-buttons">
        <button type="button" class="button" @click=${() => this.#end()}>${msg('Cancel')}</button>
        <button
          class="button primary"
          data-testid="phrase-show"
          ?disabled=${this.busy || (this.needsCurrent && this.current === '')}
        >
          ${this.busy ? msg('One moment…') : msg('Show the words')}
        </button>
      </div>
    </form>`
  }

  #words({ words }: ShownPhrase): TemplateResult {
    return html`<p class="text">
        ${msg('Write them down in this order. Three of them are asked for next; then no device has them any more.')}
      </p>
      <ol data-testid="phrase-words">
        ${words.map((word, at) => html`<li><span class="place">${at + 1}</span> <span class="word">${word}</span></li>`)}
      </ol>
      <div class="row-buttons">
        <button
          type="button"
          class="button"
          @click=${() =>
            printSheet(
              msg('Warren recovery phrase'),
              words.map((word, at) => `${at + 1}. ${word}`),
            )}
        >
          ${msg('Print')}
        </button>
        <button
          type="button"
          class="button primary"
          data-testid="phrase-written"
          @click=${() => {
            this.isAsking = true
          }}
        >
          ${msg('I have written them down')}
        </button>
      </div>`
  }

  #asking({ asked }: ShownPhrase): TemplateResult {
    return html`<form @submit=${async (event: Event) => await this.#confirm(event)}>
      <p class="text">${msg('Type these three from your paper.')}</p>
      ${this.#problem()}
      ${asked.map(
        (place, at) =>
          html`<div class="field">
            <label for=${`word-${at}`}>${msg(str`Word ${place}`)}</label>
            <input
              id=${`word-${at}`}
              type="text"
              autocomplete="off"
              autocapitalize="none"
              spellcheck="false"
              ?autofocus=${at === 0}
              .value=${this.answers[at] ?? ''}
              @input=${(event: InputEvent) => {
                this.answers = this.answers.with(at, (event.target as HTMLInputElement).value)
              }}
            />
          </div>`,
      )}
      <div class="row-buttons">
        <button
          type="button"
          class="button"
          @click=${() => {
            this.isAsking = false
            this.problem = ''
          }}
        >
          ${msg('Show the words again')}
        </button>
        <button
          class="button primary"
          data-testid="phrase-confirm"
          ?disabled=${this.busy || this.answers.some((answer) => answer.trim() === '')}
        >
          ${this.busy ? msg('One moment…') : msg('Done')}
        </button>
      </div>
    </form>`
  }

  #problem(): TemplateResult | typeof nothing {
    return this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`
  }

  async #begin(): Promise<void> {
    try {
      this.needsCurrent = (await api.keySlots()).some(({ kind }) => kind !== 'file')
    } catch {
      // The daemon says so itself if it is needed.
    }
  }

  async #show(event: Event): Promise<void> {
    event.preventDefault()
    await this.#try(async () => {
      const shown = await api.showPhrase(this.needsCurrent ? { current: typedSecret(this.current) } : {})
      // Closed, or locked, while it was asked for.
      if (!this.open || !this.isConnected) return
      this.current = ''
      this.answers = shown.asked.map(() => '')
      this.shown = shown
    })
  }

  async #confirm(event: Event): Promise<void> {
    event.preventDefault()
    await this.#try(async () => {
      await api.phraseWritten({ answers: [...this.answers] })
      announce(msg('Written down. This device has forgotten the words.'))
      this.#end()
    })
  }

  async #try(task: () => Promise<void>): Promise<void> {
    if (this.busy) return
    this.busy = true
    this.problem = ''
    try {
      await task()
    } catch (error) {
      this.problem = phraseProblem(error) ?? errorSentence(apiErrorCode(error))
    } finally {
      this.busy = false
    }
  }

  #forget(): void {
    this.shown = undefined
    this.answers = []
    this.current = ''
    this.problem = ''
    this.isAsking = false
  }

  #end(): void {
    this.#forget()
    this.dispatchEvent(new Event('warren-cancel'))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-phrase-dialog': WarrenPhraseDialog
  }
}
