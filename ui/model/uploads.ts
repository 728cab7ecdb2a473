/** Files on their way to the daemon, until a message that refers to them is stored. */

import { effect, signal } from '@preact/signals-core'
import type { Attachment } from '../../protocol/http-files.ts'
import { apiErrorCode, isPassing, type ApiErrorCode } from '../client/api-error.ts'
import { addFile, filesApi } from '../client/files-api.ts'
import { keepOwn } from './file-addresses.ts'
import { previewOf, type Preview } from './preview.ts'

export interface Upload {
  readonly key: string
  readonly conversation: string
  readonly name: string
  readonly type: string
  readonly size: number
  /** Bytes that have gone to the daemon. */
  readonly sent: number
  readonly preview?: Preview
  /** Once the daemon has it. */
  readonly file?: Attachment
  /** Why it has not, if it was tried. */
  readonly code?: ApiErrorCode
}

/** All conversations', by key. */
export const uploads = signal<ReadonlyMap<string, Upload>>(new Map())

/** What the browser reads from, until the file is no longer wanted. */
const sources = new Map<string, File>()
const ending = new Map<string, AbortController>()
/** Attempts that are under way. */
const going = new Map<string, Promise<void>>()

/** A phone's way to the daemon is narrow: what was chosen first should be there first. */
const atOnce = 2
let free = atOnce
const queue: (() => void)[] = []

async function turn(): Promise<void> {
  if (free > 0) free -= 1
  else await new Promise<void>((resolve) => queue.push(resolve))
}

function giveTurn(): void {
  const next = queue.shift()
  if (next === undefined) free += 1
  else next()
}

function put(key: string, change: Partial<Upload>): void {
  const before = uploads.value.get(key)
  if (before !== undefined) uploads.value = new Map(uploads.value).set(key, { ...before, ...change })
}

function takeOut(key: string): void {
  ending.get(key)?.abort()
  sources.delete(key)
  const after = new Map(uploads.value)
  after.delete(key)
  uploads.value = after
}

const isReadable = async (file: File): Promise<boolean> =>
  await file
    .slice(0, 1)
    .arrayBuffer()
    .then(() => true)
    .catch(() => false)

/** A folder, or what was changed after it was chosen, ends like a daemon that does not answer. */
async function codeOf(error: unknown, file: File): Promise<ApiErrorCode> {
  const code = apiErrorCode(error)
  return code === 'DAEMON_GONE' && !(await isReadable(file)) ? 'FILE_GONE' : code
}

async function attempt({ key, conversation }: Upload, source: File): Promise<void> {
  const end = new AbortController()
  ending.set(key, end)
  try {
    const onProgress = (sent: number): void => put(key, { sent: Math.min(sent, source.size) })
    const file = await addFile(conversation, source, { onProgress, signal: end.signal })
    // Taken back meanwhile.
    if (end.signal.aborted) await filesApi.cancel(conversation, file.id).catch(() => undefined)
    else put(key, { file, sent: source.size })
  } catch (error) {
    if (!end.signal.aborted) put(key, { code: await codeOf(error, source), sent: 0 })
  } finally {
    ending.delete(key)
  }
}

async function begin(key: string): Promise<void> {
  await turn()
  try {
    const upload = uploads.value.get(key)
    const source = sources.get(key)
    if (upload === undefined || upload.file !== undefined) return
    if (source === undefined) return put(key, { code: 'FILE_GONE' })
    const { code: _, ...rest } = upload
    uploads.value = new Map(uploads.value).set(key, rest)
    await attempt(rest, source)
  } finally {
    giveTurn()
    going.delete(key)
  }
}

/** Resolves when the file is at the daemon, or why it is not is told. What failed is tried again. */
export async function upload(key: string): Promise<void> {
  const { file } = uploads.value.get(key) ?? {}
  if (file !== undefined) return
  const started = going.get(key) ?? begin(key)
  going.set(key, started)
  await started
}

async function show(key: string, file: File): Promise<void> {
  const preview = await previewOf(file)
  if (preview === undefined) return
  if (uploads.value.has(key)) put(key, { preview })
  else URL.revokeObjectURL(preview.url)
}

/** Sends them off, and answers their keys. */
export function startUploads(conversation: string, files: readonly File[]): string[] {
  return files.map((file) => {
    const key = crypto.randomUUID()
    const { name, type, size } = file
    sources.set(key, file)
    uploads.value = new Map(uploads.value).set(key, { key, conversation, name, type, size, sent: 0 })
    void show(key, file)
    void upload(key)
    return key
  })
}

export const uploadsOf = (keys: readonly string[]): Upload[] => keys.flatMap((key) => uploads.value.get(key) ?? [])

/** As it can be kept over a reload: what the browser shows is gone then. */
export function withoutPreview(upload: Upload): Upload {
  const { preview: _, ...rest } = upload
  return rest
}

/** They will not go by themselves: somebody has to choose others, or to try again. */
export const isStuck = ({ code }: Upload): boolean => code !== undefined && !isPassing(code)

/** The owner does not want to send it after all. */
export function cancelUpload(key: string): void {
  const { conversation, file, preview } = uploads.value.get(key) ?? {}
  if (conversation === undefined) return
  takeOut(key)
  if (file !== undefined) void filesApi.cancel(conversation, file.id).catch(() => undefined)
  if (preview !== undefined) URL.revokeObjectURL(preview.url)
}

/** The daemon has forgotten what was not posted, as it does at its start: with the next upload() they go there again. */
export function takeBack(keys: readonly string[]): void {
  const after = new Map(uploads.value)
  for (const { key, file: _, ...rest } of uploadsOf(keys)) after.set(key, { ...rest, key, sent: 0 })
  uploads.value = after
}

/** Their message is stored: the page goes on showing the pictures that it has. */
export function settleUploads(keys: readonly string[]): void {
  for (const { key, file, preview } of uploadsOf(keys)) {
    if (preview !== undefined && file !== undefined) keepOwn(file.id, preview)
    takeOut(key)
  }
}

/** What an earlier load of the page left behind. */
export function restoreUploads(left: readonly Upload[]): void {
  const known = uploads.value
  const fresh = left.filter(({ key }) => !known.has(key))
  uploads.value = new Map([...fresh.map((each) => [each.key, each] as const), ...known])
}

/** The conversation was deleted, or the page is locked: nothing of them stays. */
export function forgetUploads(conversation?: string): void {
  for (const each of uploads.value.values()) {
    if (conversation !== undefined && each.conversation !== conversation) continue
    takeOut(each.key)
    if (each.preview !== undefined) URL.revokeObjectURL(each.preview.url)
  }
}

const ask = (event: Event): void => event.preventDefault()

/** The browser asks before it closes a page that files are still read from. */
export function guardUploads(): void {
  effect(() => {
    const isGoing = [...uploads.value.values()].some(({ key, file }) => file === undefined && sources.has(key))
    if (isGoing) addEventListener('beforeunload', ask)
    else removeEventListener('beforeunload', ask)
  })
}

/** The daemon answers again: what it did not take meanwhile goes now. */
export function resumeUploads(): void {
  for (const each of uploads.value.values()) if (each.code !== undefined && !isStuck(each)) void upload(each.key)
}
