/** One picture of a conversation, as large as the screen: Escape closes it, arrows go to the one before and behind. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, query, state } from 'lit/decorators.js'
import type { Attachment } from '../../protocol/http-files.ts'
import { icon } from '../icons.ts'
import { addressOf, freshAddress, saveAttachment } from '../model/file-addresses.ts'
import { timelines } from '../model/timelines.ts'
import { base, buttons } from '../styles/shared.ts'
import { fileTitle } from '../text/file-words.ts'
import type { Viewing } from './warren-attachments.ts'

const isPicture = ({ state: here, shows }: Attachment): boolean => here === 'whole' && shows === 'picture'

@customElement('warren-viewer')
@localized()
export class WarrenViewer extends LitElement {
  static override styles = [
    base,
    buttons,
    css`
      dialog {
        width: 100vw;
        height: 100dvh;
        max-width: none;
        max-height: none;
        margin: 0;
        padding: 0;
        border: 0;
        background: rgb(12 10 9 / 94%);
        color: #fff;
      }
      dialog[open] {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr);
      }
      header {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 8px 12px;
        min-width: 0;
      }
      h2 {
        flex: 1;
        min-width: 0;
        font-size: 15px;
        font-weight: 600;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .round {
        flex: none;
        display: grid;
        place-items: center;
        width: 44px;
        height: 44px;
        border-radius: 50%;
      }
      .round:hover:not(:disabled) {
        background: rgb(255 255 255 / 15%);
      }
      .round:focus-visible {
        outline-color: #fff;
      }
      .stage {
        position: relative;
        min-height: 0;
        display: grid;
        place-items: center;
        padding: 0 12px calc(12px + env(safe-area-inset-bottom));
      }
      img {
        min-width: 0;
        min-height: 0;
        max-width: 100%;
        max-height: 100%;
        object-fit: contain;
        border-radius: 4px;
      }
      .count {
        font-size: 13.5px;
        font-variant-numeric: tabular-nums;
      }
    `,
  ]
  @property({ attribute: false }) viewing: Viewing | undefined
  @query('dialog') dialog!: HTMLDialogElement
  @state() at = 0
  @state() url = ''
  #pictures: readonly Attachment[] = []
  #isRenewed = false

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('viewing') || this.viewing === undefined) return
    const { conversation, id } = this.viewing
    const all = timelines
      .of(conversation)
      .window.peek()
      .messages.flatMap(({ attachments }) => attachments ?? [])
    this.#pictures = all.filter(isPicture)
    this.#show(
      Math.max(
        0,
        this.#pictures.findIndex((each) => each.id === id),
      ),
    )
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('viewing')) return
    if (this.viewing !== undefined && !this.dialog.open) this.dialog.showModal()
  }

  override render(): TemplateResult {
    const file = this.#pictures[this.at]
    return html`<dialog
      data-testid="viewer"
      aria-label=${file === undefined ? msg('Picture') : fileTitle(file)}
      @close=${() => this.dispatchEvent(new Event('warren-closed'))}
      @keydown=${(event: KeyboardEvent) => this.#onKey(event)}
      @click=${(event: Event) => {
        if ((event.target as Element).classList.contains('stage')) this.dialog.close()
      }}
    >
      ${file === undefined || this.viewing === undefined ? nothing : this.#open(file)}
    </dialog>`
  }

  #open(file: Attachment): TemplateResult {
    const all = this.#pictures.length
    return html`<header>
        <h2><bdi>${fileTitle(file)}</bdi></h2>
        ${
          all < 2
            ? nothing
            : html`${this.#step(-1, msg('Earlier picture'), 'arrow-left')}
                <span class="count" role="status" aria-label=${msg(str`Picture ${this.at + 1} of ${all}`)}
                  >${this.at + 1} / ${all}</span
                >
                ${this.#step(1, msg('Later picture'), 'arrow-right')}`
        }
        ${this.#button(msg(str`Save ${fileTitle(file)}`), 'download', () => this.#save(file), 'viewer-save')}
        ${this.#button(msg('Close'), 'close', () => this.dialog.close(), 'viewer-close')}
      </header>
      <div class="stage">
        <img src=${this.url} alt=${fileTitle(file)} @error=${() => void this.#renew(file)} />
      </div>`
  }

  #step(by: number, label: string, sign: string): TemplateResult {
    const isEnd = this.#pictures[this.at + by] === undefined
    return html`<button
      type="button"
      class="round"
      aria-label=${label}
      title=${label}
      ?disabled=${isEnd}
      @click=${() => this.#show(this.at + by)}
    >
      ${icon(sign)}
    </button>`
  }

  #button(label: string, sign: string, act: () => void, id: string): TemplateResult {
    return html`<button type="button" class="round" data-testid=${id} aria-label=${label} title=${label} @click=${act}>
      ${icon(sign)}
    </button>`
  }

  #onKey(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    this.#show(this.at + step)
  }

  #show(at: number): void {
    const file = this.#pictures[at]
    if (file === undefined) return
    this.at = at
    this.url = addressOf(file)
    this.#isRenewed = false
  }

  #save({ id }: Attachment): void {
    void saveAttachment(this.viewing?.conversation ?? '', id).catch(() => undefined)
  }

  async #renew({ id }: Attachment): Promise<void> {
    if (this.#isRenewed || this.viewing === undefined) return
    this.#isRenewed = true
    this.url = await freshAddress(this.viewing.conversation, id).catch(() => this.url)
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-viewer': WarrenViewer
  }
}
