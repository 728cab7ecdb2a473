/** All about one person, and what the owner may do about them. */

import { localized, msg, str } from '@lit/localize'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-avatar.ts'
import './warren-arriving.ts'
import './warren-completeness.ts'
import type { WarrenConfirm } from './warren-confirm.ts'
import './warren-confirm.ts'
import './warren-delete.ts'
import './warren-export.ts'
import './warren-lookalike.ts'
import './warren-mismatches.ts'
import './warren-mute.ts'
import './warren-safety.ts'
import type { Contact, ContactPatch } from '../../protocol/http-people.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { applyContact, forgetContact, forgetConversation } from '../model/apply.ts'
import { back, go, writeRoute } from '../model/route.ts'
import { contactOf, contacts, conversationOf, conversations, mayBeAsked, me } from '../model/state.ts'
import { unblock } from '../model/unblock.ts'
import { SignalController } from '../signal-controller.ts'
import { detailsStyles } from '../styles/details.ts'
import { base, buttons, cards, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { lastSeen } from '../text/format-time.ts'
import { contactName, isolated } from '../text/names.ts'
import { verifiedMark } from './verified-mark.ts'

@customElement('warren-details')
@localized()
export class WarrenDetails extends LitElement {
  static override styles = [base, buttons, fields, cards, detailsStyles]
  /** Either a direct conversation … */
  @property() conversation = ''
  /** … or a person without one. */
  @property() contact = ''
  @state() asking: 'block' | 'remove' = 'block'
  /** Apart from `asking`: the question must not change its words while it fades away. */
  @state() isAsking = false
  @state() problem = ''
  readonly #isArchive = new SignalController(this, () => me.value?.archive !== undefined)
  readonly #all = new SignalController(this, () => conversations.value)
  readonly #contact = new SignalController(this, () => this.#find())

  override willUpdate(): void {
    this.#contact.refresh()
  }

  override render(): TemplateResult {
    const contact = this.#contact.value
    return html`<div class="pane-head">
        <button
          type="button"
          class="icon-button"
          aria-label=${msg('Close')}
          title=${msg('Close')}
          @click=${() => this.#close()}
        >
          ${icon('close')}
        </button>
        <h1 tabindex="-1">${msg('Details')}</h1>
      </div>
      ${
        contact === undefined
          ? html`<p class="gone" role="status">${msg('This person is not here any more.')}</p>`
          : this.#content(contact)
      }`
  }

  async focusStart(): Promise<void> {
    await this.updateComplete
    this.renderRoot.querySelector('h1')?.focus()
  }

  #find(): Contact | undefined {
    return this.conversation === '' ? contacts.value.get(this.contact) : contactOf(conversationOf(this.conversation))
  }

  #conversationOf(contact: Contact): Conversation | undefined {
    return [...this.#all.value.values()].find((each) => each.contactId === contact.id)
  }

  #close(): void {
    back(this.conversation === '' ? { name: 'home' } : { name: 'chat', conversation: this.conversation })
  }

  #content(contact: Contact): TemplateResult {
    return html`<div class="scroll" data-testid="details">
      ${this.#face(contact)}
      ${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
      ${
        contact.lookalike === undefined
          ? nothing
          : html`<warren-lookalike
              .name=${contactName(contact)}
              .fingerprint=${contact.fingerprint}
              .lookalike=${contact.lookalike}
            ></warren-lookalike>`
      }
      <warren-mismatches .contact=${contact}></warren-mismatches>
      ${this.#isArchive.value ? nothing : html`<section class="card">${this.#petname(contact)} ${this.#mute(contact)}</section>`}
      <warren-safety .contact=${contact}></warren-safety>
      ${this.#completeness(contact)}
      <section class="card actions">
        <warren-export .conversation=${this.#conversationOf(contact)?.id ?? ''}></warren-export>
        ${this.#isArchive.value ? nothing : this.#changes(contact)}
      </section>
      ${this.#confirm(contact)}
    </div>`
  }

  #completeness(contact: Contact): TemplateResult | typeof nothing {
    const conversation = this.#conversationOf(contact)
    if (conversation === undefined || contact.state !== 'accepted') return nothing
    return html`<warren-arriving card .arriving=${conversation.arriving}></warren-arriving>
      <warren-completeness .conversation=${conversation.id}></warren-completeness>`
  }

  #changes(contact: Contact): TemplateResult {
    return html`${this.#actions(contact)}
      <warren-delete .conversation=${this.#conversationOf(contact)?.id ?? ''}></warren-delete>`
  }

  #face(contact: Contact): TemplateResult {
    const name = contactName(contact)
    return html`<div class="face">
      <warren-avatar .name=${name} .color=${contact.color} .online=${contact.online}></warren-avatar>
      <h2><bdi>${name}</bdi>${verifiedMark(contact)}</h2>
      ${
        contact.petname !== '' && contact.name !== '' && contact.name !== contact.petname
          ? html`<p class="quiet">${msg(str`Calls themselves ${isolated(contact.name)}`)}</p>`
          : nothing
      }
      ${this.#earlier(contact)}
      ${contact.status === '' ? nothing : html`<p class="status" dir="auto">${contact.status}</p>`}
      <p class="quiet small">${this.#standing(contact)}</p>
    </div>`
  }

  /** Whom they were until the owner followed them. */
  #earlier({ cameFrom }: Contact): TemplateResult | typeof nothing {
    if (cameFrom?.answer !== 'followed' || cameFrom.conversation === undefined) return nothing
    return html`<p class="small">
      <a href=${writeRoute({ name: 'chat', conversation: cameFrom.conversation })} data-testid="earlier"
        >${msg('What was said before, from another device')}</a
      >
    </p>`
  }

  #standing(contact: Contact): string {
    const { movedTo } = contact
    if (movedTo?.answer === 'followed') return msg(str`Continues as ${isolated(movedTo.name)}`)
    switch (contact.state) {
      case 'blocked':
        return msg('Blocked')
      case 'incoming':
        return msg('Wants to be your contact')
      case 'outgoing':
        return contact.declined ? msg('Declined your request') : msg('Asked, no answer yet')
      case 'declined':
        return msg('You declined their request.')
      case 'removed':
        return msg('You removed them from your contacts.')
      case 'ended':
        return msg('They removed you from their contacts.')
      case 'accepted':
    }
    return contact.online ? msg('online') : lastSeen(contact.lastSeenAt)
  }

  #petname(contact: Contact): TemplateResult {
    return html`<label for="petname">${msg('Your name for them')}</label>
      <input
        id="petname"
        type="text"
        dir="auto"
        maxlength="64"
        autocomplete="off"
        data-testid="petname"
        placeholder=${contact.name}
        .value=${contact.petname}
        @change=${async (event: Event) => {
          const petname = (event.target as HTMLInputElement).value.trim()
          if (await this.#patch(contact, { petname })) announce(msg('Saved'))
        }}
      />
      <p class="hint">${msg('Only you see it.')}</p>`
  }

  #mute(contact: Contact): TemplateResult | typeof nothing {
    const conversation = this.#conversationOf(contact)
    if (conversation === undefined || contact.state !== 'accepted') return nothing
    return html`<warren-mute .conversation=${conversation.id}></warren-mute>`
  }

  #actions(contact: Contact): TemplateResult {
    const { state } = contact
    const isBlocked = state === 'blocked'
    return html`${mayBeAsked(contact) ? this.#askAgain(contact) : nothing}
    ${
      state === 'declined' || state === 'incoming'
        ? this.#action('check', msg('Accept'), 'accept', async () => {
            await this.#patch(contact, { state: 'accepted' })
          })
        : nothing
    }
    ${
      isBlocked
        ? this.#action('block', msg('Unblock'), 'block', async () => {
            await this.#try(async () => await unblock(contact.id))
          })
        : this.#action('block', msg('Block'), 'block danger', () => this.#ask('block'))
    }
    ${state === 'removed' || state === 'ended' ? nothing : this.#removal(contact)}`
  }

  #removal(contact: Contact): TemplateResult {
    // Nobody is told of these, and nothing is lost: no question.
    const now = async (): Promise<void> => await this.#remove(contact)
    if (contact.state === 'outgoing') return this.#action('trash', msg('Withdraw the request'), 'remove danger', now)
    if (contact.state === 'declined') return this.#action('trash', msg('Forget the request'), 'remove danger', now)
    return this.#action('trash', msg('Remove contact'), 'remove danger', () => this.#ask('remove'))
  }

  #askAgain(contact: Contact): TemplateResult {
    return this.#action('add-person', msg('Send a new request'), 'ask-again', async () => {
      const asked = await this.#try(async () => applyContact(await api.addContact({ contactId: contact.id })))
      if (asked) announce(msg(str`Request sent to ${contactName(contact)}`))
    })
  }

  /** `look`: the test id, and `danger` for what takes something away. */
  #action(picture: string, text: string, look: string, work: () => Promise<void> | void): TemplateResult {
    const [testId = '', danger = ''] = look.split(' ')
    return html`<button type="button" class="button ${danger}" data-testid=${testId} @click=${async () => await work()}>
      ${icon(picture)}${text}
    </button>`
  }

  #ask(what: 'block' | 'remove'): void {
    this.asking = what
    this.isAsking = true
  }

  #confirm(contact: Contact): TemplateResult {
    const name = contactName(contact)
    const isBlock = this.asking === 'block'
    return html`<warren-confirm
      ?open=${this.isAsking}
      .heading=${isBlock ? msg(str`Block ${isolated(name)}?`) : msg(str`Remove ${isolated(name)}?`)}
      .text=${
        isBlock
          ? msg(
              'They can no longer write to you or see you, and are not told. What they write meanwhile never arrives, not even if you unblock them.',
            )
          : msg(
              'You will no longer reach each other, and they are told. What was said stays. If you change your mind, ask them again.',
            )
      }
      .action=${isBlock ? msg('Block') : msg('Remove contact')}
      @warren-cancel=${() => {
        this.isAsking = false
      }}
      .choice=${isBlock || contact.conversation === undefined ? '' : msg('Delete the conversation on this device, too')}
      @warren-confirm=${async (event: Event) => {
        const { chosen } = event.currentTarget as WarrenConfirm
        this.isAsking = false
        if (isBlock) await this.#patch(contact, { state: 'blocked' })
        else await this.#remove(contact, chosen)
      }}
    ></warren-confirm>`
  }

  async #patch(contact: Contact, change: ContactPatch): Promise<boolean> {
    return await this.#try(async () => applyContact(await api.patchContact(contact.id, change)))
  }

  async #remove({ id, state, conversation }: Contact, withMessages = false): Promise<void> {
    const removed = await this.#try(async () => {
      await api.removeContact(id)
      // A former contact is told of by an event: the conversation goes on to show who it was with.
      if (state !== 'accepted') forgetContact(id)
      if (!withMessages || conversation === undefined) return
      await api.deleteConversation(conversation)
      forgetConversation(conversation)
      await api.removeContact(id)
      forgetContact(id)
    })
    if (removed) go({ name: 'home' }, { replace: true })
  }

  async #try(work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      this.problem = ''
      return true
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
      return false
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-details': WarrenDetails
  }
}
