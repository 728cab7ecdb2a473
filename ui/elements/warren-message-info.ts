/** Who has one own message: person by person, device by device. */

import { localized, msg } from '@lit/localize'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-avatar.ts'
import type { Message, Receipt, ReceiptDevice, Receipts, Waking } from '../../protocol/http-conversations.ts'
import { Attempt } from '../attempt.ts'
import { api } from '../client/api.ts'
import { icon } from '../icons.ts'
import { personColor } from '../model/person-names.ts'
import { lastTicks } from '../model/recount.ts'
import { conversationOf } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { dialogs } from '../styles/dialogs.ts'
import { messageInfoStyles } from '../styles/message-info.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { fullTime } from '../text/format-time.ts'
import { receiptDeviceSentence, receiptsSentence, receiptSentence } from '../text/receipt-sentence.ts'

const pictures = { waiting: 'clock', delivered: 'check-double', read: 'check-read' } as const

@customElement('warren-message-info')
@localized()
export class WarrenMessageInfo extends LitElement {
  static override styles = [base, buttons, fields, dialogs, messageInfoStyles]
  /** Shown while there is one. */
  @property({ attribute: false }) message: Message | undefined
  @state() receipts: Receipts | undefined
  readonly #attempt = new Attempt(this, errorSentence)
  /** Somebody got something, came or went: it may be another answer now. */
  readonly #ticks = new SignalController(this, () => lastTicks.value)
  readonly #conversation = new SignalController(this, () => conversationOf(this.message?.conversation ?? ''))
  /** What the newest answer was asked for. */
  #asked: readonly unknown[] = []

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('message')) {
      this.receipts = undefined
      this.#asked = []
      this.#attempt.forget()
      this.#conversation.refresh()
    }
    const { message } = this
    const ticks = this.#ticks.value
    const now = [
      message?.id,
      ticks?.conversation === message?.conversation ? ticks : undefined,
      this.#conversation.value,
    ]
    if (message === undefined || this.#attempt.busy || now.every((each, at) => each === this.#asked[at])) return
    this.#asked = now
    void this.#attempt.run(async () => {
      const receipts = await api.receipts(message.conversation, message.order)
      if (this.message?.id === receipts.id) this.receipts = receipts
    })
  }

  override render(): TemplateResult {
    return html`<wa-dialog
      label=${msg('Who has this message?')}
      light-dismiss
      data-testid="message-info-dialog"
      ?open=${this.message !== undefined}
      @wa-after-hide=${(event: Event) => {
        event.stopPropagation()
        if (event.target === event.currentTarget) this.dispatchEvent(new Event('warren-closed'))
      }}
    >
      ${this.message === undefined ? nothing : this.#content(this.message)}
    </wa-dialog>`
  }

  #content(message: Message): TemplateResult {
    return html`<p class="words" dir="auto">${message.text}</p>
      <p class="small quiet">${fullTime(message.at)}</p>
      ${this.#attempt.shown()} ${this.receipts === undefined ? nothing : this.#told(this.receipts)}`
  }

  #told(receipts: Receipts): TemplateResult {
    const { people, own } = receipts
    return html`<p class="all" role="status" data-testid="message-info-all">${receiptsSentence(receipts)}</p>
      <ul class="people" aria-label=${msg('Person by person')}>
        ${people.map((each) => this.#person(each))}
      </ul>
      ${
        own.length === 0
          ? nothing
          : html`<h2>${msg('Your other devices')}</h2>
              <ul class="devices">
                ${own.map((each) => this.#device(each))}
              </ul>`
      }
      <p class="small quiet">${msg('As far as other devices have said so. Times are those of their clocks.')}</p>`
  }

  #person(receipt: Receipt): TemplateResult {
    const { id, name, state: standing, devices } = receipt
    return html`<li class="person ${standing}" data-testid="receipt" data-state=${standing}>
      <warren-avatar .name=${name} .color=${personColor(this.message?.conversation ?? '', id)}></warren-avatar>
      <div>
        <div class="name"><bdi>${name === '' ? msg('Somebody') : name}</bdi></div>
        <div class="small quiet">${receiptSentence(receipt, this.#woken(receipt))}</div>
        ${
          devices.length < 2
            ? nothing
            : html`<ul class="devices">
                ${devices.map((each) => this.#device(each))}
              </ul>`
        }
      </div>
      ${icon(pictures[standing])}
    </li>`
  }

  #woken({ id }: Receipt): Waking | undefined {
    return this.#conversation.value?.waking?.find((each) => each.id === id)
  }

  #device(device: ReceiptDevice): TemplateResult {
    return html`<li class=${device.held ? 'held' : ''}>
      ${icon('device')}<span><span class="mono">${device.fingerprint}</span> · ${receiptDeviceSentence(device)}</span>
    </li>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-message-info': WarrenMessageInfo
  }
}
