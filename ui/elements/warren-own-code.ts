/** The owner's own contact link, as a QR code and as text. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import './warren-copy.ts'
import './warren-qr.ts'
import { me } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base } from '../styles/shared.ts'

@customElement('warren-own-code')
@localized()
export class WarrenOwnCode extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        justify-items: center;
        gap: 16px;
      }
      warren-copy {
        width: 100%;
      }
      p {
        text-align: center;
        text-wrap: balance;
        color: var(--ink-quiet);
      }
    `,
  ]
  readonly #link = new SignalController(this, () => me.value?.link ?? '')

  override render(): TemplateResult {
    return html`<warren-qr .text=${this.#link.value}></warren-qr>
      <p>
        ${msg('Let them scan this code, or send them the link in any way you like. It names your device, so nobody can slip in between.')}
      </p>
      <warren-copy
        clamp
        .label=${msg('Your contact link')}
        .text=${this.#link.value}
        data-testid="own-link"
      ></warren-copy>`
  }
}
