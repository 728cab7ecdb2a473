/** Comparing safety numbers with one person: the digits, one's own code, and the camera for theirs. */

import { localized, msg, str } from '@lit/localize'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-camera.ts'
import './warren-qr.ts'
import './warren-safety-number.ts'
import type { Contact, NewVerification, Safety } from '../../protocol/http-people.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { applyContact } from '../model/apply.ts'
import { dialogs, wholeScreenDialogs } from '../styles/dialogs.ts'
import { safetyDialogStyles } from '../styles/safety-dialog.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { dayText } from '../text/format-time.ts'
import { contactName, isolated } from '../text/names.ts'
import { safetySentence } from '../text/safety-sentence.ts'

/** The person's keys are other ones when it changes. */
const stateOf = ({ id, verifiedAt, keysChanged }: Contact): string => `${id} ${verifiedAt} ${keysChanged}`

@customElement('warren-safety-dialog')
@localized()
export class WarrenSafetyDialog extends LitElement {
  static override styles = [base, buttons, fields, dialogs, wholeScreenDialogs, safetyDialogStyles]
  @property({ type: Boolean }) open = false
  @property({ attribute: false }) contact!: Contact
  @state() safety: Safety | undefined
  @state() isScanning = false
  @state() problem = ''
  /** What `safety` was asked for. */
  #asked = ''

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!this.open) this.#asked = ''
    if (changed.has('open') && this.open) {
      this.isScanning = false
      this.problem = ''
      this.safety = undefined
    }
    const now = stateOf(this.contact)
    if (!this.open || now === this.#asked) return
    this.#asked = now
    void this.#ask(now)
  }

  override render(): TemplateResult {
    const name = isolated(contactName(this.contact))
    return html`<wa-dialog
      label=${msg(str`Safety number with ${name}`)}
      light-dismiss
      data-testid="safety-dialog"
      ?open=${this.open}
      @wa-after-hide=${(event: Event) => {
        event.stopPropagation()
        if (event.target === event.currentTarget) this.#close()
      }}
    >
      ${this.open ? this.#content() : nothing}
    </wa-dialog>`
  }

  #content(): TemplateResult {
    const problem =
      this.problem === ''
        ? nothing
        : html`<p class="error" role="alert" data-testid="safety-problem">
            ${icon('alert')}<span>${this.problem}</span>
          </p>`
    return this.isScanning ? this.#scan(problem) : this.#number(problem)
  }

  #number(problem: TemplateResult | typeof nothing): TemplateResult {
    const { safety, contact } = this
    return html`${problem}${this.#standing(contact)}
    ${
      safety === undefined
        ? nothing
        : html`<warren-safety-number .number=${safety.number}></warren-safety-number>
            <p class="text">
              ${msg('Compare it face to face, or in a call where you know the voice. If both of you see the same digits, nobody is in between.')}
            </p>
            <warren-qr .text=${safety.code} .label=${msg('QR code of your safety number')}></warren-qr>
            ${this.#newDevices(safety)}
            <div class="row-buttons">
              <button
                type="button"
                class="button"
                data-testid="scan-code"
                @click=${async () => await this.#showCamera(true)}
              >
                ${icon('camera')}${msg('Scan their code')}
              </button>
              ${this.#answer(contact, safety)}
            </div>`
    }`
  }

  #standing(contact: Contact): TemplateResult {
    const name = isolated(contactName(contact))
    if (contact.keysChanged === true)
      return html`<p class="standing changed" data-testid="standing">
        ${icon('alert')}<span
          >${msg(str`${name}’s keys were replaced after you had verified them. This is a new number: compare it before you trust it.`)}</span
        >
      </p>`
    return contact.verified
      ? html`<p class="standing verified" data-testid="standing">
          ${icon('verified')}<span>${msg(str`Verified on ${dayText(contact.verifiedAt ?? 0)}`)}</span>
        </p>`
      : html`<p class="standing" data-testid="standing">${icon('shield')}<span>${msg('Not verified')}</span></p>`
  }

  #newDevices({ newDevices }: Safety): TemplateResult | typeof nothing {
    if (newDevices.length === 0) return nothing
    const count = newDevices.length
    const words =
      count === 1
        ? msg('One device was added since you verified them:')
        : msg(str`${count} devices were added since you verified them:`)
    return html`<p class="hint" data-testid="new-devices">
      ${words} <span class="mono">${newDevices.join(', ')}</span>
    </p>`
  }

  #answer(contact: Contact, { number }: Safety): TemplateResult {
    if (contact.verified)
      return html`<button
        type="button"
        class="button danger"
        data-testid="clear-verification"
        @click=${async () => await this.#clear(contact)}
      >
        ${msg('Clear verification')}
      </button>`
    return html`<button
      type="button"
      class="button primary"
      data-testid="they-match"
      @click=${async () => await this.#verify(contact, { number })}
    >
      ${icon('check')}${msg('They match')}
    </button>`
  }

  #scan(problem: TemplateResult | typeof nothing): TemplateResult {
    const name = isolated(contactName(this.contact))
    return html`${problem}
      <warren-camera
        .hint=${msg(str`Hold the safety number’s code on ${name}’s device in front of the camera.`)}
        @warren-code=${async (event: CustomEvent<string>) => await this.#verify(this.contact, { code: event.detail })}
      ></warren-camera>
      <div class="row-buttons">
        <button
          type="button"
          class="button"
          data-testid="back-to-number"
          @click=${async () => await this.#showCamera(false)}
        >
          ${icon('arrow-left')}${msg('Show the number')}
        </button>
      </div>`
  }

  async #showCamera(on: boolean): Promise<void> {
    this.problem = ''
    this.isScanning = on
    // The button that was pressed is gone: the focus stays in the dialog.
    await this.updateComplete
    const next = on ? '[data-testid=back-to-number]' : '[data-testid=scan-code]'
    this.renderRoot.querySelector<HTMLElement>(next)?.focus()
  }

  async #ask(now: string): Promise<void> {
    try {
      const safety = await api.safety(this.contact.id)
      if (this.#asked === now) this.safety = safety
    } catch (error) {
      const code = apiErrorCode(error)
      this.problem =
        code === 'CONFLICT' ? msg('The safety number can be made once they have answered.') : errorSentence(code)
    }
  }

  async #verify(contact: Contact, what: NewVerification): Promise<void> {
    const name = contactName(contact)
    // What is no code of ours is not handed on.
    if (what.code !== undefined && !/^\s*warren:/i.test(what.code)) {
      this.problem = safetySentence('no-code', name)
      return
    }
    try {
      const { result, contact: changed, shownBy } = await api.verify(contact.id, what)
      applyContact(changed)
      this.problem = result === 'match' ? '' : safetySentence(result, name, shownBy)
      if (result !== 'match') return
      announce(msg(str`${isolated(name)} is verified`))
      if (this.isScanning) await this.#showCamera(false)
    } catch (error) {
      const code = apiErrorCode(error)
      this.problem = code === 'BAD_LINK' ? safetySentence('no-code', name) : errorSentence(code)
    }
  }

  async #clear(contact: Contact): Promise<void> {
    try {
      applyContact(await api.clearVerification(contact.id))
      this.problem = ''
      announce(msg(str`${isolated(contactName(contact))} is not verified any more`))
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }

  #close(): void {
    this.dispatchEvent(new Event('warren-closed'))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-safety-dialog': WarrenSafetyDialog
  }
}
