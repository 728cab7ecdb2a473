/** Reads a QR code with the camera or from a picture, and tells it with `warren-code`. The camera is on only while this is on screen. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, query, state } from 'lit/decorators.js'
import { readFrame, readImage } from '../client/qr-reader.ts'
import { icon } from '../icons.ts'
import { base, buttons, fields } from '../styles/shared.ts'

const frameEveryMs = 150

@customElement('warren-camera')
@localized()
export class WarrenCamera extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: grid;
        gap: 14px;
      }
      .camera {
        position: relative;
        display: grid;
        place-items: center;
        aspect-ratio: 4 / 3;
        border-radius: 18px;
        overflow: hidden;
        background: var(--sunken);
        text-align: center;
      }
      .camera.on {
        background: #000;
      }
      video {
        width: 100%;
        height: 100%;
        object-fit: cover;
      }
      .frame {
        position: absolute;
        inset: 14% 24%;
        border: 3px solid #fff;
        border-radius: 22px;
        box-shadow: 0 0 0 100vmax rgb(0 0 0 / 35%);
      }
      .start {
        padding: 20px;
        display: grid;
        justify-items: center;
        gap: 14px;
      }
      .start > p {
        color: var(--ink-quiet);
        text-wrap: balance;
      }
      .file {
        cursor: pointer;
        margin: 0;
        font-weight: 600;
      }
      .file:focus-within {
        outline: 2px solid var(--brand-ink);
        outline-offset: 2px;
      }
    `,
  ]
  /** What to hold in front of the camera. */
  @property() hint = ''
  @state() on = false
  @state() note = ''
  @query('video') video!: HTMLVideoElement
  #isOpening = false
  #stream: MediaStream | undefined
  #timer: ReturnType<typeof setInterval> | undefined

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop()
  }

  override render(): TemplateResult {
    return html`<div class="camera ${this.on ? 'on' : ''}">
        <video ?hidden=${!this.on} muted playsinline aria-label=${msg('Camera picture')}></video>
        ${this.on ? html`<div class="frame"></div>` : this.#start()}
      </div>
      ${this.note === '' ? nothing : html`<p class="quiet" role="status">${this.note}</p>`}
      <label class="button file">
        ${icon('image')}${msg('Read a picture')}
        <input
          class="visually-hidden"
          type="file"
          accept="image/*"
          data-testid="qr-file"
          @change=${async (event: Event) => await this.#onFile(event)}
        />
      </label>`
  }

  #start(): TemplateResult {
    return html`<div class="start">
      <p>${this.hint} ${msg('The picture stays on this device.')}</p>
      <button type="button" class="button primary" data-testid="start-camera" @click=${async () => await this.#open()}>
        ${icon('camera')}${msg('Turn on the camera')}
      </button>
    </div>`
  }

  /** Once at a time: of two streams only one would be ended. */
  async #open(): Promise<void> {
    if (this.#isOpening) return
    this.#isOpening = true
    try {
      await this.#turnOn()
    } finally {
      this.#isOpening = false
    }
  }

  async #turnOn(): Promise<void> {
    this.note = ''
    let stream: MediaStream
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
    } catch (error) {
      const refused = error instanceof DOMException && error.name === 'NotAllowedError'
      this.note = refused
        ? msg('The browser may not use the camera. Allow it in the address bar, or read a picture.')
        : msg('No camera was found. You can read a picture instead.')
      return
    }
    this.#stream = stream
    if (!this.isConnected) return this.#stop()
    this.on = true
    this.video.srcObject = stream
    await this.video.play().catch(() => undefined)
    // Gone from the screen meanwhile, and the stream ended with it.
    if (this.#stream !== stream) return
    this.#timer = setInterval(() => this.#onFrame(), frameEveryMs)
  }

  #stop(): void {
    clearInterval(this.#timer)
    for (const track of this.#stream?.getTracks() ?? []) track.stop()
    this.#stream = undefined
    this.on = false
  }

  #onFrame(): void {
    const text = readFrame(this.video)
    if (text === undefined) return
    this.#stop()
    this.#tell(text)
  }

  async #onFile(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement
    const file = input.files?.[0]
    input.value = ''
    if (file === undefined) return
    const text = await readImage(file)
    if (text === undefined) this.note = msg('No code was found in this picture. Try a sharper or larger one.')
    else this.#tell(text)
  }

  #tell(text: string): void {
    this.note = ''
    this.dispatchEvent(new CustomEvent<string>('warren-code', { detail: text }))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-camera': WarrenCamera
  }
}
