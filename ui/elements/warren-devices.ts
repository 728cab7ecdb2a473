/** The owner's own devices: what they are called, which is reached, and linking or removing one. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './warren-confirm.ts'
import './warren-linking.ts'
import './warren-phrase.ts'
import './warren-recover.ts'
import type { OwnDevice } from '../../protocol/http-devices.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { devicesVersion } from '../model/own-devices.ts'
import { me } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { disclosures } from '../styles/disclosures.ts'
import { rowStyles } from '../styles/rows.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'

@customElement('warren-devices')
@localized()
export class WarrenDevices extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    rowStyles,
    disclosures,
    css`
      li > .icon {
        color: var(--ink-quiet);
      }
      .what {
        padding: 8px 0;
      }
      warren-linking,
      warren-recover {
        margin-top: 12px;
      }
      details {
        margin-top: 14px;
      }
    `,
  ]
  readonly #version = new SignalController(this, () => devicesVersion.value)
  readonly #me = new SignalController(this, () => me.value)
  @state() devices: readonly OwnDevice[] = []
  @state() removing: OwnDevice | undefined
  @state() isAsking = false
  @state() problem = ''
  #loaded = -1

  override render(): TemplateResult {
    return html`${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
      <ul data-testid="devices">
        ${this.devices.map((each) => this.#row(each))}
      </ul>
      ${this.#ways()}
      <warren-confirm
        ?open=${this.isAsking}
        .heading=${msg('Remove this device?')}
        .text=${msg('It keeps what it holds and is given nothing more. Others may still send to it until they hear of this.')}
        .action=${msg('Remove')}
        @warren-cancel=${() => {
          this.isAsking = false
        }}
        @warren-confirm=${async () => await this.#remove()}
      ></warren-confirm>`
  }

  /** What is done with devices here; a home that cannot speak for its person comes back first. */
  #ways(): TemplateResult {
    const { archive, removed } = this.#me.value ?? {}
    if (archive !== undefined || removed === true)
      return html`<details open>
          <summary>${msg('Go on with another device of yours')}</summary>
          <warren-linking .side=${'new'} .home=${'returning'}></warren-linking>
        </details>
        <details data-testid="with-words">
          <summary>${msg('Go on with your 24 words')}</summary>
          <warren-recover .home=${'returning'}></warren-recover>
        </details>`
    return html`<warren-linking .side=${'old'}></warren-linking><warren-phrase></warren-phrase>
      <details>
        <summary>${msg('Make this one a device of somebody who uses Warren elsewhere')}</summary>
        <warren-linking .side=${'new'}></warren-linking>
      </details>`
  }

  protected override willUpdate(): void {
    if (this.#loaded === this.#version.value) return
    this.#loaded = this.#version.value
    void this.#load()
  }

  #row(device: OwnDevice): TemplateResult {
    const { name, fingerprint, current, online } = device
    return html`<li>
      ${icon('device')}
      <div class="what">
        <input
          type="text"
          maxlength="64"
          aria-label=${msg(str`Name of the device ${fingerprint}`)}
          placeholder=${fingerprint}
          .value=${name}
          @change=${async (event: Event) => await this.#rename(device, (event.target as HTMLInputElement).value)}
        />
        <p class="small quiet">
          ${current ? msg('This device') : online ? msg('Online') : msg('Offline')} · ${fingerprint}
        </p>
      </div>
      ${
        current
          ? nothing
          : html`<button
              type="button"
              class="button danger"
              aria-label=${msg(str`Remove ${name === '' ? fingerprint : name}`)}
              @click=${() => {
                this.removing = device
                this.isAsking = true
              }}
            >
              ${msg('Remove')}
            </button>`
      }
    </li>`
  }

  async #load(): Promise<void> {
    try {
      this.devices = (await api.devices()).items
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }

  async #rename({ deviceId }: OwnDevice, name: string): Promise<void> {
    try {
      await api.patchDevice(deviceId, { name })
      announce(msg('Saved'))
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }

  async #remove(): Promise<void> {
    const device = this.removing
    this.isAsking = false
    if (device === undefined) return
    try {
      await api.removeDevice(device.deviceId)
      announce(msg('Removed'))
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-devices': WarrenDevices
  }
}
