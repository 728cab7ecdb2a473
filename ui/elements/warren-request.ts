/** Who was found, shown before anything is sent; then a note and the request itself. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-avatar.ts'
import './warren-lookalike.ts'
import type { Contact, NewContact, Peer } from '../../protocol/http-people.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { applyContact } from '../model/apply.ts'
import { go } from '../model/route.ts'
import { contacts, mayBeAsked } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { contactName, peerName } from '../text/names.ts'
import { verifiedMark } from './verified-mark.ts'
import { typedAddress } from '../text/typed-address.ts'

@customElement('warren-request')
@localized()
export class WarrenRequest extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: block;
      }
      .who {
        text-align: center;
        padding: 4px 0 18px;
      }
      .who warren-avatar {
        --size: 76px;
        margin: 0 auto 12px;
      }
      h3 {
        font-size: 20px;
        overflow-wrap: anywhere;
        outline: none;
      }
      .print {
        margin: 14px 0;
        padding: 14px;
        border-radius: 14px;
        background: var(--sunken);
        text-align: center;
      }
      .print .mono {
        font-size: 15px;
        letter-spacing: 0.02em;
      }
      .row-buttons {
        margin-top: 16px;
      }
      .row-buttons .primary {
        flex: 1;
      }
      textarea {
        min-height: 76px;
      }
      .error {
        margin-top: 12px;
      }
      .past {
        margin-bottom: 12px;
      }
    `,
  ]
  @property({ attribute: false }) peer: Peer | undefined
  @property() link = ''
  @state() note = ''
  @state() busy = false
  @state() problem = ''
  readonly #contacts = new SignalController(this, () => contacts.value)

  override render(): TemplateResult {
    const known = this.peer === undefined ? undefined : this.#contacts.value.get(this.peer.personId)
    const name = known === undefined ? this.#name() : contactName(known)
    return html`<div data-testid="request">
      <div class="who">
        <warren-avatar .name=${name} .color=${known?.color ?? ''}></warren-avatar>
        <h3 tabindex="-1"><bdi>${name}</bdi>${verifiedMark(known)}</h3>
        ${this.peer === undefined ? nothing : html`<p class="small quiet">${typedAddress(this.peer.addresses[0] ?? '')}</p>`}
      </div>
      ${this.peer === undefined ? nothing : this.#print(this.peer)} ${this.#warning(name)}
      ${known === undefined || mayBeAsked(known) || known.state === 'blocked' ? this.#form(known) : this.#known(known)}
    </div>`
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector('h3')?.focus()
  }

  #name(): string {
    return this.peer === undefined ? msg('The person of this link') : peerName(this.peer)
  }

  #print(peer: Peer): TemplateResult {
    return html`<div class="print">
      <div class="mono" data-testid="fingerprint">${peer.fingerprint}</div>
      <p class="hint">
        ${
          this.link === ''
            ? msg('If it matters who this is, compare this fingerprint with the one on their screen.')
            : msg('This device proved that it is the one the link names.')
        }
      </p>
    </div>`
  }

  #warning(name: string): TemplateResult | typeof nothing {
    const { peer } = this
    return peer?.lookalike === undefined
      ? nothing
      : html`<warren-lookalike
          .name=${name}
          .fingerprint=${peer.fingerprint}
          .lookalike=${peer.lookalike}
        ></warren-lookalike>`
  }

  #past(known: Contact | undefined): string {
    if (known?.state === 'outgoing') return msg('They declined your last request.')
    if (known?.state === 'declined') return msg('You declined their request.')
    if (known?.state === 'removed') return msg('You removed them from your contacts.')
    return known?.state === 'ended' ? msg('They removed you from their contacts.') : ''
  }

  #form(known: Contact | undefined): TemplateResult {
    const past = this.#past(known)
    return html`${past === '' ? nothing : html`<p class="quiet past" role="status">${past}</p>`}
      <form @submit=${async (event: Event) => await this.#send(event)}>
        <label for="note">${msg('A few words, so that they know who you are')}</label>
        <textarea
          id="note"
          rows="2"
          dir="auto"
          maxlength="256"
          data-testid="note"
          .value=${this.note}
          @input=${(event: InputEvent) => {
            this.note = (event.target as HTMLTextAreaElement).value
          }}
        ></textarea>
        ${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
        <div class="row-buttons">
          <button type="button" class="button" @click=${() => this.#back()}>${msg('Back')}</button>
          <button class="button primary" data-testid="send-request" ?disabled=${this.busy}>
            ${msg('Send request')}
          </button>
        </div>
      </form>`
  }

  #known(contact: Contact): TemplateResult {
    const text = {
      accepted: msg('You know each other already.'),
      outgoing: msg('You have asked; the answer is still to come.'),
      incoming: msg('They have asked you: you will find the request above your conversations.'),
      blocked: '',
      declined: '',
      removed: '',
      ended: '',
    }[contact.state]
    const { conversation } = contact
    return html`<p class="quiet" role="status">${text}</p>
      <div class="row-buttons">
        <button type="button" class="button" @click=${() => this.#back()}>${msg('Back')}</button>
        ${
          conversation === undefined
            ? nothing
            : html`<button
                type="button"
                class="button primary"
                @click=${() => go({ name: 'chat', conversation }, { replace: true })}
              >
                ${msg('Open conversation')}
              </button>`
        }
      </div>`
  }

  #back(): void {
    this.dispatchEvent(new CustomEvent('warren-back', { bubbles: true, composed: true }))
  }

  async #send(event: Event): Promise<void> {
    event.preventDefault()
    if (this.busy) return
    const note = this.note.trim()
    const who: NewContact = this.link === '' ? { deviceId: this.peer?.deviceId ?? '' } : { link: this.link }
    this.busy = true
    try {
      const contact = await api.addContact(note === '' ? who : { ...who, note })
      applyContact(contact)
      announce(msg(str`Request sent to ${contactName(contact)}`))
      const { conversation } = contact
      go(conversation === undefined ? { name: 'home' } : { name: 'chat', conversation }, { replace: true })
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    } finally {
      this.busy = false
    }
  }
}
