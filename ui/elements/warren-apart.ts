/** Stands where one would write, while the two are no contacts: why, and the way back. */

import { localized, msg, str } from '@lit/localize'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Contact } from '../../protocol/http-people.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { announce } from '../model/announcer.ts'
import { applyContact } from '../model/apply.ts'
import { foot } from '../styles/feet.ts'
import { base, buttons } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { contactName, isolated } from '../text/names.ts'

@customElement('warren-apart')
@localized()
export class WarrenApart extends LitElement {
  static override styles = [base, buttons, foot]
  @property({ attribute: false }) contact: Contact | undefined
  @state() problem = ''
  @state() busy = false

  override render(): TemplateResult {
    const { contact } = this
    if (contact === undefined) {
      return html`<span data-testid="not-contacts"
        >${msg('You are not contacts at the moment. What was said stays here.')}</span
      >`
    }
    return html`<span role="status" data-testid="not-contacts"
        >${this.problem === '' ? this.#sentence(contact) : this.problem}</span
      >
      ${this.#action(contact)}`
  }

  #sentence(contact: Contact): string {
    const name = isolated(contactName(contact))
    switch (contact.state) {
      case 'ended':
        return msg(str`${name} removed you and is no longer a contact. What was said stays here.`)
      case 'removed':
      case 'declined':
        return msg(str`You removed ${name}. What was said stays here.`)
      case 'outgoing':
        return contact.declined
          ? msg(str`${name} declined your request.`)
          : msg(str`You have asked ${name} again. You can write once they accept.`)
      case 'incoming':
        return msg(str`${name} asks to be your contact again.`)
      case 'blocked':
        return msg(str`You have blocked ${name}.`)
      case 'accepted':
        return ''
    }
    return contact.state satisfies never
  }

  #action(contact: Contact): TemplateResult | typeof nothing {
    switch (contact.state) {
      case 'blocked':
        return this.#button(msg('Unblock'), async () => await api.patchContact(contact.id, { state: 'unblocked' }))
      case 'incoming':
        return this.#button(msg('Accept'), async () => await api.patchContact(contact.id, { state: 'accepted' }))
      case 'outgoing':
        return contact.declined ? this.#askAgain(contact) : nothing
      case 'accepted':
        return nothing
      case 'declined':
      case 'removed':
      case 'ended':
        return this.#askAgain(contact)
    }
    return contact.state satisfies never
  }

  #askAgain(contact: Contact): TemplateResult {
    return this.#button(msg('Send a new request'), async () => {
      const asked = await api.addContact({ contactId: contact.id })
      announce(msg(str`Request sent to ${contactName(contact)}`))
      return asked
    })
  }

  #button(text: string, work: () => Promise<Contact>): TemplateResult {
    return html`<button
      type="button"
      class="button"
      data-testid="apart-action"
      ?disabled=${this.busy}
      @click=${async () => await this.#try(work)}
    >
      ${text}
    </button>`
  }

  async #try(work: () => Promise<Contact>): Promise<void> {
    this.busy = true
    try {
      applyContact(await work())
      this.problem = ''
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    } finally {
      this.busy = false
    }
  }
}
