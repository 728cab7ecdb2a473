/** People the owner has blocked, each with the way back. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './warren-avatar.ts'
import type { Contact } from '../../protocol/http-people.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { blocked } from '../model/state.ts'
import { unblock } from '../model/unblock.ts'
import { SignalController } from '../signal-controller.ts'
import { rowStyles } from '../styles/rows.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { contactName } from '../text/names.ts'
import { verifiedMark } from './verified-mark.ts'

@customElement('warren-blocked')
@localized()
export class WarrenBlocked extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    rowStyles,
    css`
      warren-avatar {
        --size: 36px;
      }
      /* A long word on the button goes below the name, and does not squeeze it. */
      li {
        flex-wrap: wrap;
        padding-block: 8px;
      }
      .button {
        margin-inline-start: auto;
      }
      .what {
        flex-basis: 120px;
        font-weight: 600;
        overflow-wrap: anywhere;
      }
    `,
  ]
  readonly #blocked = new SignalController(this, () => blocked.value)
  @state() problem = ''

  override render(): TemplateResult {
    const people = this.#blocked.value
    if (people.length === 0) return html`<p class="quiet">${msg('Nobody.')}</p>`
    return html`<ul>
        ${people.map((each) => this.#row(each))}
      </ul>
      ${this.problem === '' ? nothing : html`<p class="error" role="alert">${this.problem}</p>`}`
  }

  #row(contact: Contact): TemplateResult {
    const name = contactName(contact)
    return html`<li>
      <warren-avatar .name=${name} .color=${contact.color}></warren-avatar>
      <span class="what"><bdi>${name}</bdi>${verifiedMark(contact)}</span>
      <button
        type="button"
        class="button"
        aria-label=${msg(str`Unblock ${name}`)}
        @click=${async () => await this.#unblock(contact)}
      >
        ${msg('Unblock')}
      </button>
    </li>`
  }

  async #unblock(contact: Contact): Promise<void> {
    try {
      await unblock(contact.id)
      this.problem = ''
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }
}
