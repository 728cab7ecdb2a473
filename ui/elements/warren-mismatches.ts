/** Tells of addresses of a contact at which another device answers now, with both fingerprints, until the owner puts it away. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Contact, Mismatch } from '../../protocol/http-people.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { applyContact } from '../model/apply.ts'
import { base, buttons } from '../styles/shared.ts'
import { noticeStyles } from '../styles/notice.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { contactName, isolated } from '../text/names.ts'
import { typedAddress } from '../text/typed-address.ts'

@customElement('warren-mismatches')
@localized()
export class WarrenMismatches extends LitElement {
  static override styles = [
    base,
    buttons,
    noticeStyles,
    css`
      dl {
        display: block;
      }
      dd + dt {
        margin-top: 6px;
      }
      .button {
        margin-top: 10px;
      }
    `,
  ]
  @property({ attribute: false }) contact: Contact | undefined
  @state() problem = ''

  override render(): TemplateResult {
    const { contact } = this
    if (contact === undefined) return html``
    return html`${contact.mismatches?.map((each) => this.#notice(contact, each))}`
  }

  #notice(contact: Contact, mismatch: Mismatch): TemplateResult {
    const name = isolated(contactName(contact))
    const address = isolated(typedAddress(mismatch.address))
    return html`<div class="notice" role="note" data-testid="mismatch">
      <p>${icon('alert')}<span>${msg(str`At ${address} another device answers now than the one of ${name}.`)}</span></p>
      <dl>
        <dt>${msg(str`The device of ${name}`)}</dt>
        <dd class="mono">${mismatch.expected}</dd>
        <dt>${msg('The other one says it is')}</dt>
        <dd class="mono">${mismatch.answering}</dd>
      </dl>
      <div class="hint">
        ${msg(
          str`It may be a new device, or somebody else. Nothing was sent to it, and it cannot read what you write to ${name}. Ask ${name}, in another way.`,
        )}
      </div>
      ${this.problem === '' ? '' : html`<p class="error" role="alert">${this.problem}</p>`}
      <button
        type="button"
        class="button"
        data-testid="dismiss"
        aria-label=${msg(str`I know about ${address}`)}
        @click=${async () => await this.#dismiss(contact, mismatch)}
      >
        ${icon('check')}${msg('I know')}
      </button>
    </div>`
  }

  async #dismiss({ id }: Contact, { address }: Mismatch): Promise<void> {
    try {
      applyContact(await api.patchContact(id, { dismiss: address }))
      this.problem = ''
      announce(msg('Put away'))
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-mismatches': WarrenMismatches
  }
}
