/** Where the owner writes. What stands here is a draft that is kept; Enter sends, Shift+Enter makes a line. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, query } from 'lit/decorators.js'
import './warren-attaching.ts'
import { icon } from '../icons.ts'
import { attach, chosenFor, isReady, mostFiles, takeChosen } from '../model/attaching.ts'
import { announce } from '../model/announcer.ts'
import { draftOf, setDraft } from '../model/drafts.ts'
import { send } from '../model/outbox.ts'
import { sendTyping } from '../model/start.ts'
import { contactOf, conversationOf } from '../model/state.ts'
import { forgetTyping, shouldSendTyping } from '../model/typing.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons } from '../styles/shared.ts'
import { formatLocale } from '../locale.ts'
import { conversationName } from '../text/names.ts'
import { pastedFiles } from './file-drop.ts'
import { bytesLeft } from '../text/utf8-length.ts'

/** A finger's Enter makes a line: there is a button to send with, and no Shift. */
const coarse = matchMedia('(pointer: coarse)')

@customElement('warren-composer')
@localized()
export class WarrenComposer extends LitElement {
  static override shadowRootOptions: ShadowRootInit = { ...LitElement.shadowRootOptions, delegatesFocus: true }
  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: block;
        padding: 8px 14px calc(12px + env(safe-area-inset-bottom));
      }
      form {
        display: flex;
        align-items: end;
        gap: 8px;
        max-width: 860px;
        margin: 0 auto;
      }
      .box {
        flex: 1;
        min-width: 0;
        background: var(--panel);
        border: 1px solid var(--line);
        border-radius: 24px;
        box-shadow: var(--shadow);
        display: flex;
        transition: border-color 120ms;
      }
      .box:focus-within {
        border-color: var(--brand-ink);
        box-shadow: 0 0 0 1px var(--brand-ink);
      }
      textarea:focus-visible {
        outline: none; /* the box around it shows the focus */
      }
      textarea {
        flex: 1;
        min-width: 0;
        font: inherit;
        font-size: 15.5px;
        line-height: 22px;
        color: inherit;
        background: none;
        border: 0;
        outline: 0;
        resize: none;
        padding: 12px 18px;
        height: 46px;
        max-height: min(40vh, 320px);
        overflow-y: auto;
      }
      textarea::placeholder {
        color: var(--ink-quiet);
        opacity: 1;
      }
      .send {
        flex: none;
        width: 48px;
        height: 48px;
        border-radius: 50%;
        background: var(--brand);
        color: #fff;
        display: grid;
        place-items: center;
        transition:
          background-color 120ms,
          transform 120ms;
      }
      .send:hover:not(:disabled) {
        background: var(--brand-hover);
      }
      .send:active:not(:disabled) {
        transform: scale(0.94);
      }
      .send:disabled {
        background: var(--sunken);
        color: var(--ink-quiet);
        opacity: 1;
      }
      .attach {
        flex: none;
        width: 44px;
        height: 48px;
        border-radius: 50%;
        color: var(--ink-quiet);
        display: grid;
        place-items: center;
      }
      .attach:hover {
        color: var(--ink);
      }
      .limit {
        max-width: 860px;
        margin: 0 auto;
        padding: 0 18px 6px;
        font-size: 13px;
        color: var(--ink-quiet);
      }
      .limit.over {
        color: var(--danger);
      }
      @media (max-width: 719px) {
        :host {
          padding: 6px 8px calc(8px + env(safe-area-inset-bottom));
        }
      }
    `,
  ]
  @property() conversation = ''
  @query('textarea') box!: HTMLTextAreaElement
  @query('input[type=file]') picker!: HTMLInputElement
  readonly #chosen = new SignalController(this, () => chosenFor(this.conversation))
  readonly #draft = new SignalController(this, () => draftOf(this.conversation))
  readonly #name = new SignalController(this, () => {
    const conversation = conversationOf(this.conversation)
    return conversation === undefined ? '' : conversationName(conversation, contactOf(conversation))
  })

  override connectedCallback(): void {
    super.connectedCallback()
    this.#draft.refresh()
    this.#chosen.refresh()
    this.#name.refresh()
  }

  override render(): TemplateResult {
    const left = bytesLeft(this.#draft.value)
    const isOver = left !== undefined && left < 0
    return html`<warren-attaching .conversation=${this.conversation}></warren-attaching>
      ${left === undefined ? nothing : this.#limit(left)}
      <form
        @submit=${(event: Event) => {
          event.preventDefault()
          this.#send()
        }}
      >
        ${this.#attachButton()}
        <div class="box">
          <textarea
            rows="1"
            dir="auto"
            data-testid="composer"
            aria-label=${msg(str`Message to ${this.#name.value}`)}
            aria-describedby=${left === undefined ? nothing : 'limit'}
            aria-invalid=${isOver ? 'true' : 'false'}
            placeholder=${msg('Message')}
            enterkeyhint=${coarse.matches ? 'enter' : 'send'}
            @input=${() => this.#onInput()}
            @keydown=${(event: KeyboardEvent) => this.#onKey(event)}
            @paste=${(event: ClipboardEvent) => this.#onPaste(event)}
          ></textarea>
        </div>
        <button
          class="send"
          data-testid="send"
          aria-label=${msg('Send')}
          title=${msg('Send')}
          ?disabled=${isOver || !this.#hasAnything()}
        >
          ${icon('send')}
        </button>
      </form>`
  }

  protected override updated(_changed: PropertyValues): void {
    if (this.box.value !== this.#draft.value) this.box.value = this.#draft.value
    this.box.style.height = '46px'
    const wanted = this.box.scrollHeight
    if (wanted > 46) this.box.style.height = `${wanted}px`
  }

  #attachButton(): TemplateResult {
    return html`<button
        type="button"
        class="attach"
        data-testid="attach"
        aria-label=${msg('Add files')}
        title=${msg('Add files')}
        @click=${() => this.picker.click()}
      >
        ${icon('clip')}
      </button>
      <input
        type="file"
        multiple
        hidden
        data-testid="file-picker"
        @change=${() => {
          this.add([...(this.picker.files ?? [])])
          this.picker.value = '' // the same file may be chosen once more
        }}
      />`
  }

  /** Writing comes first, whatever stands before it. */
  override focus(options?: FocusOptions): void {
    this.box.focus(options)
  }

  /** Chosen, dropped or pasted. */
  add(files: readonly File[]): void {
    const left = attach(this.conversation, files)
    if (left > 0) announce(msg(str`A message holds ${mostFiles} files. ${left} were left out.`))
    this.box.focus()
  }

  #onPaste(event: ClipboardEvent): void {
    const files = pastedFiles(event)
    if (files.length === 0) return
    event.preventDefault()
    this.add(files)
  }

  #hasAnything(): boolean {
    const isSaid = this.#draft.value.trim() !== ''
    return (isSaid || this.#chosen.value.length > 0) && isReady(this.conversation)
  }

  #limit(left: number): TemplateResult {
    if (left === 1 || left === -1) return this.#limitOfOne(left)
    const count = new Intl.NumberFormat(formatLocale()).format(Math.abs(left))
    return html`<p id="limit" class="limit ${left < 0 ? 'over' : ''}" role="status">
      ${
        left < 0
          ? msg(str`Too long by ${count} bytes. Send it in two messages.`)
          : msg(str`${count} bytes left in this message`)
      }
    </p>`
  }

  #limitOfOne(left: number): TemplateResult {
    return html`<p id="limit" class="limit ${left < 0 ? 'over' : ''}" role="status">
      ${left < 0 ? msg('Too long by 1 byte. Send it in two messages.') : msg('1 byte left in this message')}
    </p>`
  }

  #onInput(): void {
    setDraft(this.conversation, this.box.value)
    const isAlone = conversationOf(this.conversation)?.kind === 'self'
    if (!isAlone && this.box.value !== '' && shouldSendTyping(this.conversation)) sendTyping(this.conversation)
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || coarse.matches) return
    event.preventDefault()
    this.#send()
  }

  #send(): void {
    const text = this.box.value
    const left = bytesLeft(text)
    if (!this.#hasAnything() || (left !== undefined && left < 0)) return
    send(this.conversation, text, takeChosen(this.conversation))
    forgetTyping(this.conversation)
    setDraft(this.conversation, '')
    this.box.focus()
    this.dispatchEvent(new Event('warren-sent'))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-composer': WarrenComposer
  }
}
