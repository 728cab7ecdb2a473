/** A QR code on a canvas, dark on white in every theme: that is what cameras read. */

import { localized, msg } from '@lit/localize'
import { generate } from 'lean-qr'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement, property, query } from 'lit/decorators.js'

@customElement('warren-qr')
@localized()
export class WarrenQr extends LitElement {
  static override styles = css`
    :host {
      display: block;
      width: min(240px, 100%);
      padding: 14px;
      border-radius: 18px;
      background: #fff;
      box-sizing: border-box;
      box-shadow: var(--shadow);
    }
    canvas {
      display: block;
      width: 100%;
      image-rendering: pixelated;
    }
  `
  @property() text = ''
  /** What the picture is; one's own contact link unless told otherwise. */
  @property() label = ''
  @query('canvas') canvas!: HTMLCanvasElement

  override render(): TemplateResult {
    return html`<canvas
      role="img"
      aria-label=${this.label === '' ? msg('QR code of your contact link') : this.label}
    ></canvas>`
  }

  override updated(): void {
    if (this.text !== '') generate(this.text).toCanvas(this.canvas, { on: [38, 29, 23], off: [255, 255, 255] })
  }
}
