/** Links one more device: this one shows a code, or takes the code of another one; then both show words to compare. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-camera.ts'
import './warren-qr.ts'
import type { Linking, NewLinking, NoLinking } from '../../protocol/http-devices.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { devicesVersion } from '../model/own-devices.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { linkingSentence } from '../text/linking-sentence.ts'

@customElement('warren-linking')
@localized()
export class WarrenLinking extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: grid;
        gap: 14px;
      }
      [role='status'] {
        display: grid;
        gap: 14px;
      }
      form {
        display: grid;
        gap: 12px;
      }
      .code,
      ol {
        font-size: 26px;
        font-weight: 700;
        letter-spacing: 0.06em;
        text-align: center;
        font-variant-numeric: tabular-nums;
      }
      ol {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: 8px;
        font-size: 20px;
        letter-spacing: 0;
        list-style: none;
        padding: 0;
        margin: 0;
      }
      li {
        padding: 12px 6px;
        border: 1px solid var(--line);
        border-radius: 12px;
      }
      warren-qr {
        justify-self: center;
      }
      .row-buttons {
        display: flex;
        flex-wrap: wrap;
        gap: 10px;
      }
    `,
  ]
  /** `new`: this device joins another one's person. */
  @property({ attribute: false }) side: 'old' | 'new' = 'old'
  /** What this home is, if it joins: one that belongs to somebody, or one that comes back to its own person with all that is in it. */
  @property({ attribute: false }) home: 'new' | 'returning' = 'new'
  readonly #version = new SignalController(this, () => devicesVersion.value)
  @state() shown: Linking | NoLinking = { state: 'none' }
  @state() problem = ''
  @state() isScanning = false
  #loaded = -1

  override render(): TemplateResult {
    const { shown } = this
    const isMine = shown.state !== 'none' && shown.role === this.side
    return html`${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
      <div role="status">${isMine ? this.#step(shown) : nothing}</div>
      ${isMine && shown.state !== 'failed' && shown.state !== 'done' ? nothing : this.#start()}`
  }

  protected override willUpdate(): void {
    if (this.#loaded === this.#version.value) return
    this.#loaded = this.#version.value
    void this.#ask(async () => await api.linking())
  }

  #step(shown: Linking): TemplateResult {
    switch (shown.state) {
      case 'waiting':
        return html`<p class="quiet">
            ${msg('On the new device choose “I already use Warren on another device”, and scan this or type the digits. It counts for ten minutes and for one device.')}
          </p>
          <warren-qr .text=${shown.link ?? ''} .label=${msg('QR code for the new device')}></warren-qr>
          <p class="code" data-testid="device-code">${(shown.code ?? '').replace(/(\d{4})/, '$1 ')}</p>
          ${this.#end()}`
      case 'looking':
        return html`<p class="quiet">${msg('Looking for the other device…')}</p>
          ${this.#end()}`
      case 'comparing':
        return this.#compare(shown)
      case 'confirmed':
        return html`<p class="quiet">
            ${shown.words === undefined ? msg('The connection broke. Asking the other device whether it has linked this one…') : msg('Now say the same on the other device.')}
          </p>
          ${shown.words === undefined ? nothing : this.#words(shown)} ${this.#end()}`
      case 'done':
        return html`<p>${icon('check')} ${msg('Linked. Conversations and contacts are on their way.')}</p>`
      case 'failed':
        return html`<p class="error">${icon('alert')}${linkingSentence(shown.problem ?? 'failed')}</p>`
    }
    return shown.state satisfies never
  }

  #words({ words = [] }: Linking): TemplateResult {
    return html`<ol data-testid="device-words">
      ${words.map((word) => html`<li lang="en">${word}</li>`)}
    </ol>`
  }

  #compare(shown: Linking): TemplateResult {
    return html`<p>${msg('Do both devices show these words, in this order? If not, somebody is in between.')}</p>
      ${this.#words(shown)}
      <div class="row-buttons">
        <button
          type="button"
          class="button primary"
          data-testid="same-words"
          @click=${async () => await this.#ask(async () => await api.confirmLinking())}
        >
          ${msg('They are the same')}
        </button>
        <button type="button" class="button danger" @click=${async () => await this.#cancel(true)}>
          ${msg('They differ')}
        </button>
      </div>`
  }

  #end(): TemplateResult {
    return html`<div class="row-buttons">
      <button type="button" class="button" @click=${async () => await this.#cancel(false)}>${msg('Cancel')}</button>
    </div>`
  }

  #start(): TemplateResult {
    if (this.side === 'old')
      return html`<button
        type="button"
        class="button"
        data-testid="link-device"
        @click=${async () => await this.#begin({})}
      >
        ${icon('plus')}${msg('Link another device')}
      </button>`
    return html`<form @submit=${async (event: Event) => await this.#join(event)}>
      <p class="quiet">
        ${
          this.home === 'returning'
            ? msg(
                'On your other device open the settings, choose “Link another device”, and type the code that it shows. This one becomes a device of yours again, with everything that is here and what was said since.',
              )
            : msg(
                'On your other device open the settings, choose “Link another device”, and type the code that it shows. What is on this device stays on it, to be read.',
              )
        }
      </p>
      <div>
        <label for="code">${msg('Code of the other device')}</label>
        <input id="code" type="text" inputmode="numeric" autocomplete="off" required maxlength="200" />
      </div>
      <div>
        <label for="address">${msg('Its address, if it is not nearby')}</label>
        <input id="address" type="text" autocomplete="off" spellcheck="false" maxlength="250" />
      </div>
      ${
        this.isScanning
          ? html`<warren-camera
              .hint=${msg('Hold the code of the other device in front of the camera.')}
              @warren-code=${async (event: CustomEvent<string>) => await this.#scanned(event.detail)}
            ></warren-camera>`
          : nothing
      }
      <div class="row-buttons">
        <button class="button primary" data-testid="join-device">${msg('Link this device')}</button>
        <button
          type="button"
          class="button"
          @click=${() => {
            this.isScanning = !this.isScanning
          }}
        >
          ${icon('camera')}${this.isScanning ? msg('Camera off') : msg('Scan the code')}
        </button>
      </div>
    </form>`
  }

  async #join(event: Event): Promise<void> {
    event.preventDefault()
    const valueOf = (id: string): string =>
      this.renderRoot.querySelector<HTMLInputElement>(`#${id}`)?.value.trim() ?? ''
    const [code, address] = [valueOf('code'), valueOf('address')]
    if (code !== '') await this.#begin({ code, ...(address === '' ? {} : { address }) })
  }

  async #scanned(code: string): Promise<void> {
    this.isScanning = false
    await this.#begin({ code })
  }

  async #begin(wish: NewLinking): Promise<void> {
    await this.#ask(async () => await api.beginLinking(wish))
  }

  async #cancel(differ: boolean): Promise<void> {
    await this.#ask(async () => {
      await api.endLinking(differ)
      return await api.linking()
    })
  }

  async #ask(ask: () => Promise<Linking | NoLinking>): Promise<void> {
    try {
      this.shown = await ask()
      this.problem = ''
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-linking': WarrenLinking
  }
}
