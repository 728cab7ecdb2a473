/** One conversation: who it is with, what was said, what is being written. */

import { localized, msg, str } from '@lit/localize'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-apart.ts'
import './warren-arriving.ts'
import './warren-avatar.ts'
import type { WarrenComposer } from './warren-composer.ts'
import './warren-composer.ts'
import './warren-delete.ts'
import './warren-group-foot.ts'
import './warren-invitation.ts'
import './warren-keys-changed.ts'
import './warren-export.ts'
import './warren-former-foot.ts'
import './warren-message-info.ts'
import './warren-messages.ts'
import './warren-mismatch-bar.ts'
import './warren-moved-foot.ts'
import './warren-moved.ts'
import './warren-unaware.ts'
import './warren-viewer.ts'
import type { Group } from '../../protocol/http-groups.ts'
import type { Contact } from '../../protocol/http-people.ts'
import type { Conversation, Message } from '../../protocol/http-conversations.ts'
import { icon } from '../icons.ts'
import { loadMembers, members } from '../model/members.ts'
import { typingSentence } from '../model/person-names.ts'
import { isOnline } from '../model/presence.ts'
import { back, go } from '../model/route.ts'
import { contactOf, conversationOf, me, typing } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { chatStyles } from '../styles/chat.ts'
import { base, buttons } from '../styles/shared.ts'
import { lastSeen } from '../text/format-time.ts'
import { membersWords, standingWords, whyNoWriting } from '../text/group-standing.ts'
import { conversationName, groupPicture } from '../text/names.ts'
import { FileDrop } from './file-drop.ts'
import type { Viewing } from './warren-attachments.ts'
import { verifiedMark } from './verified-mark.ts'

