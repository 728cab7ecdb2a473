/** Contact requests: those that ask the owner, or those of the owner that wait for an answer. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-avatar.ts'
import './warren-lookalike.ts'
import type { Contact, ContactPatch } from '../../protocol/http-people.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { applyContact, forgetContact } from '../model/apply.ts'
import { go, writeRoute } from '../model/route.ts'
import { incoming, outgoing } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { contactName, isolated } from '../text/names.ts'
import { sharedGroups } from '../text/shared-groups.ts'
import { verifiedMark } from './verified-mark.ts'

@customElement('warren-requests')
@localized()
export class WarrenRequests extends LitElement {
  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: block;
      }
      section {
        padding: 0 14px 8px;
      }
      h2 {
        font-size: 13px;
        font-weight: 600;
        color: var(--ink-quiet);
        padding: 6px 4px;
      }
      li + li {
        margin-top: 8px;
      }
      .card {
        border-radius: 16px;
        padding: 14px;
        background: var(--brand-soft);
      }
      .who {
        display: flex;
        gap: 12px;
        align-items: center;
        min-width: 0;
      }
      .who > div {
        min-width: 0;
        flex: 1;
      }
      .who warren-avatar {
        --size: 40px;
      }
      .name {
        font-weight: 600;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .note {
        margin-top: 10px;
        overflow-wrap: anywhere;
        white-space: pre-line;
        max-height: 6.5em;
        overflow: auto;
      }
      .shared {
        margin-top: 10px;
        overflow-wrap: anywhere;
      }
      .row-buttons {
        margin-top: 12px;
      }
      .row-buttons .button {
        padding: 8px 12px;
        flex: 1;
      }
      .row-buttons .button:not(.primary) {
        background: var(--panel);
      }
      .out {
        display: flex;
        align-items: center;
        gap: 4px;
        padding: 4px 0 4px 4px;
      }
      .out a {
        flex: 1;
        min-width: 0;
        color: inherit;
        text-decoration: none;
        border-radius: 12px;
      }
      .problem {
        color: var(--danger);
        margin-top: 8px;
        font-size: 14px;
      }
    `,
  ]
  @property() kind: 'incoming' | 'outgoing' = 'incoming'
  @property() filter = ''
  @state() problems: ReadonlyMap<string, string> = new Map()
  readonly #incoming = new SignalController(this, () => incoming.value)
  readonly #outgoing = new SignalController(this, () => outgoing.value)

  override render(): TemplateResult {
    const isIncoming = this.kind === 'incoming'
    const shown = (isIncoming ? this.#incoming.value : this.#outgoing.value).filter((each) => this.#matches(each))
    if (shown.length === 0) return html``
    const title = isIncoming ? msg('Contact requests') : msg('Waiting for an answer')
    return html`<section aria-label=${title}>
      <h2>${title}</h2>
      <ul>
        ${shown.map((each) => html`<li>${isIncoming ? this.#ask(each) : this.#wait(each)}</li>`)}
      </ul>
    </section>`
  }

  #matches(contact: Contact): boolean {
    return contactName(contact).toLocaleLowerCase().includes(this.filter.trim().toLocaleLowerCase())
  }

  #ask(contact: Contact): TemplateResult {
    return html`<div class="card" data-testid="incoming-request">
      <div class="who">
        <warren-avatar .name=${contactName(contact)} .color=${contact.color}></warren-avatar>
        <div>
          <div class="name"><bdi>${contactName(contact)}</bdi>${verifiedMark(contact)}</div>
          <div class="mono small quiet">${contact.fingerprint}</div>
        </div>
      </div>
      ${contact.groups === undefined ? nothing : html`<p class="shared small quiet" data-testid="shared-groups">${sharedGroups(contact)}</p>`}
      ${contact.note === '' ? nothing : html`<p class="note" dir="auto">${contact.note}</p>`}
      ${
        contact.lookalike === undefined
          ? nothing
          : html`<warren-lookalike
              .name=${contactName(contact)}
              .fingerprint=${contact.fingerprint}
              .lookalike=${contact.lookalike}
            ></warren-lookalike>`
      }
      ${
        contact.cameFrom?.answer === 'open'
          ? html`<p class="note">${msg(str`Until now they wrote as ${isolated(contact.cameFrom.name)}.`)}</p>`
          : nothing
      }
      <div class="row-buttons">
        <button type="button" class="button primary" @click=${async () => await this.#answer(contact, 'accepted')}>
          ${msg('Accept')}
        </button>
        <button type="button" class="button" @click=${async () => await this.#answer(contact, 'declined')}>
          ${msg('Decline')}
        </button>
        <button type="button" class="button danger" @click=${async () => await this.#answer(contact, 'blocked')}>
          ${msg('Block')}
        </button>
      </div>
      ${this.#problem(contact)}
    </div>`
  }

  #wait(contact: Contact): TemplateResult {
    return html`<div class="out" data-testid="outgoing-request">
        <a class="who" href=${writeRoute({ name: 'person', contact: contact.id })}>
          <warren-avatar .name=${contactName(contact)} .color=${contact.color}></warren-avatar>
          <div>
            <div class="name"><bdi>${contactName(contact)}</bdi>${verifiedMark(contact)}</div>
            <div class="small quiet">
              ${contact.declined ? msg('Declined your request') : msg('Asked, no answer yet')}
            </div>
          </div>
        </a>
        ${contact.declined ? this.#askAgain(contact) : nothing}
        <button
          type="button"
          class="icon-button"
          aria-label=${msg('Withdraw the request')}
          title=${msg('Withdraw the request')}
          @click=${async () => await this.#withdraw(contact)}
        >
          ${icon('close')}
        </button>
      </div>
      ${this.#problem(contact)}`
  }

  #askAgain(contact: Contact): TemplateResult {
    return html`<button
      type="button"
      class="icon-button"
      aria-label=${msg(str`Ask ${contactName(contact)} again`)}
      title=${msg('Ask again')}
      @click=${async () =>
        await this.#try(contact, async () => {
          applyContact(await api.addContact({ contactId: contact.id, note: contact.note }))
          announce(msg(str`Request sent to ${contactName(contact)}`))
        })}
    >
      ${icon('reload')}
    </button>`
  }

  #problem(contact: Contact): TemplateResult | typeof nothing {
    const text = this.problems.get(contact.id)
    return text === undefined ? nothing : html`<p class="problem" role="alert">${text}</p>`
  }

  async #answer(contact: Contact, answer: NonNullable<ContactPatch['state']>): Promise<void> {
    await this.#try(contact, async () => {
      const changed = await api.patchContact(contact.id, { state: answer })
      applyContact(changed)
      if (answer === 'declined') announce(msg('Declined. You find the request in the settings.'))
      if (changed.conversation !== undefined && answer === 'accepted') {
        go({ name: 'chat', conversation: changed.conversation })
      }
    })
  }

  async #withdraw(contact: Contact): Promise<void> {
    await this.#try(contact, async () => {
      await api.removeContact(contact.id)
      forgetContact(contact.id)
    })
  }

  async #try(contact: Contact, work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.problems = new Map()
    } catch (error) {
      this.problems = new Map([[contact.id, errorSentence(apiErrorCode(error))]])
    }
  }
}
