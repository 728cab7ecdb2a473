/** The files of a message, drawn: pictures in place, sound and film with controls, everything else as a card. */

import { msg, str } from '@lit/localize'
import { html, nothing, type TemplateResult } from 'lit'
import type { Attachment } from '../../protocol/http-files.ts'
import { icon } from '../icons.ts'
import { fileSize, fileTitle } from '../text/file-words.ts'

export interface AttachmentContext {
  readonly urlOf: (file: Attachment) => string
  /** What could not be shown, whatever its first bytes say. */
  readonly broken: ReadonlySet<string>
  /** Said of what is on its way: who has to be back for it. */
  readonly waiting: string
  readonly onView: (file: Attachment) => void
  readonly onSave: (file: Attachment) => void
  readonly onFetch: (file: Attachment) => void
  readonly onFailed: (file: Attachment, event: Event) => void
}

/** A picture has its place before it is there; what is very long or very wide is cut to a shape that can be looked at. */
function shapeOf({ width = 4, height = 3 }: Attachment): string {
  const ratio = Math.min(3, Math.max(0.5, width / height))
  return `aspect-ratio:${ratio};--natural:${width}px;--ratio:${ratio}`
}

function picture(file: Attachment, context: AttachmentContext): TemplateResult {
  const { name } = file
  return html`<button
    type="button"
    class="picture"
    .style=${shapeOf(file)}
    data-testid="picture"
    data-id=${file.id}
    aria-label=${name === '' ? msg('Picture, open it') : msg(str`Picture ${name}, open it`)}
    @click=${() => context.onView(file)}
  >
    <img
      src=${context.urlOf(file)}
      alt=""
      decoding="async"
      draggable="false"
      @error=${(event: Event) => context.onFailed(file, event)}
    />
  </button>`
}

const saveButton = (file: Attachment, { onSave }: AttachmentContext): TemplateResult =>
  html`<button
    type="button"
    class="round"
    data-testid="save-file"
    aria-label=${msg(str`Save ${fileTitle(file)}`)}
    title=${msg('Save')}
    @click=${() => onSave(file)}
  >
    ${icon('download')}
  </button>`

function played(file: Attachment, context: AttachmentContext): TemplateResult {
  const failed = (event: Event): void => context.onFailed(file, event)
  const src = context.urlOf(file)
  const title = fileTitle(file)
  return html`<figure class="played">
    ${
      file.shows === 'video'
        ? html`<video src=${src} controls preload="metadata" playsinline aria-label=${title} @error=${failed}></video>`
        : html`<audio src=${src} controls preload="metadata" aria-label=${title} @error=${failed}></audio>`
    }
    <figcaption><bdi>${title}</bdi><span>${fileSize(file.size)}</span>${saveButton(file, context)}</figcaption>
  </figure>`
}

function arriving(file: Attachment, { waiting }: AttachmentContext): TemplateResult {
  const percent = file.size === 0 ? 0 : Math.floor((file.held / file.size) * 100)
  return html`<span class="state" data-testid="file-coming">${waiting}</span> ${
      percent === 0
        ? nothing
        : html`<progress max="100" .value=${percent} aria-label=${msg(str`${fileTitle(file)}: how much is here`)}>
            ${percent} %
          </progress>`
    }`
}

function card(file: Attachment, context: AttachmentContext): TemplateResult {
  const { state } = file
  const kind = /\.([a-z0-9]{1,5})$/i.exec(file.name)?.[1]?.toUpperCase() ?? ''
  return html`<div class="card" data-testid="file" data-id=${file.id} data-state=${state}>
    <span class="sign" aria-hidden="true">${icon('file')}${kind === '' ? nothing : html`<small>${kind}</small>`}</span>
    <span class="about">
      <bdi class="title">${fileTitle(file)}</bdi>
      <span class="state">${fileSize(file.size)}</span>
      ${state === 'coming' ? arriving(file, context) : nothing}
    </span>
    ${
      state === 'whole'
        ? saveButton(file, context)
        : state === 'missing'
          ? html`<button
              type="button"
              class="button"
              data-testid="fetch-file"
              aria-label=${msg(str`Fetch ${fileTitle(file)}, ${fileSize(file.size)}`)}
              @click=${() => context.onFetch(file)}
            >
              ${msg('Fetch')}
            </button>`
          : nothing
    }
  </div>`
}

export function drawAttachment(file: Attachment, context: AttachmentContext): TemplateResult {
  const isShown = file.state === 'whole' && file.shows !== undefined && !context.broken.has(file.id)
  if (!isShown) return card(file, context)
  return file.shows === 'picture' ? picture(file, context) : played(file, context)
}
