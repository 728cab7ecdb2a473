/** Files as their owner meets them: what is added, what of it is here, and what a page may show of it. */

import type { BlobReference } from '../../protocol/blob.ts'
import { concat } from '../../protocol/bytes.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import type { Attachment } from '../../protocol/http-files.ts'
import { readBlobId, readConversationId, type BlobId, type ConversationId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { boundedFileName, fileName, mediaType } from './file-name.ts'
import { mediaHeadBytes, mediaOf, type Media } from './media-type.ts'

/** How much of a file is here. */
export type FileStanding = Pick<Attachment, 'state' | 'held'>

/** What this room asks of the one that keeps files. */
export interface FileRoom {
  /** The largest file that is taken, bytes. */
  readonly mostBytes: number
  /** Undefined for what the conversation does not refer to. */
  find(conversation: ConversationId, id: BlobId): BlobReference | undefined
  state(conversation: ConversationId, reference: BlobReference): FileStanding
  /** Throws TOO_LARGE, RATE_LIMITED, STORE_…, NOT_FOUND. */
  add(
    conversation: ConversationId,
    source: AsyncIterable<Uint8Array>,
    about: { readonly name: string; readonly type: string },
  ): Promise<BlobReference>
  /** Takes back what was added and not posted. Throws NOT_FOUND. */
  cancel(conversation: ConversationId, id: BlobId): Promise<void>
  /** A message refers to these. Throws STORE_…. */
  noted(conversation: ConversationId, references: readonly BlobReference[]): Promise<void>
  /** What is about to be posted. Throws NOT_FOUND. */
  posting(conversation: ConversationId, ids: readonly BlobId[]): Promise<BlobReference[]>
  /** They were not: nothing refers to them after all. Throws STORE_…. */
  notPosted(conversation: ConversationId, ids: readonly BlobId[]): Promise<void>
  /** Throws TOO_LARGE, STORE_…. */
  want(conversation: ConversationId, reference: BlobReference): Promise<void>
  /** Throws NOT_FOUND, and STORE_DAMAGED, CANNOT_DECRYPT, BAD_HASH where it is not what it should be. */
  read(
    conversation: ConversationId,
    reference: BlobReference,
    range: { readonly from: number; readonly to: number },
  ): AsyncGenerator<Uint8Array, void, undefined>
}

export interface FileDeskDeps {
  readonly files: FileRoom
  /** More is known of a picture of this group than was when it was looked at. */
  readonly looksDifferent: (conversation: ConversationId) => void
  /** Throws NOT_FOUND, NOT_ALLOWED, BLOCKED. */
  readonly checkMayWrite: (conversation: ConversationId) => void
}

export interface OpenedFile {
  readonly name: string
  readonly size: number
  readonly shownAs: string | undefined
  readonly read: (from: number, to: number) => AsyncGenerator<Uint8Array>
}

/** What is known by the first bytes; `undefined` of what is to be saved. */
type Known = Media | undefined

/** Files whose first bytes were looked at. */
const mostKnown = 8192

/** What could not be noted keeps nobody from reading the message. */
function unlessShown(error: unknown): void {
  if (!(error instanceof WarrenError)) throw error
}

const nameOf = (conversation: ConversationId, { id }: BlobReference): string => `${conversation} ${id}`

export class FileDesk {
  readonly #deps: FileDeskDeps
  /** By conversation and id, which is a hash: what one says stays true. Oldest first. */
  readonly #known = new Map<string, Known>()
  /** Pictures of groups that are looked at just now. */
  readonly #looking = new Set<string>()

  constructor(deps: FileDeskDeps) {
    this.#deps = deps
  }

  get mostBytes(): number {
    return this.#deps.files.mostBytes
  }

  async add(
    conversation: string,
    source: AsyncIterable<Uint8Array>,
    { name, type }: { readonly name: string; readonly type: string },
  ): Promise<Attachment> {
    const id = readConversationId(conversation)
    this.#deps.checkMayWrite(id)
    const about = { name: boundedFileName(name), type: mediaType(type) }
    const reference = await this.#deps.files.add(id, source, about)
    await this.learn(id, [reference])
    return this.shown(id, reference)
  }

  async attachment(conversation: string, blob: string): Promise<Attachment> {
    const { id, reference } = this.#find(conversation, blob)
    await this.learn(id, [reference])
    return this.shown(id, reference)
  }

  async fetch(conversation: string, blob: string): Promise<Attachment> {
    const { id, reference } = this.#find(conversation, blob)
    await this.#deps.files.want(id, reference)
    return await this.attachment(conversation, blob)
  }

  async cancel(conversation: string, blob: string): Promise<void> {
    await this.#deps.files.cancel(readConversationId(conversation), readBlobId(blob))
  }

  async open(conversation: string, blob: string): Promise<OpenedFile> {
    const { id, reference } = this.#find(conversation, blob)
    if (!this.#isWhole(id, reference)) throw new WarrenError('CONFLICT', 'not all of that file is here yet')
    await this.learn(id, [reference])
    return {
      name: fileName(reference.name),
      size: reference.size,
      shownAs: this.#known.get(nameOf(id, reference))?.type,
      read: (from, to) => this.#deps.files.read(id, reference, { from, to }),
    }
  }

  /** What is referred to by these ids, to be posted. Throws NOT_FOUND, BAD_SHAPE. */
  async posting(conversation: ConversationId, ids: readonly string[]): Promise<BlobReference[]> {
    if (ids.length === 0) return []
    return await this.#deps.files.posting(conversation, ids.map(readBlobId))
  }

  /**
   * Does what refers to files that posting() marked, and answers which of them it refers to. Where it is refused, or leaves some out, those
   * can be taken back, and are forgotten after a day, as before. Throws what `work` throws.
   */
  async refer<T>(
    conversation: ConversationId,
    files: readonly BlobReference[],
    work: () => Promise<{ readonly done: T; readonly referred: readonly BlobReference[] }>,
  ): Promise<T> {
    const leave = async (left: readonly BlobReference[]): Promise<void> =>
      await this.#deps.files.notPosted(
        conversation,
        left.map(({ id }) => id),
      )
    try {
      const { done, referred } = await work()
      const ids = new Set(referred.map(({ id }) => id))
      await leave(files.filter(({ id }) => !ids.has(id)))
      return done
    } catch (error) {
      // It may have been written all the same: the next start looks.
      if (!isUncertain(errorCode(error))) await leave(files)
      throw error
    }
  }

  /**
   * A file that was added, about to be its group's picture. It is named by nobody: its name would tell where it came from. Throws
   * BAD_SHAPE, NOT_FOUND, TOO_LARGE.
   */
  async picturing(conversation: ConversationId, blob: string): Promise<BlobReference> {
    const { reference } = this.#find(conversation, blob)
    const most = limits.groupPictureBytes
    if (reference.size > most)
      throw new WarrenError('TOO_LARGE', `the picture of a group has at most ${most} bytes`, { details: { most } })
    await this.learn(conversation, [reference])
    const media = this.#known.get(nameOf(conversation, reference))
    if (!isGroupPicture(media)) throw new WarrenError('BAD_SHAPE', 'a picture is a PNG, JPEG or WebP file')
    await this.#deps.files.posting(conversation, [reference.id])
    return { ...reference, name: '', type: media.type }
  }

  /** Whether a group can be shown by this picture. If that is not known yet it is looked for, and told once it is. */
  groupPicture(conversation: ConversationId, picture: BlobReference): boolean {
    if (picture.size > limits.groupPictureBytes || !this.#isWhole(conversation, picture)) return false
    const name = nameOf(conversation, picture)
    if (this.#known.has(name)) return isGroupPicture(this.#known.get(name))
    if (!this.#looking.has(name)) void this.#lookLater(conversation, picture, name)
    return false
  }

  async #lookLater(conversation: ConversationId, picture: BlobReference, name: string): Promise<void> {
    this.#looking.add(name)
    try {
      await this.learn(conversation, [picture])
      if (isGroupPicture(this.#known.get(name))) this.#deps.looksDifferent(conversation)
    } catch {
      // The store fails or closes, which others say: the group is shown without.
    } finally {
      this.#looking.delete(name)
    }
  }

  /** Files of messages that are shown: what a full disk or a crash kept from being noted is noted now, so that it can be fetched. */
  async meet(conversation: ConversationId, references: readonly BlobReference[]): Promise<void> {
    const unknown = references.filter(({ id }) => this.#deps.files.find(conversation, id) === undefined)
    if (unknown.length > 0) await this.#deps.files.noted(conversation, unknown).catch(unlessShown)
    await this.learn(conversation, references)
  }

  /** Looks at the first bytes of files that are here: shown() tells them from then on. Throws STORE_FAILED. */
  async learn(conversation: ConversationId, references: readonly BlobReference[]): Promise<void> {
    for (const each of references)
      if (this.#isWhole(conversation, each) && !this.#known.has(nameOf(conversation, each)))
        await this.#look(conversation, each)
  }

  /** A file that a message refers to, with what is known of it. */
  shown(conversation: ConversationId, reference: BlobReference): Attachment {
    const { id, size } = reference
    const { state, held } = this.#deps.files.state(conversation, reference)
    const media = state === 'whole' ? this.#known.get(nameOf(conversation, reference)) : undefined
    return {
      id,
      name: fileName(reference.name),
      type: mediaType(reference.type),
      size,
      state,
      held,
      ...(media === undefined ? {} : { shows: media.shows, ...media.size }),
    }
  }

  #isWhole(conversation: ConversationId, reference: BlobReference): boolean {
    return this.#deps.files.state(conversation, reference).state === 'whole'
  }

  #find(conversation: string, blob: string): { id: ConversationId; reference: BlobReference } {
    const id = readConversationId(conversation)
    const reference = this.#deps.files.find(id, readBlobId(blob))
    if (reference === undefined) throw new WarrenError('NOT_FOUND', 'no such file')
    return { id, reference }
  }

  async #look(conversation: ConversationId, reference: BlobReference): Promise<void> {
    const range = { from: 0, to: Math.min(reference.size, mediaHeadBytes) }
    const pieces: Uint8Array[] = []
    try {
      for await (const piece of this.#deps.files.read(conversation, reference, range)) pieces.push(piece)
    } catch (error) {
      // It was lost, and is fetched again, or its sender described another one: it is looked at when it is asked for again.
      if (brokenCodes.has(errorCode(error))) return
      throw error
    }
    this.#known.set(nameOf(conversation, reference), bounded(mediaOf(concat(...pieces))))
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= mostKnown) break
      this.#known.delete(oldest)
    }
  }
}

const isUncertain = (code: string): boolean => code === 'INTERNAL' || code === 'CLOSING' || code.startsWith('STORE_')

const groupPictureTypes: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/webp'])
const isGroupPicture = (media: Known): media is Media => media !== undefined && groupPictureTypes.has(media.type)

const brokenCodes: ReadonlySet<string> = new Set(['STORE_DAMAGED', 'NOT_FOUND', 'CANNOT_DECRYPT', 'BAD_HASH'])

/** A picture whose size is not known, or is beyond what a page should unfold, is a file like others. */
function bounded(media: Known): Known {
  if (media?.shows !== 'picture') return media
  const { width = Infinity, height = Infinity } = media.size ?? {}
  return width * height <= limits.picturePixels ? media : undefined
}
