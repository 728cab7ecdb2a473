/** Add by hand: an address, a name on the network, or a contact link. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './warren-look-problem.ts'
import type { ApiErrorCode } from '../client/api-error.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { lookAt, tellFound } from './look-at.ts'

@customElement('warren-address-form')
@localized()
export class WarrenAddressForm extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: block;
      }
      .button {
        width: 100%;
        min-height: 46px;
      }
      warren-look-problem {
        margin-bottom: 16px;
      }
    `,
  ]
  @state() address = ''
  @state() busy = false
  @state() problem: { code: ApiErrorCode; link: string } | undefined

  override render(): TemplateResult {
    return html`<form @submit=${async (event: Event) => await this.#submit(event)}>
      <div class="field">
        <label for="address">${msg('Address or contact link')}</label>
        <input
          id="address"
          type="text"
          autocomplete="off"
          autocapitalize="off"
          spellcheck="false"
          placeholder="192.168.1.7"
          aria-describedby="hint"
          data-testid="address"
          .value=${this.address}
          @input=${(event: InputEvent) => {
            this.address = (event.target as HTMLInputElement).value
            this.problem = undefined
          }}
        />
        <p class="hint" id="hint">
          ${msg('A name or IP address, with or without a port, a tailnet name such as “laptop”, or a link that begins with warren:')}
        </p>
      </div>
      ${
        this.problem === undefined
          ? nothing
          : html`<warren-look-problem .code=${this.problem.code} .link=${this.problem.link}></warren-look-problem>`
      }
      <button class="button primary" ?disabled=${this.busy || this.address.trim() === ''} data-testid="look">
        ${this.busy ? msg('Looking…') : msg('Look who is there')}
      </button>
      <p class="hint">${msg('Nothing is sent to them yet: you see the name and the fingerprint first.')}</p>
    </form>`
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault()
    if (this.busy || this.address.trim() === '') return
    this.busy = true
    const result = await lookAt(this.address)
    this.busy = false
    if ('found' in result) tellFound(this, result.found)
    else this.problem = result
  }
}
