/** The files of a message, drawn: pictures in place, sound and film with controls, everything else as a card. */

import { msg, str } from '@lit/localize'
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../icons.ts'
import { frame, isFramed, shapeOf } from '../model/picture-shapes.ts'
import { kindOf, type Going, type ShownFile } from '../model/shown-files.ts'
import { fileProblem, fileSize, fileTitle } from '../text/file-words.ts'

export interface AttachmentContext {
  readonly urlOf: (file: ShownFile) => string
  /** What could not be shown, whatever its first bytes say. */
  readonly broken: ReadonlySet<string>
  /** Said of what is on its way: who has to be back for it. */
  readonly waiting: string
  /** Everything is only read here: what is not here does not come. */
  readonly isArchive: boolean
  /** Of a message that the daemon does not have yet. */
  readonly isPending: boolean
  readonly onView: (file: ShownFile) => void
  readonly onSave: (file: ShownFile) => void
  readonly onFetch: (file: ShownFile) => void
  /** The owner does not want to send it after all. */
  readonly onStop: (key: string) => void
  readonly onFailed: (file: ShownFile, event: Event) => void
}

/** Of a place that was made before the shape was known; see .framed. */
const widestFrame = 340 / 240

/** A picture has its place before it is there; what is very long or very wide is cut to a shape that can be looked at. */
function styleOf(file: ShownFile): string {
  const { width, height } = shapeOf(file) ?? { width: 320, height: 240 }
  const ratio = Math.min(isFramed(file.id) ? widestFrame : 3, Math.max(0.5, width / height))
  return `aspect-ratio:${ratio};--natural:${width}px;--ratio:${ratio}`
}

const percentOf = (part: number, { size }: ShownFile): number => (size === 0 ? 0 : Math.floor((part / size) * 100))

/** How far it has gone, and a way back. */
function stopButton(file: ShownFile, { key, sent, code }: Going, { onStop }: AttachmentContext): TemplateResult {
  const percent = percentOf(sent, file)
  const title = fileTitle(file)
  return html`<button
      type="button"
      class="stop ${code === undefined ? '' : 'failed'}"
      .style=${`--done:${percent}%`}
      data-testid="stop-file"
      aria-label=${code === undefined ? msg(str`Do not send ${title}`) : msg(str`Remove ${title}`)}
      title=${code === undefined ? msg('Do not send') : msg('Remove')}
      @click=${() => onStop(key)}
    >
      ${icon('close')}
    </button>
    ${
      code === undefined
        ? html`<progress
            class="visually-hidden"
            max="100"
            .value=${percent}
            aria-label=${msg(str`${title}: being added`)}
          ></progress>`
        : nothing
    }`
}

const problem = ({ size, going }: ShownFile): TemplateResult | typeof nothing =>
  going?.code === undefined ? nothing : html`<span class="problem" role="alert">${fileProblem(going.code, size)}</span>`

const fetchButton = (file: ShownFile, { onFetch }: AttachmentContext): TemplateResult =>
  html`<button
    type="button"
    class="button"
    data-testid="fetch-file"
    aria-label=${msg(str`Fetch ${fileTitle(file)}, ${fileSize(file.size)}`)}
    @click=${() => onFetch(file)}
  >
    ${msg('Fetch')}
  </button>`

function arriving(file: ShownFile, { waiting, isArchive }: AttachmentContext): TemplateResult {
  if (isArchive) return html`<span class="state" data-testid="file-left-out">${msg('Not in this backup')}</span>`
  const percent = percentOf(file.held, file)
  return html`<span class="state" data-testid="file-coming">${waiting}</span> ${
      percent === 0
        ? nothing
        : html`<progress max="100" .value=${percent} aria-label=${msg(str`${fileTitle(file)}: how much is here`)}>
            ${percent} %
          </progress>`
    }`
}

/** The place of what can be seen or heard once it is here. */
function empty(file: ShownFile, kind: string, context: AttachmentContext): TemplateResult {
  const { state, going } = file
  return html`<div class="empty ${kind}" data-testid="file" data-id=${file.id} data-state=${state}>
    ${
      going === undefined
        ? html`${kind === 'audio' ? nothing : html`<span class="name">${fileSize(file.size)}</span>`}
          ${state === 'missing' && !context.isArchive ? fetchButton(file, context) : arriving(file, context)}`
        : html`${stopButton(file, going, context)}${problem(file)}`
    }
  </div>`
}

