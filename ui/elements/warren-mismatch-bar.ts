/** One loud line above a conversation: another device answers at an address of the contact. Details tell the rest. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { Contact } from '../../protocol/http-people.ts'
import { icon } from '../icons.ts'
import { base, buttons } from '../styles/shared.ts'
import { contactName, isolated } from '../text/names.ts'
import { typedAddress } from '../text/typed-address.ts'

/** @fires warren-open - the owner wants to see the details. */
@customElement('warren-mismatch-bar')
@localized()
export class WarrenMismatchBar extends LitElement {
  static override styles = [
    base,
    buttons,
    css`
      div {
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 8px 14px;
        background: var(--danger-soft);
        color: var(--danger);
        font-size: 14px;
        font-weight: 600;
      }
      .icon {
        flex: none;
      }
      span {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .button {
        flex: none;
        padding: 6px 12px;
      }
    `,
  ]
  @property({ attribute: false }) contact: Contact | undefined

  override render(): TemplateResult | typeof nothing {
    const first = this.contact?.mismatches?.[0]
    if (this.contact === undefined || first === undefined) return nothing
    const name = isolated(contactName(this.contact))
    const address = isolated(typedAddress(first.address))
    return html`<div role="alert" data-testid="mismatch-bar">
      ${icon('alert')}<span>${msg(str`At ${address} another device answers now than the one of ${name}.`)}</span>
      <button type="button" class="button" @click=${() => this.dispatchEvent(new CustomEvent('warren-open'))}>
        ${msg('Details')}
      </button>
    </div>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-mismatch-bar': WarrenMismatchBar
  }
}
