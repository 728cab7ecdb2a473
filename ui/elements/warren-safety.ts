/** A card that says whether a person is verified, and leads to their safety number. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-safety-dialog.ts'
import type { Contact } from '../../protocol/http-people.ts'
import { icon } from '../icons.ts'
import { base, buttons, cards, fields } from '../styles/shared.ts'
import { dayText } from '../text/format-time.ts'
import { verifiedMark } from './verified-mark.ts'

/** Their keys are known: a request brings them, and so does an answer to ours. */
const withNumber: ReadonlySet<Contact['state']> = new Set(['accepted', 'incoming', 'ended', 'removed', 'declined'])

@customElement('warren-safety')
@localized()
export class WarrenSafety extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    cards,
    css`
      :host {
        display: block;
        margin-top: 16px;
      }
      .standing {
        display: flex;
        align-items: center;
        gap: 8px;
        margin-bottom: 12px;
      }
      dl {
        margin-top: 14px;
        font-size: 13px;
      }
      dt {
        color: var(--ink-quiet);
      }
    `,
  ]
  @property({ attribute: false }) contact!: Contact
  @state() isOpen = false

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('contact')
    // Another person came to stand here.
    if (before !== undefined && before.id !== this.contact.id) this.isOpen = false
  }

  override render(): TemplateResult {
    return html`<section class="card" aria-labelledby="heading" data-testid="safety">
      <h2 id="heading">${msg('Safety number')}</h2>
      ${withNumber.has(this.contact.state) ? this.#way() : nothing}
      <dl>
        <dt>${msg('Fingerprint of their device')}</dt>
        <dd class="mono" data-testid="fingerprint">${this.contact.fingerprint}</dd>
      </dl>
    </section>`
  }

  #way(): TemplateResult {
    return html`<p class="standing">${verifiedMark(this.contact)}<span>${this.#standing()}</span></p>
      <button
        type="button"
        class="button"
        data-testid="open-safety"
        @click=${() => {
          this.isOpen = true
        }}
      >
        ${icon('shield')}${msg('Compare safety numbers')}
      </button>
      <warren-safety-dialog
        .contact=${this.contact}
        ?open=${this.isOpen}
        @warren-closed=${() => {
          this.isOpen = false
        }}
      ></warren-safety-dialog>`
  }

  #standing(): string {
    const { verified, verifiedAt = 0, keysChanged } = this.contact
    if (keysChanged === true) return msg('Their keys were replaced. Compare again.')
    if (verified) return msg(str`Verified on ${dayText(verifiedAt)}`)
    return msg('Not verified. Compare it, and you know that nobody is in between.')
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-safety': WarrenSafety
  }
}
