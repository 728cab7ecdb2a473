/** A person as a round of their colour with their initials, a group with its picture where it has one; an ornament beside a name, so hidden from screen readers. */

import { css, html, LitElement, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { icon } from '../icons.ts'
import { addressOf, freshAddress } from '../model/file-addresses.ts'
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

/** The same picture has a new address now and then. */
const keyOf = (picture: ShownPicture | undefined): string =>
  picture === undefined ? '' : picture.id === '' ? (picture.url ?? '') : `${picture.conversation} ${picture.id}`

/** A picture of a group, or one that was chosen and lies nowhere yet. */
export interface ShownPicture {
  /** Of the blob; '' where it lies nowhere. */
  readonly id: string
  readonly conversation: string
  readonly url?: string
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
      img {
        width: 100%;
        height: 100%;
        object-fit: cover;
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
  @property({
    attribute: false,
    hasChanged: (now?: ShownPicture, before?: ShownPicture) => keyOf(now) !== keyOf(before),
  })
  picture: ShownPicture | undefined
  /** What is on screen keeps its address, however old, until that fails. */
  @state() url = ''
  #isRenewed = false

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('picture')) return
    const { picture } = this
    this.#isRenewed = false
    this.url = picture === undefined ? '' : picture.id === '' ? (picture.url ?? '') : addressOf(picture)
  }

  override render(): TemplateResult {
    const color = /^#[0-9a-f]{6}$/i.test(this.color) && !this.notes ? this.color : '#b5451b'
    return html`<div class="round" aria-hidden="true" .style=${`background:${color};color:${inkOn(color)}`}>
        ${this.notes ? icon('note') : this.url === '' ? initials(this.name) : this.#drawn()}
      </div>
      ${this.online ? html`<span class="dot"></span>` : ''}`
  }

  #drawn(): TemplateResult {
    return html`<img
      src=${this.url}
      alt=""
      decoding="async"
      draggable="false"
      @load=${() => {
        this.#isRenewed = false
      }}
      @error=${async () => await this.#renew()}
    />`
  }

  /** An address is too old once; what fails again with a fresh one cannot be drawn. */
  async #renew(): Promise<void> {
    const { picture } = this
    const isLost = picture === undefined || picture.id === '' || this.#isRenewed
    this.#isRenewed = true
    const url = isLost ? '' : await freshAddress(picture.conversation, picture.id).catch(() => '')
    if (this.picture === picture) this.url = url
  }
}
