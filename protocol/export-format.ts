/**
 * The lines of an exported conversation (docs/export.md): one JSON document, of which every line has one spelling, so that what a
 * checker looked at is what any reader of JSON sees.
 */

import type { BlobReference } from './blob.ts'
import { toBase64url } from './base64url.ts'
import { entryVersion, kinds, type Feed, type SealedHeader } from './entry.ts'
import type { ConversationId, DeviceId, EntryId, PersonId } from './ids.ts'

export const exportFormat = 'warren-export'
export const exportVersion = 2
/** Holds what this version holds of a conversation of one or two, and no proof above an end. */
export const firstExportVersion = 1

export interface ExportHead {
  readonly version: number
  /** What the exporter says of itself; signed by nobody. `at`: epoch milliseconds. */
  readonly made: { readonly at: number; readonly by: PersonId; readonly device: DeviceId; readonly warren: string }
  readonly conversation: {
    readonly id: ConversationId
    readonly kind: 'self' | 'direct' | 'group'
    /** The exporter first; of a group everybody of whom something is in it, or whom its operations name. */
    readonly persons: readonly PersonId[]
  }
  /** What the exporter calls them, in the same order; signed by nobody. */
  readonly names: readonly { readonly person: PersonId; readonly name: string }[]
}

/** Why entries of a feed are not in an export: what the exporter says, and nobody signs. */
export type GapReason = 'deleted' | 'missing' | 'unproven'
export const gapReasons: readonly GapReason[] = ['deleted', 'missing', 'unproven']

/** What stands in an export of an entry whose text does not: `gone`, it is held without payload; `unreadable`, without its key. */
export type BareKind = 'gone' | 'unreadable' | 'newer'
export const bareKinds: readonly BareKind[] = ['gone', 'unreadable', 'newer']

/** What an entry says, beside its header. */
export type ExportedBody =
  | { readonly is: 'message'; readonly payload: Uint8Array; readonly key: Uint8Array; readonly said: Said }
  | { readonly is: 'close'; readonly payload: Uint8Array }
  | { readonly is: 'erase'; readonly payload: Uint8Array; readonly entries: readonly EntryId[] }
  | { readonly is: BareKind }

/** What a message's content shows. `newer`: its type is not known here, and `text` is its fallback. */
export interface Said {
  readonly text: string
  /** What came with it: told of, and not in the export. */
  readonly files: readonly Pick<BlobReference, 'id' | 'name' | 'type' | 'size'>[]
  readonly newer: boolean
}

export interface ExportedEntry {
  readonly sealed: SealedHeader
  readonly from: PersonId
  readonly body: ExportedBody
  /** In a group: its author had lost the right to it. It is no part of the conversation. */
  readonly outside?: boolean
  /** Of the last entry before a gap, and of the newest: it vouches for all of its feed before it. */
  readonly signature: Uint8Array | undefined
}

export type FeedName = Pick<Feed, 'device' | 'generation'>

// As daemon/cli/terminal.ts: a file that is printed must not move the cursor, or turn the reading order.
const unsafe = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\u00ad\ufeff]/gu

const spelt = (value: object): string =>
  JSON.stringify(value).replace(
    unsafe,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  )

export const operationsBegin = ',"operations":['
export const entriesBegin = '],"entries":['
const endBegin = '],"end":'

/** The first line. */
export const headLine = ({ version, made, conversation, names }: ExportHead): string =>
  spelt({ format: exportFormat, version, made, conversation, names }).slice(0, -1) + operationsBegin

/** Whose an operation is: a person's log, or the group itself. */
export type OperationOf = { readonly person: PersonId } | { readonly group: ConversationId }

/** An operation of a person's log, or of the group. */
export const operationLine = (
  of: OperationOf,
  sealed: SealedHeader,
  payload: Uint8Array,
  signature: Uint8Array,
): string =>
  spelt({
    ...of,
    id: sealed.id,
    header: toBase64url(sealed.bytes),
    payload: toBase64url(payload),
    signature: toBase64url(signature),
  })

const filesOf = ({ files }: Said): object =>
  files.length === 0 ? {} : { files: files.map(({ id, name, type, size }) => ({ id, name, type, size })) }

export function entryLine({ sealed, from, body, outside, signature }: ExportedEntry): string {
  const { device, generation, seq, hlc } = sealed.header
  return spelt({
    is: body.is,
    id: sealed.id,
    from,
    device,
    generation,
    seq,
    at: hlc.wallMs,
    ...(outside === true ? { outside: true } : {}),
    ...(body.is === 'message' ? { text: body.said.text } : {}),
    ...(body.is === 'message' ? filesOf(body.said) : {}),
    ...(body.is === 'message' && body.said.newer ? { newer: true } : {}),
    ...(body.is === 'erase' ? { entries: body.entries } : {}),
    header: toBase64url(sealed.bytes),
    ...('payload' in body ? { payload: toBase64url(body.payload) } : {}),
    ...(body.is === 'message' ? { key: toBase64url(body.key) } : {}),
    ...(signature === undefined ? {} : { signature: toBase64url(signature) }),
  })
}

/** Entries of a feed that are not in the export, `first` to `last` by number. */
export const gapLine = ({ device, generation }: FeedName, first: number, last: number, why: GapReason): string =>
  spelt({ is: 'gap', device, generation, first, last, why })

/** Headers newest first, each the `prev` of the one before; the first is signed. */
export interface ForkProof {
  readonly headers: readonly SealedHeader[]
  readonly signature: Uint8Array
}

/**
 * A device wrote two histories. With a proof it stands behind the entry `after`, which cannot be in one history with the last of its
 * headers; without one this is what the exporter says, behind the last that there is of the feed.
 */
export const forkLine = ({ device, generation }: FeedName, after: number, proof?: ForkProof): string =>
  spelt({
    is: 'fork',
    device,
    generation,
    after,
    ...(proof === undefined
      ? {}
      : { headers: proof.headers.map(({ bytes }) => toBase64url(bytes)), signature: toBase64url(proof.signature) }),
  })

/**
 * What vouches for the entry directly before it, where its author signed further up only: the headers above it, newest first, each
 * the `prev` of the one before, the last one directly above that entry; the first is signed.
 */
export const aboveLine = ({ device, generation }: FeedName, { headers, signature }: ForkProof): string =>
  spelt({
    is: 'above',
    device,
    generation,
    headers: headers.map(({ bytes }) => toBase64url(bytes)),
    signature: toBase64url(signature),
  })

/** The last line; behind it there is a newline and nothing else. */
export const endLine = (entries: number, messages: number): string => `${endBegin}${spelt({ entries, messages })}}`

/** An item of a list stands on a line of its own, with a comma before all but the first. */
export const itemLine = (line: string, isFirst: boolean): string => (isFirst ? line : `,${line}`)

/** Whether an entry may be told of by its header alone, for this reason. */
export function isBareKind({ header }: SealedHeader, is: BareKind): boolean {
  const { version, kind, lifetime } = header
  const isContent = version === entryVersion && kind === kinds.content
  if (is === 'newer') return version !== entryVersion || kind > kinds.erase || (isContent && lifetime > 0)
  return isContent && (is === 'gone' || lifetime === 0)
}

export const feedNameOf = ({ header: { device, generation } }: SealedHeader): FeedName => ({ device, generation })