@customElement('warren-chat')
@localized()
export class WarrenChat extends LitElement {
  static override styles = [base, buttons, chatStyles]
  @property() conversation = ''
  /** Of which is shown who has it. */
  @state() asked: Message | undefined
  /** The picture that is looked at. */
  @state() viewing: Viewing | undefined
  readonly #drop = new FileDrop(
    this,
    () => this.#composer() !== null,
    (files) => this.#composer()?.add(files),
  )
  readonly #conversation = new SignalController(this, () => conversationOf(this.conversation))
  readonly #contact = new SignalController(this, () => contactOf(conversationOf(this.conversation)))
  readonly #typing = new SignalController(this, () => typing.value.get(this.conversation))
  readonly #members = new SignalController(this, () => members.value.get(this.conversation))
  readonly #isArchive = new SignalController(this, () => me.value?.archive !== undefined)
  #minute: ReturnType<typeof setInterval> | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    for (const each of [this.#conversation, this.#contact, this.#typing, this.#members]) each.refresh()
    if (this.#conversation.value?.kind === 'group') void loadMembers(this.conversation)
    this.#minute = setInterval(() => this.requestUpdate(), 60_000) // "last seen … ago"
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#minute)
  }

  override render(): TemplateResult {
    const conversation = this.#conversation.value
    if (conversation === undefined) {
      return html`<header>
          ${this.#backButton()}
          <h1 tabindex="-1">${msg('Conversation')}</h1>
        </header>
        <p class="gone" role="status">${msg('This conversation is not here any more.')}</p>`
    }
    const contact = this.#contact.value
    if (conversation.group?.standing === 'invited') {
      return html`${this.#header(conversation, contact)}
        <warren-invitation .conversation=${conversation}></warren-invitation>`
    }
    return html`${this.#header(conversation, contact)}
      <warren-arriving .arriving=${conversation.arriving}></warren-arriving>
      <warren-unaware .group=${conversation.group}></warren-unaware>
      <warren-mismatch-bar
        .contact=${contact}
        @warren-open=${() => this.#toDetails(conversation)}
      ></warren-mismatch-bar>
      <warren-keys-changed .contact=${contact}></warren-keys-changed>
      ${this.#isArchive.value ? nothing : html`<warren-moved .contact=${contact}></warren-moved>`}
      <warren-messages
        .conversation=${this.conversation}
        @warren-info=${({ detail }: CustomEvent<Message>) => {
          this.asked = detail
        }}
        @warren-view=${({ detail }: CustomEvent<Viewing>) => {
          this.viewing = detail
        }}
      ></warren-messages>
      ${this.#foot(conversation, contact)}
      <warren-message-info
        .message=${this.asked}
        @warren-closed=${() => {
          this.asked = undefined
        }}
      ></warren-message-info>
      <warren-viewer
        .viewing=${this.viewing}
        @warren-closed=${() => {
          this.viewing = undefined
        }}
      ></warren-viewer>
      ${this.#drop.isOver ? html`<div class="drop" data-testid="drop">${icon('clip')}${msg('Drop files to add them')}</div>` : nothing}`
  }

  /** On a phone the heading takes the focus: the composer's would open the keyboard. */
  async focusStart(narrow: boolean): Promise<void> {
    await this.updateComplete
    const composer = this.renderRoot.querySelector('warren-composer')
    await composer?.updateComplete
    if (narrow || composer === null) this.renderRoot.querySelector('h1')?.focus()
    else composer.focus()
  }

  #composer(): WarrenComposer | null {
    return this.renderRoot.querySelector('warren-composer')
  }

  #toEnd(): void {
    this.renderRoot.querySelector('warren-messages')?.toEnd()
  }

  #header(conversation: Conversation, contact: Contact | undefined): TemplateResult {
    const name = conversationName(conversation, contact)
    return html`<header>
      ${this.#backButton()}
      <warren-avatar
        .name=${name}
        ?group=${conversation.kind === 'group'}
        .color=${conversation.group?.color ?? contact?.color ?? ''}
        .picture=${groupPicture(conversation)}
        .online=${contact?.online === true}
        .notes=${conversation.kind === 'self'}
      ></warren-avatar>
      <div class="who" @click=${() => this.#toDetails(conversation)}>
        <div class="name">
          <h1 tabindex="-1" data-testid="chat-title"><bdi>${name}</bdi></h1>
          ${conversation.former === true ? nothing : verifiedMark(contact)}
        </div>
        <div
          class="presence ${this.#typing.value !== undefined || contact?.online === true ? 'live' : ''}"
          role="status"
          data-testid="presence"
        >
          ${this.#presence(conversation, contact)}
        </div>
      </div>
      ${this.#hasDetails(conversation) ? this.#detailsButton(conversation, name) : nothing}
      ${
        conversation.kind === 'self'
          ? html`<warren-export .conversation=${conversation.id} compact></warren-export>
              <warren-delete .conversation=${conversation.id} compact></warren-delete>`
          : nothing
      }
    </header>`
  }

  #backButton(): TemplateResult {
    return html`<button
      type="button"
      class="icon-button back"
      aria-label=${msg('Back')}
      @click=${() => back({ name: 'home' })}
    >
      ${icon('arrow-left')}
    </button>`
  }

  /** An invitation tells all there is to tell itself. */
  #hasDetails({ kind, contactId, group }: Conversation): boolean {
    return kind === 'group'
      ? group?.standing !== 'invited'
      : contactId !== undefined && this.#contact.value !== undefined
  }

  #detailsButton(conversation: Conversation, name: string): TemplateResult {
    return html`<button
      type="button"
      class="icon-button"
      data-testid="open-details"
      aria-label=${msg(str`Details of ${name}`)}
      title=${msg('Details')}
      @click=${() => this.#toDetails(conversation)}
    >
      ${icon('info')}
    </button>`
  }

  #toDetails(conversation: Conversation): void {
    if (this.#hasDetails(conversation)) go({ name: 'details', conversation: this.conversation })
  }

  #presence(conversation: Conversation, contact: Contact | undefined): string {
    if (conversation.former === true) return msg('From before this device was linked')
    if (conversation.kind === 'self') return msg('Only for you')
    const { group } = conversation
    const typing = typingSentence(conversation, this.#typing.value ?? [])
    if (group !== undefined) return typing || this.#groupPresence(group)
    if (contact === undefined || contact.state !== 'accepted') return ''
    if (typing !== '') return typing
    return contact.online ? msg('online') : lastSeen(contact.lastSeenAt)
  }

  #groupPresence(group: Group): string {
    if (group.standing !== 'joined') return standingWords(group)
    const others = this.#members.value?.items.filter(({ mine, state }) => mine !== true && state === 'joined') ?? []
    return membersWords(group.members, others.filter(isOnline).length)
  }

  #foot(conversation: Conversation, contact: Contact | undefined): TemplateResult | typeof nothing {
    // The banner says why.
    if (this.#isArchive.value) return nothing
    if (conversation.former === true)
      return html`<warren-former-foot .conversation=${conversation.id}></warren-former-foot>`
    if (conversation.group !== undefined && whyNoWriting(conversation.group) !== '')
      return html`<warren-group-foot .conversation=${conversation}></warren-group-foot>`
    if (contact?.movedTo?.answer === 'followed')
      return html`<warren-moved-foot .contact=${contact}></warren-moved-foot>`
    if (conversation.kind === 'direct' && contact?.state !== 'accepted')
      return html`<warren-apart .contact=${contact}></warren-apart>`
    return html`<warren-composer
      .conversation=${this.conversation}
      @warren-sent=${() => this.#toEnd()}
    ></warren-composer>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-chat': WarrenChat
  }
}
