/** Somebody added the owner to a group: what it is, who asks, and the answer. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-avatar.ts'
import './warren-confirm.ts'
import type { Group } from '../../protocol/http-groups.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { Attempt } from '../attempt.ts'
import { api } from '../client/api.ts'
import { groupsApi } from '../client/groups-api.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { applyContact } from '../model/apply.ts'
import { personName } from '../model/person-names.ts'
import { go } from '../model/route.ts'
import { contacts } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { noticeStyles } from '../styles/notice.ts'
import { base, buttons, cards, fields } from '../styles/shared.ts'
import { groupErrorSentence } from '../text/group-error-sentence.ts'
import { membersWords } from '../text/group-standing.ts'
import { conversationName, groupPicture, isolated } from '../text/names.ts'

type Inviter = NonNullable<Group['invitedBy']>

@customElement('warren-invitation')
@localized()
export class WarrenInvitation extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    cards,
    noticeStyles,
    css`
      :host {
        display: grid;
        align-items: center;
        justify-items: center;
        padding: 24px 16px;
        overflow-y: auto;
      }
      .card {
        width: min(440px, 100%);
        padding: 28px 24px;
        text-align: center;
      }
      .card > warren-avatar {
        --size: 88px;
        margin: 0 auto 14px;
      }
      h2 {
        overflow-wrap: anywhere;
      }
      .card > h2 {
        font-size: 21px;
        margin-bottom: 4px;
      }
      .description {
        margin-top: 10px;
        overflow-wrap: anywhere;
        white-space: pre-line;
      }
      .by {
        margin-top: 14px;
        overflow-wrap: anywhere;
      }
      .means {
        margin-top: 14px;
        font-size: 14px;
        color: var(--ink-quiet);
        text-wrap: pretty;
      }
      .row-buttons {
        margin-top: 20px;
      }
      .row-buttons .button {
        flex: 1;
      }
      .block {
        width: 100%;
        margin-top: 8px;
        background: none;
      }
      .error {
        margin-top: 14px;
        text-align: start;
      }
    `,
  ]
  @property({ attribute: false }) conversation!: Conversation
  @state() isAsking = false
  readonly #contacts = new SignalController(this, () => contacts.value)
  readonly #attempt = new Attempt(this, groupErrorSentence)

  override render(): TemplateResult | typeof nothing {
    const { group } = this.conversation
    if (group === undefined) return nothing
    const name = conversationName(this.conversation, undefined)
    return html`<section class="card" aria-labelledby="heading" data-testid="invitation">
        <warren-avatar
          group
          .name=${name}
          .color=${group.color}
          .picture=${groupPicture(this.conversation)}
        ></warren-avatar>
        <h2 id="heading"><bdi>${name}</bdi></h2>
        <p class="quiet">
          ${membersWords(group.members)}${group.broadcast ? html` · ${msg('only admins write')}` : nothing}
        </p>
        ${group.description === '' ? nothing : html`<p class="description" dir="auto">${group.description}</p>`}
        ${group.invitedBy === undefined ? nothing : this.#inviter(group.invitedBy)}
        <p class="means">
          ${
            group.history === 'everything'
              ? msg(
                  'If you accept, the members see your name and your devices, and you read what was written before, too.',
                )
              : msg(
                  'If you accept, the members see your name and your devices, and you read what is written from then on.',
                )
          }
        </p>
        ${this.#attempt.shown()}
        <div class="row-buttons">
          <button
            type="button"
            class="button"
            data-testid="decline-group"
            ?disabled=${this.#attempt.busy}
            @click=${async () => await this.#answer('decline')}
          >
            ${msg('Decline')}
          </button>
          <button
            type="button"
            class="button primary"
            data-testid="accept-group"
            ?disabled=${this.#attempt.busy}
            @click=${async () => await this.#answer('accept')}
          >
            ${msg('Accept')}
          </button>
        </div>
        ${this.#blocking(group.invitedBy)}
      </section>
      ${this.#confirm(group.invitedBy)}`
  }

  #inviter(by: Inviter): TemplateResult {
    const name = isolated(personName(by))
    if (by.isContact) return html`<p class="by">${msg(str`${name} invites you.`)}</p>`
    return html`<div class="notice" role="note" data-testid="stranger">
      <p>
        ${icon('alert')}<span
          >${msg(str`Somebody who is not your contact invites you. They call themselves ${name}.`)}</span
        >
      </p>
      <div class="hint">${msg('Everyone chooses their own name. Decline if you do not know what this is.')}</div>
    </div>`
  }

  #blocking(by: Inviter | undefined): TemplateResult | typeof nothing {
    const state = by === undefined ? undefined : this.#contacts.value.get(by.id)?.state
    if (by === undefined || state === 'blocked') return nothing
    return html`<button
      type="button"
      class="button danger block"
      data-testid="block-inviter"
      @click=${() => {
        this.isAsking = true
      }}
    >
      ${icon('block')}${msg(str`Block ${isolated(personName(by))}`)}
    </button>`
  }

  #confirm(by: Inviter | undefined): TemplateResult | typeof nothing {
    if (by === undefined) return nothing
    return html`<warren-confirm
      ?open=${this.isAsking}
      .heading=${msg(str`Block ${isolated(personName(by))}?`)}
      .text=${msg('The invitation is declined, and they can no longer write to you or see you. They are not told that they are blocked.')}
      .action=${msg('Block')}
      @warren-cancel=${() => {
        this.isAsking = false
      }}
      @warren-confirm=${async () => {
        this.isAsking = false
        const blocked = await this.#attempt.run(async () =>
          applyContact(await api.patchContact(by.id, { state: 'blocked' })),
        )
        if (!blocked) return
        announce(msg('You declined'))
        go({ name: 'home' }, { replace: true })
      }}
    ></warren-confirm>`
  }

  async #answer(answer: 'accept' | 'decline'): Promise<void> {
    const { id } = this.conversation
    const answered = await this.#attempt.run(async () => await groupsApi.answer(id, { answer }))
    if (!answered) return
    announce(answer === 'accept' ? msg('You joined') : msg('You declined'))
    if (answer === 'decline') go({ name: 'home' }, { replace: true })
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-invitation': WarrenInvitation
  }
}
