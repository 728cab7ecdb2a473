/** What is shown while there is nothing else to show: starting, not running, locked, not signed in. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import './warren-copy.ts'
import './warren-logo.ts'
import type { ConnectionState } from '../client/connection.ts'
import { reconnectNow } from '../model/start.ts'
import { connectionState, pairingFailed } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { screenStyles } from '../styles/screen.ts'
import { base, buttons } from '../styles/shared.ts'

interface Screen {
  title: string
  text: string
  command?: string
  /** The page goes on trying by itself. */
  busy?: boolean
  action?: TemplateResult
}

const opening = (): Screen => ({ title: msg('Opening your warren'), text: msg('One moment…'), busy: true })

@customElement('warren-state-screen')
@localized()
export class WarrenStateScreen extends LitElement {
  static override styles = [
    base,
    buttons,
    screenStyles,
    css`
      main {
        text-align: center;
      }
      warren-copy {
        margin: 24px auto 0;
        max-width: 300px;
        text-align: start;
      }
      .button {
        margin-top: 24px;
      }
      .busy {
        display: flex;
        gap: 7px;
        justify-content: center;
        margin-top: 28px;
      }
      .busy span {
        width: 9px;
        height: 9px;
        border-radius: 50%;
        background: var(--brand);
        animation: breathe 1.2s infinite ease-in-out;
      }
      .busy span:nth-child(2) {
        animation-delay: 0.15s;
      }
      .busy span:nth-child(3) {
        animation-delay: 0.3s;
      }
      @keyframes breathe {
        0%,
        70%,
        100% {
          opacity: 0.25;
        }
        35% {
          opacity: 1;
        }
      }
    `,
  ]
  readonly #state = new SignalController(this, () => connectionState.value)
  readonly #failed = new SignalController(this, () => pairingFailed.value)

  override render(): TemplateResult {
    const shown = this.#screen()
    return html`<main data-testid="state-${this.#state.value}">
      <warren-logo></warren-logo>
      <div role="status">
        <h1>${shown.title}</h1>
        <p class="lead">${shown.text}</p>
      </div>
      ${shown.command === undefined ? nothing : html`<warren-copy .text=${shown.command}></warren-copy>`}
      ${shown.busy === true ? html`<div class="busy" aria-hidden="true"><span></span><span></span><span></span></div>` : nothing}
      ${shown.action ?? nothing}
    </main>`
  }

  #screen(): Screen {
    const screens: Record<ConnectionState, () => Screen> = {
      starting: opening,
      online: opening,
      unpaired: () => this.#unpaired(),
      'signed-out': () => this.#signedOut(),
      gone: () => ({
        title: msg('Warren is not running'),
        text: msg('Start it on this device. This page connects by itself as soon as it is up.'),
        command: 'warren start',
        busy: true,
      }),
      locked: opening, // until warren-lock-screen may be shown
      impostor: () => ({
        title: msg('This is not your Warren'),
        text: msg(
          'Something answers on this port but could not prove that it is your daemon. Nothing was shown to it. If you have reset Warren, open it anew.',
        ),
        command: 'warren open',
        action: this.#button(msg('Try again'), reconnectNow),
      }),
      'wrong-version': () => ({
        title: msg('Warren was updated'),
        text: msg('This page is from another version. Reload it to go on.'),
        action: this.#button(msg('Reload'), () => location.reload()),
      }),
    }
    return screens[this.#state.value]()
  }

  #unpaired(): Screen {
    return {
      title: this.#failed.value ? msg('This link was already used') : msg('Open Warren from your device'),
      text: this.#failed.value
        ? msg('Links work once and only for a short time. Get a fresh one with this command:')
        : msg('Only you can open your Warren. Run this command on this device: it signs this browser in.'),
      command: 'warren open',
    }
  }

  #signedOut(): Screen {
    if (this.#failed.value) return this.#unpaired()
    return {
      title: msg('This browser was signed out'),
      text: msg(
        'It was signed out by hand, or not used for a long time. Your messages are safe on this device: run this command there to sign in again.',
      ),
      command: 'warren open',
    }
  }

  #button(label: string, act: () => void): TemplateResult {
    return html`<button type="button" class="button primary" @click=${act}>${label}</button>`
  }
}
