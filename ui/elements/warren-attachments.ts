/** The files of one message. Addresses that count no more are asked for anew; what cannot be shown can be saved. */

import { localized } from '@lit/localize'
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import type { Attachment } from '../../protocol/http-files.ts'
import { apiErrorCode, type ApiErrorCode } from '../client/api-error.ts'
import { filesApi } from '../client/files-api.ts'
import { addressOf, freshAddress, saveAttachment } from '../model/file-addresses.ts'
import { discardFile } from '../model/outbox.ts'
import { me } from '../model/state.ts'
import { uploadsShown, type ShownFile } from '../model/shown-files.ts'
import { uploads } from '../model/uploads.ts'
import { SignalController } from '../signal-controller.ts'
import { attachmentStyles } from '../styles/attachments.ts'
import { fileStyles } from '../styles/files.ts'
import { base, buttons } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { drawAttachment, isDrawnAsPicture, type AttachmentContext } from './attachment-row.ts'

/** Which picture somebody wants to see large. */
export interface Viewing {
  readonly conversation: string
  readonly id: string
}

@customElement('warren-attachments')
@localized()
export class WarrenAttachments extends LitElement {
  static override styles = [base, buttons, fileStyles, attachmentStyles]
  @property() conversation = ''
  /** Of a message that the daemon has. */
  @property({ attribute: false }) files: readonly Attachment[] = []
  /** Of one that it does not have: keys of what goes with it. */
  @property({ attribute: false }) uploads: readonly string[] = []
  /** The message that the uploads belong to. */
  @property() client = ''
  /** Said of what is on its way. */
  @property() waiting = ''
  @state() broken: ReadonlySet<string> = new Set()
  @state() failed: ApiErrorCode | undefined
  /** What is on screen keeps its address, however old, until that fails. */
  readonly #urls = new Map<string, string>()
  readonly #renewed = new Set<string>()
  /** Only says when. */
  readonly #going = new SignalController(this, () => (this.uploads.length === 0 ? undefined : uploads.value))

  readonly #context: AttachmentContext = {
    urlOf: (file) => this.#urlOf(file),
    broken: this.broken,
    waiting: '',
    isPending: false,
    isArchive: false,
    onView: ({ id }) => {
      const detail: Viewing = { conversation: this.conversation, id }
      this.dispatchEvent(new CustomEvent('warren-view', { detail, bubbles: true, composed: true }))
    },
    onSave: ({ id }) => void this.#try(async () => await saveAttachment(this.conversation, id)),
    onFetch: ({ id }) => void this.#try(async () => await this.#fetch(id)),
    onStop: (key) => discardFile(this.client, key),
    onFailed: (file, event) => void this.#renew(file, event.target as HTMLMediaElement | HTMLImageElement),
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('uploads')) this.#going.refresh()
  }

  override render(): TemplateResult {
    const isPending = this.uploads.length > 0
    const isArchive = me.value?.archive !== undefined
    const context = { ...this.#context, broken: this.broken, waiting: this.waiting, isPending, isArchive }
    const all: readonly ShownFile[] = isPending ? uploadsShown(this.uploads) : this.files
    const pictures = all.filter((file) => isDrawnAsPicture(file, this.broken))
    const others = all.filter((file) => !pictures.includes(file))
    // By place: a message may refer to one file twice, and what is on its way gets another id.
    const draw = (files: readonly ShownFile[]): unknown =>
      repeat(
        files,
        (_, index) => index,
        (file) => drawAttachment(file, context),
      )
    return html`${
      pictures.length === 0
        ? nothing
        : html`<div class="pictures ${pictures.length > 1 ? 'several' : ''}">${draw(pictures)}</div>`
    }
    ${draw(others)}
    ${this.failed === undefined ? nothing : html`<p class="problem" role="alert">${errorSentence(this.failed)}</p>`}`
  }

  #urlOf(file: ShownFile): string {
    const url = this.#urls.get(file.id) ?? addressOf(file)
    this.#urls.set(file.id, url)
    return url
  }

  async #try(work: () => Promise<void>): Promise<void> {
    this.failed = undefined
    try {
      await work()
    } catch (error) {
      this.failed = apiErrorCode(error)
    }
  }

  async #fetch(id: string): Promise<void> {
    const asked = await filesApi.fetch(this.conversation, id)
    this.files = this.files.map((each) => (each.id === id ? asked : each))
  }

  /** An address is too old once; what fails again with a fresh one is no picture, or no film that this browser knows. */
  async #renew({ id }: ShownFile, element: HTMLMediaElement | HTMLImageElement): Promise<void> {
    const at = element instanceof HTMLMediaElement ? element.currentTime : 0
    const url = this.#renewed.has(id) ? '' : await freshAddress(this.conversation, id).catch(() => '')
    if (url === '') {
      this.broken = new Set([...this.broken, id])
      return
    }
    this.#renewed.add(id)
    this.#urls.set(id, url)
    // Once it loads, a later failure is one of age again.
    element.addEventListener(element instanceof HTMLMediaElement ? 'canplay' : 'load', () => this.#renewed.delete(id), {
      once: true,
    })
    this.requestUpdate()
    await this.updateComplete
    if (element instanceof HTMLMediaElement && at > 0) element.currentTime = at
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-attachments': WarrenAttachments
  }
}
