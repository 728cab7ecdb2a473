/** Devices that were seen and whose people are not contacts yet. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import './warren-avatar.ts'
import type { Peer, PeerSource } from '../../protocol/http-people.ts'
import { icon } from '../icons.ts'
import { contacts, me, nearby } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons } from '../styles/shared.ts'
import { peerName, shortFingerprint } from '../text/names.ts'
import type { FoundDetail } from './look-at.ts'
import { verifiedMark } from './verified-mark.ts'

const sourceNames: Readonly<Record<PeerSource, () => string>> = {
  mdns: () => msg('On this network'),
  tailnet: () => msg('On the tailnet'),
  manual: () => msg('Added by hand'),
  contact: () => msg('Through a contact'),
}

@customElement('warren-nearby')
@localized()
export class WarrenNearby extends LitElement {
  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: block;
      }
      li button {
        display: flex;
        align-items: center;
        gap: 12px;
        width: 100%;
        padding: 10px;
        border-radius: 14px;
        text-align: start;
      }
      li button:hover {
        background: var(--hover);
      }
      warren-avatar {
        --size: 44px;
      }
      .who {
        flex: 1;
        min-width: 0;
      }
      .name {
        display: block;
        font-weight: 600;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      li .icon {
        color: var(--brand-ink);
      }
      .none {
        padding: 28px 16px;
        text-align: center;
      }
      .none p {
        color: var(--ink-quiet);
        margin-top: 6px;
        text-wrap: balance;
      }
      .none .icon {
        width: 44px;
        height: 44px;
        margin: 0 auto 14px;
        color: var(--brand-ink);
        animation: pulse 2.4s infinite ease-in-out;
      }
      .none.off .icon {
        color: var(--ink-quiet);
        animation: none;
      }
      @keyframes pulse {
        50% {
          opacity: 0.4;
        }
      }
    `,
  ]
  readonly #nearby = new SignalController(this, () => nearby.value)
  readonly #isOff = new SignalController(this, () => me.value?.network.nearbyOff === true)

  override render(): TemplateResult {
    const peers = this.#nearby.value
    if (peers.length === 0) return this.#none()
    return html`<ul data-testid="nearby">
      ${repeat(
        peers,
        (peer) => peer.deviceId,
        (peer) => html`<li>${this.#row(peer)}</li>`,
      )}
    </ul>`
  }

  #row(peer: Peer): TemplateResult {
    const choose = (): void => {
      const detail: FoundDetail = { peer }
      this.dispatchEvent(new CustomEvent('warren-found', { detail, bubbles: true, composed: true }))
    }
    return html`<button type="button" data-testid="peer" @click=${choose}>
      <warren-avatar .name=${peer.name} .color=${peer.name === '' ? '#6a5b50' : ''}></warren-avatar>
      <span class="who">
        <span class="name"><bdi>${peerName(peer)}</bdi>${verifiedMark(contacts.value.get(peer.personId))}</span>
        <span class="small quiet"
          ><span class="mono">${shortFingerprint(peer.fingerprint)}</span> · ${sourceNames[peer.source]()}</span
        >
      </span>
      ${icon('add-person')}
    </button>`
  }

  #none(): TemplateResult {
    if (this.#isOff.value) return this.#off()
    return html`<div class="none" role="status">
      ${icon('nearby')}
      <h3>${msg('Looking around…')}</h3>
      <p>
        ${msg('Devices on this network show up here within a second. A tailnet has no such call: use an address or a link there.')}
      </p>
    </div>`
  }

  #off(): TemplateResult {
    return html`<div class="none off" role="status">
      ${icon('nearby')}
      <h3>${msg('Looking nearby is off')}</h3>
      <p>
        ${msg('Warren was started with --no-mdns on this device: it looks for nobody, and nobody nearby sees it. Use an address, a link or a code.')}
      </p>
    </div>`
  }
}
