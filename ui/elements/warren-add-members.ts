/** Adding contacts to a group: they are asked, and belong once they accept. */

import { localized, msg } from '@lit/localize'
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-people-picker.ts'
import type { GroupMember } from '../../protocol/http-groups.ts'
import { Attempt } from '../attempt.ts'
import { groupsApi } from '../client/groups-api.ts'
import { announce } from '../model/announcer.ts'
import { loadMembers } from '../model/members.ts'
import { contacts } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { dialogs, tallDialogs } from '../styles/dialogs.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { groupErrorSentence } from '../text/group-error-sentence.ts'

/** @fires warren-closed - it is gone from the screen. */
@customElement('warren-add-members')
@localized()
export class WarrenAddMembers extends LitElement {
  static override styles = [base, buttons, fields, dialogs, tallDialogs]
  @property() conversation = ''
  @property({ attribute: false }) members: readonly GroupMember[] = []
  @property({ type: Boolean }) open = false
  @state() chosen: readonly string[] = []
  readonly #contacts = new SignalController(this, () => contacts.value)
  readonly #attempt = new Attempt(this, groupErrorSentence)

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('open') || !this.open) return
    this.chosen = []
    this.#attempt.forget()
  }

  override render(): TemplateResult {
    return html`<wa-dialog
      label=${msg('Add people')}
      light-dismiss
      data-testid="add-members-dialog"
      ?open=${this.open}
      @wa-after-hide=${(event: Event) => {
        event.stopPropagation()
        this.#close()
      }}
    >
      ${this.open ? this.#content() : nothing}
    </wa-dialog>`
  }

  #content(): TemplateResult {
    const there = new Set(this.members.map(({ id }) => id))
    const people = [...this.#contacts.value.values()].filter(({ id, state }) => state === 'accepted' && !there.has(id))
    return html`<p class="text">
        ${
          people.length === 0
            ? msg('All your contacts are here already. Others can join by link.')
            : msg('They are asked, and belong once they accept.')
        }
      </p>
      ${
        people.length === 0
          ? nothing
          : html`<warren-people-picker
                .people=${people}
                .chosen=${this.chosen}
                @warren-picked=${(event: CustomEvent<readonly string[]>) => {
                  this.chosen = event.detail
                }}
              ></warren-people-picker>
              ${this.#attempt.shown()}
              <div class="row-buttons">
                <button
                  type="button"
                  class="button primary"
                  data-testid="add-chosen"
                  ?disabled=${this.chosen.length === 0 || this.#attempt.busy}
                  @click=${async () => await this.#add()}
                >
                  ${msg('Add')}
                </button>
              </div>`
      }`
  }

  async #add(): Promise<void> {
    const added = await this.#attempt.run(async () => {
      for (const id of this.chosen) {
        await groupsApi.addMember(this.conversation, { id })
        this.chosen = this.chosen.filter((each) => each !== id)
      }
    })
    void loadMembers(this.conversation)
    if (!added) return
    announce(msg('Added'))
    this.#close()
  }

  #close(): void {
    this.dispatchEvent(new Event('warren-closed'))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-add-members': WarrenAddMembers
  }
}
