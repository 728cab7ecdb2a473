/**
 * The lines of an exported conversation (docs/export.md): one JSON document, of which every line has one spelling, so that what a
 * checker looked at is what any reader of JSON sees.
 */

import { toBase64url } from './base64url.ts'
import { entryVersion, kinds, type Feed, type SealedHeader } from './entry.ts'
import type { ConversationId, DeviceId, EntryId, PersonId } from './ids.ts'

export const exportFormat = 'warren-export'
export const exportVersion = 1

export interface ExportHead {
  /** What the exporter says of itself; signed by nobody. `at`: epoch milliseconds. */
  readonly made: { readonly at: number; readonly by: PersonId; readonly device: DeviceId; readonly warren: string }
  readonly conversation: {
    readonly id: ConversationId
    readonly kind: 'self' | 'direct'
    /** The exporter first. */
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
  readonly newer: boolean
}

export interface ExportedEntry {
  readonly sealed: SealedHeader
  readonly from: PersonId
  readonly body: ExportedBody
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
export const headLine = ({ made, conversation, names }: ExportHead): string =>
  spelt({ format: exportFormat, version: exportVersion, made, conversation, names }).slice(0, -1) + operationsBegin

/** An operation of a person's log. */
export const operationLine = (
  person: PersonId,
  sealed: SealedHeader,
  payload: Uint8Array,
  signature: Uint8Array,
): string =>
  spelt({
    person,
    id: sealed.id,
    header: toBase64url(sealed.bytes),
    payload: toBase64url(payload),
    signature: toBase64url(signature),
  })

export function entryLine({ sealed, from, body, signature }: ExportedEntry): string {
  const { device, generation, seq, hlc } = sealed.header
  return spelt({
    is: body.is,
    id: sealed.id,
    from,
    device,
    generation,
    seq,
    at: hlc.wallMs,
    ...(body.is === 'message' ? { text: body.said.text } : {}),
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

/** What a device wrote in another history of a feed: headers newest first, each the `prev` of the one before; the first is signed. */
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
