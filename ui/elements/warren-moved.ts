/** One quiet line above a conversation: this contact goes on as another person, and the owner may follow. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Contact, Successor } from '../../protocol/http-people.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { applyContact } from '../model/apply.ts'
import { go } from '../model/route.ts'
import { contacts } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { contactName, isolated, successorName } from '../text/names.ts'

@customElement('warren-moved')
@localized()
export class WarrenMoved extends LitElement {
  static override styles = [
    base,
    buttons,
    css`
      .strip {
        padding: 12px 16px;
        background: var(--brand-soft);
        border-bottom: 1px solid var(--line);
      }
      .words {
        display: flex;
        gap: 8px;
        overflow-wrap: anywhere;
      }
      .icon {
        flex: none;
      }
      .row-buttons {
        margin-top: 10px;
        flex-wrap: wrap;
      }
      .button:not(.primary) {
        background: var(--panel);
      }
    `,
  ]
  @property({ attribute: false }) contact: Contact | undefined
  @state() problem = ''
  @state() busy = false
  readonly #all = new SignalController(this, () => contacts.value)

  override render(): TemplateResult | typeof nothing {
    const { contact } = this
    if (contact?.movedTo?.answer !== 'open') return nothing
    return this.#strip(contact, contact.movedTo)
  }

  #strip(contact: Contact, movedTo: Successor): TemplateResult {
    const from = isolated(contactName(contact))
    const to = isolated(successorName(movedTo, this.#all.value))
    return html`<div class="strip" data-testid="moved">
      <p class="words">
        ${icon('info')}<span role="status"
          >${msg(str`${from} has linked their devices, and writes as ${to} from now on, with new keys.`)}
          ${contact.verified ? msg('The safety number is another one then: compare it again.') : nothing}</span
        >
      </p>
      ${this.problem === '' ? nothing : html`<p role="alert">${this.problem}</p>`}
      <div class="row-buttons">
        <button
          type="button"
          class="button primary"
          data-testid="follow"
          ?disabled=${this.busy}
          @click=${async () => await this.#answer(contact, movedTo, true)}
        >
          ${msg(str`Continue with ${to}`)}
        </button>
        <button
          type="button"
          class="button"
          data-testid="not-follow"
          ?disabled=${this.busy}
          @click=${async () => await this.#answer(contact, movedTo, false)}
        >
          ${msg('Decline')}
        </button>
      </div>
    </div>`
  }

  async #answer({ id }: Contact, movedTo: Successor, follow: boolean): Promise<void> {
    this.busy = true
    try {
      applyContact(await api.patchContact(id, { follow }))
      const next = await api.contact(movedTo.id)
      applyContact(next)
      this.problem = ''
      announce(
        follow
          ? msg(str`You continue with ${contactName(next)}`)
          : msg('Declined. You find the request in the settings.'),
      )
      if (follow && next.conversation !== undefined) go({ name: 'chat', conversation: next.conversation })
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    } finally {
      this.busy = false
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-moved': WarrenMoved
  }
}
