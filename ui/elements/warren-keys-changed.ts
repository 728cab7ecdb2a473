/** Says loudly, above the messages, that a verified person's keys were replaced, until the owner compares again or clears it. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-safety-dialog.ts'
import type { Contact } from '../../protocol/http-people.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { applyContact } from '../model/apply.ts'
import { base, buttons } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { contactName, isolated } from '../text/names.ts'

@customElement('warren-keys-changed')
@localized()
export class WarrenKeysChanged extends LitElement {
  static override styles = [
    base,
    buttons,
    css`
      .strip {
        padding: 12px 16px;
        background: var(--danger-soft);
        border-bottom: 1px solid var(--line);
      }
      .words {
        display: flex;
        gap: 8px;
        color: var(--danger);
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .row-buttons {
        margin-top: 10px;
        align-items: center;
      }
      .button {
        background: var(--panel);
      }
    `,
  ]
  @property({ attribute: false }) contact: Contact | undefined
  @state() isOpen = false
  @state() problem = ''

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('contact') && changed.get('contact')?.id !== this.contact?.id) this.isOpen = false
  }

  override render(): TemplateResult | typeof nothing {
    const { contact } = this
    if (contact === undefined) return nothing
    // The dialog outlives the warning that it ends.
    return html`${contact.keysChanged === true ? this.#strip(contact) : nothing}
    ${contact.keysChanged === true || this.isOpen ? this.#dialog(contact) : nothing}`
  }

  #dialog(contact: Contact): TemplateResult {
    return html`<warren-safety-dialog
      .contact=${contact}
      ?open=${this.isOpen}
      @warren-closed=${() => {
        this.isOpen = false
      }}
    ></warren-safety-dialog>`
  }

  #strip(contact: Contact): TemplateResult {
    const name = isolated(contactName(contact))
    return html`<div class="strip" data-testid="keys-changed">
      <p class="words" role="alert">
        ${icon('alert')}<span
          >${msg(str`${name} is not verified any more: their keys were replaced. Ask them, in another way, whether they did that, and compare again.`)}</span
        >
      </p>
      ${this.problem === '' ? nothing : html`<p role="alert">${this.problem}</p>`}
      <div class="row-buttons">
        <button
          type="button"
          class="button"
          data-testid="compare-again"
          @click=${() => {
            this.isOpen = true
          }}
        >
          ${icon('shield')}${msg('Compare safety numbers')}
        </button>
        <button
          type="button"
          class="button"
          data-testid="leave-unverified"
          @click=${async () => await this.#clear(contact)}
        >
          ${msg('Leave it unverified')}
        </button>
      </div>
    </div>`
  }

  async #clear({ id }: Contact): Promise<void> {
    try {
      applyContact(await api.clearVerification(id))
      this.problem = ''
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-keys-changed': WarrenKeysChanged
  }
}
