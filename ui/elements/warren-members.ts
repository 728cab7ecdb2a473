/** Who belongs to a group, with a search; each leads to what may be done about them. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import './warren-add-members.ts'
import './warren-avatar.ts'
import './warren-member.ts'
import type { Group, GroupMember } from '../../protocol/http-groups.ts'
import { icon } from '../icons.ts'
import { loadMembers, members } from '../model/members.ts'
import { isOnline } from '../model/presence.ts'
import { personName } from '../model/person-names.ts'
import { contacts } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { memberRowStyles } from '../styles/member-row.ts'
import { base, buttons, cards, fields } from '../styles/shared.ts'
import { groupErrorSentence } from '../text/group-error-sentence.ts'
import { lastSeen } from '../text/format-time.ts'
import { shortFingerprint } from '../text/names.ts'
import { roleName } from '../text/role-words.ts'
import { verifiedMark } from './verified-mark.ts'

/** More than this are drawn only when asked for. */
const fewMembers = 40
/** From here on a search helps. */
const searchFrom = 8

/** @slot - other ways to let somebody in. */
@customElement('warren-members')
@localized()
export class WarrenMembers extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    cards,
    memberRowStyles,
    css`
      :host {
        display: block;
      }
      .add {
        width: 100%;
        justify-content: flex-start;
        padding-inline: 10px;
        background: none;
      }
      .error {
        margin-bottom: 12px;
      }
      input {
        margin-bottom: 8px;
      }
    `,
  ]
  @property() conversation = ''
  @property({ attribute: false }) group!: Group
  @state() filter = ''
  @state() all = false
  @state() shownMember = ''
  @state() isOpen = false
  @state() isAdding = false
  readonly #members = new SignalController(this, () => members.value.get(this.conversation))
  readonly #contacts = new SignalController(this, () => contacts.value)

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('conversation')) return
    this.#members.refresh()
    this.filter = ''
    this.all = false
    void loadMembers(this.conversation)
  }

  override render(): TemplateResult {
    const items = this.#members.value?.items ?? []
    const failed = this.#members.value?.failed
    return html`<section class="card" aria-labelledby="heading" data-testid="members">
      <h2 id="heading">${msg('Members')}</h2>
      ${failed === undefined ? nothing : html`<p class="error" role="alert">${icon('alert')}${groupErrorSentence(failed)}</p>`}
      ${this.group.rights.invite && this.group.standing === 'joined' ? this.#adding(items) : nothing}
      <slot></slot>
      ${items.length < searchFrom ? nothing : this.#search()} ${this.#list(items)}
      <warren-member
        .conversation=${this.conversation}
        .member=${items.find(({ id }) => id === this.shownMember)}
        ?open=${this.isOpen}
        @warren-closed=${() => {
          this.isOpen = false
        }}
      ></warren-member>
    </section>`
  }

  #adding(items: readonly GroupMember[]): TemplateResult {
    return html`<button
        type="button"
        class="button add"
        data-testid="add-members"
        @click=${() => {
          this.isAdding = true
        }}
      >
        ${icon('add-person')}${msg('Add people')}
      </button>
      <warren-add-members
        .conversation=${this.conversation}
        .members=${items}
        ?open=${this.isAdding}
        @warren-closed=${() => {
          this.isAdding = false
        }}
      ></warren-add-members>`
  }

  #search(): TemplateResult {
    return html`<input
      type="search"
      aria-label=${msg('Search members')}
      placeholder=${msg('Search members')}
      .value=${this.filter}
      @input=${(event: InputEvent) => {
        this.filter = (event.target as HTMLInputElement).value
      }}
    />`
  }

  #list(items: readonly GroupMember[]): TemplateResult {
    const wanted = this.filter.trim().toLocaleLowerCase()
    const fitting = items.filter((each) => personName(each).toLocaleLowerCase().includes(wanted))
    const shown = this.all ? fitting : fitting.slice(0, fewMembers)
    return html`<ul>
        ${repeat(
          shown,
          ({ id }) => id,
          (each) => html`<li>${this.#row(each)}</li>`,
        )}
      </ul>
      ${
        shown.length === fitting.length
          ? nothing
          : html`<button
              type="button"
              class="button"
              @click=${() => {
                this.all = true
              }}
            >
              ${msg(str`Show all ${fitting.length}`)}
            </button>`
      }`
  }

  #row(member: GroupMember): TemplateResult {
    const name = personName(member)
    const online = isOnline(member)
    return html`<button
      type="button"
      class="member"
      data-testid="member"
      @click=${() => {
        this.shownMember = member.id
        this.isOpen = true
      }}
    >
      <warren-avatar .name=${name} .color=${member.color} .online=${online && member.mine !== true}></warren-avatar>
      <span class="what">
        <span class="who"
          ><bdi>${name}</bdi>${verifiedMark(this.#contacts.value.get(member.id))}${
            member.lookalike === undefined
              ? nothing
              : html`<span class="alarm"
                  >${icon('alert')}<span class="visually-hidden">${msg('Looks like somebody you know')}</span></span
                >`
          }</span
        >
        <span class="presence ${online ? 'live' : ''}">${this.#presence(member, online)}</span>
      </span>
      ${member.role === 'member' ? nothing : html`<span class="role">${roleName(member.role)}</span>`}
    </button>`
  }

  #presence(member: GroupMember, online: boolean): string {
    if (member.mine === true) return msg('You')
    // Whose name has not come yet is told from others by what cannot be chosen.
    if (member.name === '' && member.petname === '') return shortFingerprint(member.fingerprint)
    if (member.state === 'invited') return msg('Invited, no answer yet')
    return online ? msg('online') : lastSeen(member.lastSeenAt)
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-members': WarrenMembers
  }
}
