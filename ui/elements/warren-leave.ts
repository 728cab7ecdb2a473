/** Leaving a group, and closing it for everybody. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-confirm.ts'
import type { Group } from '../../protocol/http-groups.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { Attempt } from '../attempt.ts'
import { groupsApi } from '../client/groups-api.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { members } from '../model/members.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { groupErrorSentence } from '../text/group-error-sentence.ts'
import { conversationName, isolated } from '../text/names.ts'

@customElement('warren-leave')
@localized()
export class WarrenLeave extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: grid;
        gap: 8px;
      }
      .button {
        justify-content: flex-start;
        padding-inline: 10px;
        background: none;
      }
      .first {
        padding: 8px 10px;
        font-size: 14px;
        color: var(--ink-quiet);
        text-wrap: pretty;
      }
    `,
  ]
  @property({ attribute: false }) conversation!: Conversation
  @state() asking: 'leave' | 'close' = 'leave'
  @state() isAsking = false
  readonly #members = new SignalController(this, () => members.value.get(this.conversation?.id ?? ''))
  readonly #attempt = new Attempt(this, groupErrorSentence)

  protected override willUpdate(): void {
    this.#members.refresh()
  }

  override render(): TemplateResult | typeof nothing {
    const { group } = this.conversation
    if (group?.standing !== 'joined') return nothing
    return html`${this.#attempt.shown()} ${this.#leaving(group)}
    ${group.rights.govern ? this.#button('close', msg('Close group for everybody'), 'close') : nothing}
    ${this.#confirm()}`
  }

  /** Whose group it is stays as long as anybody else is in it, or asked to be. */
  #leaving(group: Group): TemplateResult {
    const all = this.#members.value?.items.length ?? group.members
    if (!group.rights.transfer || all <= 1) return this.#button('leave', msg('Leave group'), 'leave')
    return html`<p class="first" data-testid="hand-over-first">
      ${
        group.members > 1
          ? msg('The group is yours: to leave, hand it over to another member first, or close it.')
          : msg('The group is yours, and others are invited: close it, or take the invitations back before you leave.')
      }
    </p>`
  }

  #button(picture: string, text: string, what: 'leave' | 'close'): TemplateResult {
    return html`<button
      type="button"
      class="button danger"
      data-testid=${`${what}-group`}
      ?disabled=${this.#attempt.busy}
      @click=${() => {
        this.asking = what
        this.isAsking = true
      }}
    >
      ${icon(picture)}${text}
    </button>`
  }

  #confirm(): TemplateResult {
    const name = isolated(conversationName(this.conversation, undefined))
    const isLeaving = this.asking === 'leave'
    return html`<warren-confirm
      ?open=${this.isAsking}
      .heading=${isLeaving ? msg(str`Leave ${name}?`) : msg(str`Close ${name} for everybody?`)}
      .text=${
        isLeaving
          ? msg(
              'You get nothing more from it, and the others are told. What was said stays here until you delete it. To come back, somebody has to add you.',
            )
          : msg('Nobody can write in it any more, and it cannot be opened again. What was said stays with everybody.')
      }
      .action=${isLeaving ? msg('Leave group') : msg('Close group')}
      @warren-cancel=${() => {
        this.isAsking = false
      }}
      @warren-confirm=${async () => {
        this.isAsking = false
        await this.#do(isLeaving)
      }}
    ></warren-confirm>`
  }

  async #do(isLeaving: boolean): Promise<void> {
    const { id } = this.conversation
    const done = await this.#attempt.run(async () =>
      isLeaving ? await groupsApi.leave(id) : await groupsApi.close(id),
    )
    if (done) announce(isLeaving ? msg('You left') : msg('You closed the group'))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-leave': WarrenLeave
  }
}
