/** All about one group: how it looks, who belongs, its rules, and the way out. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-avatar.ts'
import './warren-completeness.ts'
import './warren-delete.ts'
import './warren-export.ts'
import './warren-group-edit.ts'
import './warren-group-rules.ts'
import './warren-invites.ts'
import './warren-leave.ts'
import './warren-members.ts'
import './warren-mute.ts'
import './warren-unaware.ts'
import './warren-arriving.ts'
import type { Group } from '../../protocol/http-groups.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { icon } from '../icons.ts'
import { back } from '../model/route.ts'
import { conversationOf } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { detailsStyles } from '../styles/details.ts'
import { base, buttons, cards, fields } from '../styles/shared.ts'
import { formerWords, membersWords, standingWords } from '../text/group-standing.ts'
import { conversationName, groupPicture } from '../text/names.ts'

@customElement('warren-group-details')
@localized()
export class WarrenGroupDetails extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    cards,
    detailsStyles,
    css`
      .description {
        margin-top: 8px;
        overflow-wrap: anywhere;
        white-space: pre-line;
      }
      .edit {
        margin-top: 14px;
      }
      .mute {
        padding-top: 6px;
      }
      .invite {
        width: 100%;
        justify-content: flex-start;
        background: none;
        padding-inline: 10px;
      }
      .scroll > * + *:not(warren-confirm) {
        margin-top: 16px;
      }
    `,
  ]
  @property() conversation = ''
  @state() isEditing = false
  @state() isInviting = false
  readonly #conversation = new SignalController(this, () => conversationOf(this.conversation))

  override willUpdate(): void {
    this.#conversation.refresh()
  }

  override render(): TemplateResult {
    const conversation = this.#conversation.value
    const close = (): void => back({ name: 'chat', conversation: this.conversation })
    return html`<div class="pane-head">
        <button type="button" class="icon-button" aria-label=${msg('Close')} title=${msg('Close')} @click=${close}>
          ${icon('close')}
        </button>
        <h1 tabindex="-1">${msg('Group')}</h1>
      </div>
      ${conversation?.group === undefined ? nothing : this.#content(conversation, conversation.group)}`
  }

  async focusStart(): Promise<void> {
    await this.updateComplete
    this.renderRoot.querySelector('h1')?.focus()
  }

  #content(conversation: Conversation, group: Group): TemplateResult {
    const { id } = conversation
    const isOver = group.standing === 'left' || group.standing === 'removed' || group.standing === 'closed'
    return html`<div class="scroll" data-testid="group-details">
      ${this.#face(conversation, group)}
      <warren-arriving card .arriving=${conversation.arriving}></warren-arriving>
      <warren-unaware card .group=${group}></warren-unaware>
      <warren-members .conversation=${id} .group=${group}>
        ${group.rights.invite && group.standing === 'joined' ? this.#inviting(conversation, group) : nothing}
      </warren-members>
      <section class="card mute"><warren-mute .conversation=${id}></warren-mute></section>
      <warren-group-rules .conversation=${id} .group=${group}></warren-group-rules>
      ${group.standing === 'joined' ? html`<warren-completeness .conversation=${id}></warren-completeness>` : nothing}
      <section class="card actions">
        <warren-export .conversation=${id}></warren-export>
        <warren-leave .conversation=${conversation}></warren-leave>
        ${isOver ? html`<warren-delete .conversation=${id}></warren-delete>` : nothing}
      </section>
      <warren-group-edit
        .conversation=${conversation}
        ?open=${this.isEditing}
        @warren-closed=${() => {
          this.isEditing = false
        }}
      ></warren-group-edit>
    </div>`
  }

  #face(conversation: Conversation, group: Group): TemplateResult {
    const name = conversationName(conversation, undefined)
    const facts = [
      membersWords(group.members),
      group.broadcast ? msg('only admins write') : '',
      conversation.former === true ? formerWords(group) : standingWords(group),
    ].filter((each) => each !== '')
    return html`<div class="face">
      <warren-avatar group .name=${name} .color=${group.color} .picture=${groupPicture(conversation)}></warren-avatar>
      <h2><bdi>${name}</bdi></h2>
      <p class="quiet small">${facts.join(' · ')}</p>
      ${group.description === '' ? nothing : html`<p class="description" dir="auto">${group.description}</p>`}
      ${group.rights.change && group.standing === 'joined' ? this.#editing() : nothing}
    </div>`
  }

  #editing(): TemplateResult {
    return html`<button
      type="button"
      class="button edit"
      data-testid="edit-group"
      @click=${() => {
        this.isEditing = true
      }}
    >
      ${icon('pencil')}${msg('Edit')}
    </button>`
  }

  #inviting(conversation: Conversation, group: Group): TemplateResult {
    return html`<button
        type="button"
        class="button invite"
        data-testid="open-invites"
        @click=${() => {
          this.isInviting = true
        }}
      >
        ${icon('link')}${msg('Invite by link')}
      </button>
      <warren-invites
        .conversation=${conversation.id}
        .name=${conversation.title}
        .rights=${group.rights}
        ?open=${this.isInviting}
        @warren-closed=${() => {
          this.isInviting = false
        }}
      ></warren-invites>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-group-details': WarrenGroupDetails
  }
}
