/** A person as a round of their colour with their initials; an ornament beside a name, so hidden from screen readers. */

import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { icon } from '../icons.ts'
import { base } from '../styles/shared.ts'
import { initials } from '../text/initials.ts'

const channel = (hex: string, at: number): number => {
  const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
  return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
}

/** White or near-black, whichever reads better on the colour (WCAG 2 contrast). */
function inkOn(color: string): string {
  const light = 0.2126 * channel(color, 1) + 0.7152 * channel(color, 3) + 0.0722 * channel(color, 5)
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? '#fff' : '#000'
}

@customElement('warren-avatar')
export class WarrenAvatar extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        --size: 48px;
        display: block;
        position: relative;
        flex: none;
        width: var(--size);
        height: var(--size);
      }
      .round {
        display: grid;
        place-items: center;
        width: 100%;
        height: 100%;
        border-radius: 50%;
        background: var(--brand);
        color: #fff;
        font-weight: 600;
        font-size: calc(var(--size) * 0.38);
        letter-spacing: 0.01em;
        line-height: 1;
        user-select: none;
        overflow: hidden;
      }
      :host([group]) .round {
        border-radius: 30%;
      }
      .dot {
        position: absolute;
        right: 0;
        bottom: 0;
        width: 12px;
        height: 12px;
        border-radius: 50%;
        background: var(--online);
        border: 2.5px solid var(--panel);
        box-sizing: content-box;
        transform: translate(1px, 1px);
      }
    `,
  ]
  @property() name = ''
  @property() color = ''
  @property({ type: Boolean }) online = false
  /** Not one person but several: another shape. */
  @property({ type: Boolean, reflect: true }) group = false
  /** The owner's own notes: a bookmark in place of initials. */
  @property({ type: Boolean }) notes = false

  override render(): TemplateResult {
    const color = /^#[0-9a-f]{6}$/i.test(this.color) && !this.notes ? this.color : '#b5451b'
    return html`<div class="round" aria-hidden="true" .style=${`background:${color};color:${inkOn(color)}`}>
        ${this.notes ? icon('note') : initials(this.name)}
      </div>
      ${this.online ? html`<span class="dot"></span>` : ''}`
  }
}
