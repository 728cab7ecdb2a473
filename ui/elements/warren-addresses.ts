/** The addresses at which others can reach this device, and a plain word about the networks they belong to. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import './warren-copy.ts'
import type { AddressKind } from '../../protocol/http-people.ts'
import { icon } from '../icons.ts'
import { me } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base } from '../styles/shared.ts'

const kindNames: Readonly<Record<AddressKind, () => string>> = {
  lan: () => msg('Local network'),
  tailnet: () => msg('Tailnet'),
  ipv6: () => msg('IPv6'),
  loopback: () => msg('This device only'),
  other: () => msg('Other network'),
}

@customElement('warren-addresses')
@localized()
export class WarrenAddresses extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 8px;
      }
      .word {
        display: flex;
        gap: 10px;
        padding: 12px 14px;
        border-radius: 12px;
        background: var(--warn-soft);
        font-size: 14px;
      }
      .word .icon {
        color: var(--warn-ink);
      }
      ul {
        display: grid;
        gap: 8px;
      }
    `,
  ]
  readonly #network = new SignalController(this, () => me.value?.network)

  override render(): TemplateResult {
    const network = this.#network.value
    const addresses = (network?.addresses ?? []).filter((each) => each.kind !== 'loopback')
    return html`<ul data-testid="addresses">
        ${addresses.map(
          (each) => html`<li><warren-copy .label=${kindNames[each.kind]()} .text=${each.text}></warren-copy></li>`,
        )}
      </ul>
      ${network === undefined ? '' : this.#word(network.state === 'offline', network.tailnet)}`
  }

  #word(offline: boolean, tailnet: boolean): TemplateResult | string {
    if (offline) {
      return html`<p class="word">
        ${icon('offline')}${msg('No network is up. Others cannot reach you until one is.')}
      </p>`
    }
    if (tailnet) return ''
    return html`<p class="word" data-testid="no-tailnet">
      ${icon('info')}${msg('No tailnet was found. That is fine: on the same local network Warren works without one.')}
    </p>`
  }
}
