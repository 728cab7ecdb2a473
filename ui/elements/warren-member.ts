/** One member of a group: who they are, their devices, and what the owner may do about them. */

import { localized, msg, str } from '@lit/localize'
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-avatar.ts'
import './warren-confirm.ts'
import './warren-lookalike.ts'
import './warren-member-contact.ts'
import type { GroupMember, GroupRole } from '../../protocol/http-groups.ts'
import { Attempt } from '../attempt.ts'
import { api } from '../client/api.ts'
import { groupsApi } from '../client/groups-api.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { applyContact } from '../model/apply.ts'
import { loadMembers } from '../model/members.ts'
import { personName } from '../model/person-names.ts'
import { isOnline } from '../model/presence.ts'
import { contacts } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { dialogs, tallDialogs } from '../styles/dialogs.ts'
import { memberStyles } from '../styles/member.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { lastSeen } from '../text/format-time.ts'
import { groupErrorSentence } from '../text/group-error-sentence.ts'
import { isolated } from '../text/names.ts'
import { roleHint, roleName, roles } from '../text/role-words.ts'
import { verifiedMark } from './verified-mark.ts'

/** What is asked about before it is done. */
type Question = 'remove' | 'transfer' | 'block'

/** @fires warren-closed - it is gone from the screen. */
@customElement('warren-member')
@localized()
export class WarrenMember extends LitElement {
  static override styles = [base, buttons, fields, dialogs, tallDialogs, memberStyles]
  @property() conversation = ''
  /** Undefined once they belong no more. */
  @property({ attribute: false }) member: GroupMember | undefined
  @property({ type: Boolean }) open = false
  @state() asking: Question = 'remove'
  @state() isAsking = false
  readonly #contacts = new SignalController(this, () => contacts.value)
  readonly #attempt = new Attempt(this, groupErrorSentence)

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('open') && this.open) this.#attempt.forget()
    // Removed, here or elsewhere: there is nobody to show.
    if (this.open && this.member === undefined) this.#close()
  }

  override render(): TemplateResult {
    const { member } = this
    return html`<wa-dialog
        label=${msg('Member')}
        light-dismiss
        data-testid="member-dialog"
        ?open=${this.open && member !== undefined}
        @wa-after-hide=${(event: Event) => {
          event.stopPropagation()
          this.#close()
        }}
      >
        ${member === undefined ? nothing : this.#content(member)}
      </wa-dialog>
      ${member === undefined ? nothing : this.#confirm(member)}`
  }

  #content(member: GroupMember): TemplateResult {
    const name = personName(member)
    return html`<div class="face">
        <warren-avatar .name=${name} .color=${member.color}></warren-avatar>
        <h3><bdi>${name}</bdi>${verifiedMark(this.#contacts.value.get(member.id))}</h3>
        ${
          member.name !== name && member.name !== ''
            ? html`<p class="quiet">${msg(str`Calls themselves ${isolated(member.name)}`)}</p>`
            : nothing
        }
        <p class="quiet small">${roleName(member.role)} · ${this.#presence(member)}</p>
      </div>
      ${
        member.lookalike === undefined
          ? nothing
          : html`<warren-lookalike
              .name=${name}
              .fingerprint=${member.fingerprint}
              .lookalike=${member.lookalike}
            ></warren-lookalike>`
      }
      ${this.#attempt.shown()}
      ${member.mine === true ? nothing : html`<warren-member-contact .member=${member}></warren-member-contact>`}
      ${this.#roles(member)} ${this.#devices(member)} ${this.#actions(member)}`
  }

  #presence(member: GroupMember): string {
    if (member.mine === true) return msg('You')
    if (member.state === 'invited') return msg('Invited, no answer yet')
    return isOnline(member) ? msg('online') : lastSeen(member.lastSeenAt)
  }

  #roles(member: GroupMember): TemplateResult | typeof nothing {
    const choices = roles.filter((role) => role === member.role || member.may.roles.includes(role))
    if (choices.length < 2) return nothing
    return html`<fieldset class="roles" ?disabled=${this.#attempt.busy}>
      <legend class="label">${msg('Role')}</legend>
      ${choices.map(
        (role) =>
          html`<label>
            <input
              type="radio"
              name="role"
              value=${role}
              .checked=${role === member.role}
              @change=${async (event: Event) => await this.#give(member, role, event.target as HTMLInputElement)}
            />
            <span>${roleName(role)}<span class="hint">${roleHint(role)}</span></span>
          </label>`,
      )}
    </fieldset>`
  }

  #devices({ devices }: GroupMember): TemplateResult {
    return html`<div class="label">${devices.length === 1 ? msg('Device') : msg('Devices')}</div>
      <ul class="devices">
        ${devices.map(
          ({ fingerprint, online }) =>
            html`<li>
              ${icon('device')}<span class="mono">${fingerprint}</span>${
                online ? html`<span class="live small">${msg('online')}</span>` : nothing
              }
            </li>`,
        )}
      </ul>`
  }

  #actions({ id, may, mine }: GroupMember): TemplateResult | typeof nothing {
    const mayBlock = mine !== true && this.#contacts.value.get(id)?.state !== 'blocked'
    if (!may.transfer && !may.remove && !mayBlock) return nothing
    return html`<div class="actions">
      ${may.transfer ? this.#action('crown', msg('Hand the group over'), 'transfer') : nothing}
      ${may.remove ? this.#action('trash', msg('Remove from the group'), 'remove') : nothing}
      ${mayBlock ? this.#action('block', msg('Block'), 'block') : nothing}
    </div>`
  }

  #action(picture: string, text: string, what: Question): TemplateResult {
    return html`<button
      type="button"
      class="button ${what === 'transfer' ? '' : 'danger'}"
      data-testid=${`${what}-member`}
      ?disabled=${this.#attempt.busy}
      @click=${() => {
        this.asking = what
        this.isAsking = true
      }}
    >
      ${icon(picture)}${text}
    </button>`
  }

  #confirm(member: GroupMember): TemplateResult {
    const question = this.#questionOf(isolated(personName(member)))
    return html`<warren-confirm
      ?open=${this.isAsking}
      .heading=${question.heading}
      .text=${question.text}
      .action=${question.action}
      @warren-cancel=${() => {
        this.isAsking = false
      }}
      @warren-confirm=${async () => {
        this.isAsking = false
        if (this.asking === 'remove') await this.#remove(member)
        else if (this.asking === 'block') await this.#block(member)
        else
          await this.#change(async () => await groupsApi.patchMember(this.conversation, member.id, { transfer: true }))
      }}
    ></warren-confirm>`
  }

  #questionOf(name: string): { heading: string; text: string; action: string } {
    switch (this.asking) {
      case 'remove':
        return {
          heading: msg(str`Remove ${name}?`),
          text: msg(
            str`${name} gets nothing that is written from now on. What ${name} wrote and nobody has received yet is lost to the group: that is on purpose. A member whose devices have not heard of it may still show new messages to ${name} until they do.`,
          ),
          action: msg('Remove'),
        }
      case 'transfer':
        return {
          heading: msg(str`Hand the group over to ${name}?`),
          text: msg(
            str`${name} becomes the one owner whom nobody can remove. You stay an owner. Only ${name} can hand the group on.`,
          ),
          action: msg('Hand over'),
        }
      case 'block':
        return {
          heading: msg(str`Block ${name}?`),
          text: msg(
            str`You no longer see what ${name} writes, here or elsewhere, nor any invitations of theirs. They are not told, and in groups that you both belong to they still see what you write.`,
          ),
          action: msg('Block'),
        }
    }
    return this.asking satisfies never
  }

  async #give(member: GroupMember, role: GroupRole, input: HTMLInputElement): Promise<void> {
    const given = await this.#change(async () => await groupsApi.patchMember(this.conversation, member.id, { role }))
    if (!given) input.checked = false
    else announce(msg('Saved'))
    this.requestUpdate()
  }

  async #block(member: GroupMember): Promise<void> {
    await this.#change(async () => applyContact(await api.patchContact(member.id, { state: 'blocked' })))
  }

  async #remove(member: GroupMember): Promise<void> {
    const removed = await this.#change(async () => await groupsApi.removeMember(this.conversation, member.id))
    if (!removed) return
    announce(msg(str`${personName(member)} was removed`))
    this.#close()
  }

  async #change(work: () => Promise<unknown>): Promise<boolean> {
    const worked = await this.#attempt.run(work)
    await loadMembers(this.conversation)
    return worked
  }

  #close(): void {
    if (this.open) this.dispatchEvent(new Event('warren-closed'))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-member': WarrenMember
  }
}
