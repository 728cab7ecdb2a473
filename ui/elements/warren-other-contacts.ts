/** Contacts without a conversation, since it was deleted: from here one begins anew. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import './warren-avatar.ts'
import type { Contact } from '../../protocol/http-people.ts'
import { api } from '../client/api.ts'
import { applyConversation } from '../model/apply.ts'
import { go } from '../model/route.ts'
import { contacts, conversations } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons } from '../styles/shared.ts'
import { contactName } from '../text/names.ts'
import { verifiedMark } from './verified-mark.ts'

/** In the order of their names. */
function withoutConversation(): readonly Contact[] {
  const known = new Set([...conversations.value.values()].map((each) => each.contactId))
  return [...contacts.value.values()]
    .filter(({ state, id }) => state === 'accepted' && !known.has(id))
    .toSorted((a, b) => contactName(a).localeCompare(contactName(b)))
}

@customElement('warren-other-contacts')
@localized()
export class WarrenOtherContacts extends LitElement {
  static override styles = [
    base,
    buttons,
    css`
      h2 {
        margin: 12px 16px 4px;
        font-size: 13.5px;
        font-weight: 600;
        color: var(--ink-quiet);
      }
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
      }
      button {
        display: flex;
        align-items: center;
        gap: 12px;
        width: 100%;
        min-height: 56px;
        padding: 6px 16px;
        text-align: start;
      }
      button:hover {
        background: var(--sunken);
      }
      warren-avatar {
        --size: 38px;
      }
      bdi {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ]
  @property() filter = ''
  readonly #contacts = new SignalController(this, withoutConversation)

  override render(): TemplateResult | typeof nothing {
    const wanted = this.filter.trim().toLocaleLowerCase()
    const shown = this.#contacts.value.filter((each) => contactName(each).toLocaleLowerCase().includes(wanted))
    if (shown.length === 0) return nothing
    return html`<h2 id="others">${msg('Contacts without a conversation')}</h2>
      <ul aria-labelledby="others">
        ${shown.map((contact) => html`<li>${this.#row(contact)}</li>`)}
      </ul>`
  }

  #row(contact: Contact): TemplateResult {
    return html`<button type="button" data-testid="begin-anew" @click=${async () => await this.#open(contact)}>
      <warren-avatar .name=${contactName(contact)} .color=${contact.color} .online=${contact.online}></warren-avatar>
      <bdi>${contactName(contact)}</bdi>${verifiedMark(contact)}
    </button>`
  }

  async #open(contact: Contact): Promise<void> {
    try {
      const conversation = await api.openDirect(contact.id)
      applyConversation(conversation)
      go({ name: 'chat', conversation: conversation.id })
    } catch {
      // The banner says that the daemon is gone; the row stays where it is.
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-other-contacts': WarrenOtherContacts
  }
}
