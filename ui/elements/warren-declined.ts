/** Requests that the owner declined: they can still be accepted, blocked or forgotten. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './warren-avatar.ts'
import './warren-lookalike.ts'
import type { Contact } from '../../protocol/http-people.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { announce } from '../model/announcer.ts'
import { applyContact, forgetContact } from '../model/apply.ts'
import { go } from '../model/route.ts'
import { declined } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { contactName } from '../text/names.ts'
import { sharedGroups } from '../text/shared-groups.ts'
import { verifiedMark } from './verified-mark.ts'

@customElement('warren-declined')
@localized()
export class WarrenDeclined extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: block;
      }
      li + li {
        margin-top: 18px;
      }
      .who {
        display: flex;
        align-items: center;
        gap: 12px;
        min-width: 0;
      }
      .who > div {
        flex: 1;
        min-width: 0;
      }
      warren-avatar {
        --size: 40px;
      }
      .name {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .again {
        color: var(--brand-ink);
      }
      .note {
        margin-top: 8px;
        overflow-wrap: anywhere;
        white-space: pre-line;
      }
      .row-buttons {
        margin-top: 10px;
        flex-wrap: wrap;
      }
      .row-buttons .button {
        padding: 6px 12px;
        flex: 1;
      }
      .error {
        margin-top: 12px;
      }
    `,
  ]
  @state() problem = ''
  readonly #declined = new SignalController(this, () => declined.value)

  override render(): TemplateResult {
    const people = this.#declined.value
    if (people.length === 0) return html`<p class="quiet">${msg('Nobody.')}</p>`
    return html`<ul>
        ${people.map((each) => html`<li data-testid="declined-request">${this.#row(each)}</li>`)}
      </ul>
      ${this.problem === '' ? nothing : html`<p class="error" role="alert">${this.problem}</p>`}`
  }

  #row(contact: Contact): TemplateResult {
    const name = contactName(contact)
    return html`<div class="who">
        <warren-avatar .name=${name} .color=${contact.color}></warren-avatar>
        <div>
          <div class="name"><bdi>${name}</bdi>${verifiedMark(contact)}</div>
          <div class="mono small quiet">${contact.fingerprint}</div>
          ${contact.askedAgain ? html`<div class="small again">${msg('Has asked again')}</div>` : nothing}
        </div>
      </div>
      ${contact.groups === undefined ? nothing : html`<p class="note small quiet" data-testid="shared-groups">${sharedGroups(contact)}</p>`}
      ${contact.note === '' ? nothing : html`<p class="note small quiet" dir="auto">${contact.note}</p>`}
      ${
        contact.lookalike === undefined
          ? nothing
          : html`<warren-lookalike
              .name=${name}
              .fingerprint=${contact.fingerprint}
              .lookalike=${contact.lookalike}
            ></warren-lookalike>`
      }
      <div class="row-buttons">
        ${this.#button(msg('Accept'), msg(str`Accept ${name}`), '', async () => await this.#accept(contact))}
        ${this.#button(msg('Forget'), msg(str`Forget ${name}`), '', async () => await this.#forget(contact))}
        ${this.#button(msg('Block'), msg(str`Block ${name}`), 'danger', async () => {
          applyContact(await api.patchContact(contact.id, { state: 'blocked' }))
        })}
      </div>`
  }

  #button(text: string, label: string, look: string, work: () => Promise<void>): TemplateResult {
    return html`<button
      type="button"
      class="button ${look}"
      aria-label=${label}
      @click=${async () => await this.#try(work)}
    >
      ${text}
    </button>`
  }

  async #accept(contact: Contact): Promise<void> {
    const changed = await api.patchContact(contact.id, { state: 'accepted' })
    applyContact(changed)
    if (changed.conversation !== undefined) go({ name: 'chat', conversation: changed.conversation })
  }

  async #forget(contact: Contact): Promise<void> {
    await api.removeContact(contact.id)
    forgetContact(contact.id)
    announce(msg('Forgotten'))
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.problem = ''
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }
}
