/** From a member of a group to the person: write to them, ask them, let them in again, or compare safety numbers. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { GroupMember } from '../../protocol/http-groups.ts'
import { Attempt } from '../attempt.ts'
import { api } from '../client/api.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { applyContact, applyConversation } from '../model/apply.ts'
import { personName } from '../model/person-names.ts'
import { go } from '../model/route.ts'
import { contacts, mayBeAsked } from '../model/state.ts'
import { unblock } from '../model/unblock.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'

@customElement('warren-member-contact')
@localized()
export class WarrenMemberContact extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      .row-buttons {
        justify-content: center;
      }
      .quiet {
        text-align: center;
        margin-bottom: 8px;
      }
      .error {
        margin-top: 12px;
      }
    `,
  ]
  @property({ attribute: false }) member!: GroupMember
  readonly #contacts = new SignalController(this, () => contacts.value)
  readonly #attempt = new Attempt(this, errorSentence)

  override render(): TemplateResult {
    const contact = this.#contacts.value.get(this.member.id)
    const asked = contact?.state === 'outgoing' && !contact.declined
    const mayAsk = contact === undefined || mayBeAsked(contact)
    return html`${asked ? html`<p class="quiet">${msg('Asked, no answer yet')}</p>` : nothing}
      ${contact?.state === 'blocked' ? html`<p class="quiet">${msg('Blocked: you do not see what they write here.')}</p>` : nothing}
      <div class="row-buttons">
        ${contact?.state === 'accepted' ? this.#button('chat', msg('Write to them'), 'write', async () => await this.#write()) : nothing}
        ${mayAsk ? this.#button('add-person', msg('Send a contact request'), 'ask', async () => await this.#ask()) : nothing}
        ${contact?.state === 'blocked' ? this.#button('block', msg('Unblock'), 'unblock', async () => await unblock(contact.id)) : nothing}
        ${
          contact === undefined
            ? nothing
            : this.#button('shield', msg('Details and safety number'), 'person', async () => {
                go({ name: 'person', contact: this.member.id })
              })
        }
      </div>
      ${this.#attempt.shown()}`
  }

  #button(picture: string, text: string, testId: string, work: () => Promise<unknown>): TemplateResult {
    return html`<button
      type="button"
      class="button"
      data-testid=${`member-${testId}`}
      ?disabled=${this.#attempt.busy}
      @click=${async () => await this.#attempt.run(work)}
    >
      ${icon(picture)}${text}
    </button>`
  }

  async #write(): Promise<void> {
    const conversation = await api.openDirect(this.member.id)
    applyConversation(conversation)
    go({ name: 'chat', conversation: conversation.id })
  }

  /** Also of who is no contact: the daemon knows where members are. */
  async #ask(): Promise<void> {
    applyContact(await api.addContact({ contactId: this.member.id }))
    announce(msg(str`Request sent to ${personName(this.member)}`))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-member-contact': WarrenMemberContact
  }
}