function shownPicture(file: ShownFile, context: AttachmentContext): TemplateResult {
  const { name, going } = file
  const isOpen = !context.isPending
  const label = isOpen
    ? name === ''
      ? msg('Picture, open it')
      : msg(str`Picture ${name}, open it`)
    : msg(str`Picture ${name}`)
  return html`<button
      type="button"
      class="picture"
      data-testid="picture"
      data-id=${file.id}
      aria-label=${label}
      ?disabled=${!isOpen}
      @click=${() => context.onView(file)}
    >
      <img
        src=${context.urlOf(file)}
        alt=""
        decoding="async"
        draggable="false"
        @error=${(event: Event) => context.onFailed(file, event)}
      />
    </button>
    ${going === undefined ? nothing : html`${stopButton(file, going, context)}${problem(file)}`}`
}

function picture(file: ShownFile, context: AttachmentContext): TemplateResult {
  const isHere = file.state === 'whole'
  if (!isHere || shapeOf(file) === undefined) frame(file.id)
  return html`<div class="place ${isFramed(file.id) ? 'framed' : ''}" .style=${styleOf(file)}>
    ${isHere ? shownPicture(file, context) : empty(file, 'picture', context)}
  </div>`
}

const saveButton = (file: ShownFile, { onSave }: AttachmentContext): TemplateResult =>
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

function player(file: ShownFile, context: AttachmentContext): TemplateResult {
  const failed = (event: Event): void => context.onFailed(file, event)
  const src = context.urlOf(file)
  const title = fileTitle(file)
  return file.shows === 'video'
    ? html`<video src=${src} controls preload="metadata" playsinline aria-label=${title} @error=${failed}></video>`
    : html`<audio src=${src} controls preload="metadata" aria-label=${title} @error=${failed}></audio>`
}

function played(file: ShownFile, kind: 'video' | 'audio', context: AttachmentContext): TemplateResult {
  const isHere = file.state === 'whole' && file.going === undefined
  return html`<figure class="played">
    ${isHere ? player(file, context) : empty(file, kind, context)}
    <figcaption>
      <bdi>${fileTitle(file)}</bdi><span>${fileSize(file.size)}</span>${isHere ? saveButton(file, context) : nothing}
    </figcaption>
  </figure>`
}

function sideOf(file: ShownFile, context: AttachmentContext): TemplateResult | typeof nothing {
  if (file.going !== undefined) return stopButton(file, file.going, context)
  if (file.state === 'whole') return saveButton(file, context)
  return file.state === 'missing' && !context.isArchive ? fetchButton(file, context) : nothing
}

function card(file: ShownFile, context: AttachmentContext): TemplateResult {
  const { state, going } = file
  const kind = /\.([a-z0-9]{1,5})$/i.exec(file.name)?.[1]?.toUpperCase() ?? ''
  return html`<div
    class="card"
    data-testid="file"
    data-id=${file.id}
    data-state=${going === undefined ? state : 'going'}
  >
    <span class="sign" aria-hidden="true">${icon('file')}${kind === '' ? nothing : html`<small>${kind}</small>`}</span>
    <span class="about">
      <bdi class="title">${fileTitle(file)}</bdi>
      ${going?.code === undefined ? html`<span class="state">${fileSize(file.size)}</span>` : problem(file)}
      ${state !== 'whole' && (state === 'coming' || context.isArchive) && going === undefined ? arriving(file, context) : nothing}
    </span>
    ${sideOf(file, context)}
  </div>`
}

export const isDrawnAsPicture = (file: ShownFile, broken: ReadonlySet<string>): boolean =>
  kindOf(file) === 'picture' && !broken.has(file.id)

export function drawAttachment(file: ShownFile, context: AttachmentContext): TemplateResult {
  const kind = context.broken.has(file.id) ? undefined : kindOf(file)
  if (kind === 'picture') return picture(file, context)
  return kind === undefined ? card(file, context) : played(file, kind, context)
}
