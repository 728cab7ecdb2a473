/** Exports written by hand: feeds, the document around them, and what a checker says of it. */

import { encodeContent, textContent } from '../../protocol/content.ts'
import { sha256 } from '../../protocol/crypto.ts'
import { associatedData, entryVersion, kinds, lanes, sealHeader, signEntry, type Header } from '../../protocol/entry.ts'
import { payloadKey, sealPayload } from '../../protocol/epoch.ts'
import { errorCode } from '../../protocol/errors.ts'
import { ExportCheck } from '../../protocol/export-check.ts'
import {
  endLine,
  entriesBegin,
  entryLine,
  exportVersion,
  headLine,
  itemLine,
  operationLine,
  type ExportedEntry,
} from '../../protocol/export-format.ts'
import type { ExportReport } from '../../protocol/export-report.ts'
import { directId, type PersonId } from '../../protocol/ids.ts'
import { actor, alice, bob, epoch, fill, generation, PersonLog, type Actor, type Entry } from './cast.ts'

export const phone = actor(4)
export const epochKey = fill(60)

/** The feed of one device in a conversation, as it is exported. */
export class Feed {
  readonly entries: ExportedEntry[] = []
  readonly #scope: ReturnType<typeof directId>
  readonly #by: Actor
  readonly #from: PersonId

  constructor(scope: ReturnType<typeof directId>, by: Actor, from: PersonId) {
    this.#scope = scope
    this.#by = by
    this.#from = from
  }

  say(text: string, atMs: number, change: Partial<Header> = {}): this {
    const below = this.entries.at(-1)?.sealed
    const feed = { scope: this.#scope, device: this.#by.device, lane: lanes.messages, generation }
    const front = {
      ...feed,
      version: entryVersion,
      seq: (below?.header.seq ?? 0) + 1,
      prev: below?.id,
      hlc: { wallMs: atMs, count: 0 },
      kind: kinds.content,
      epoch,
      lifetime: 0,
      ...change,
    }
    const plain = encodeContent(textContent(text, `${atMs}`))
    const payload = sealPayload(epochKey, feed, associatedData(front), plain, sha256(fill(this.entries.length + 1)))
    const hashed = { payloadHash: sha256(payload), payloadLength: payload.length, extension: [] }
    const sealed = sealHeader({ ...front, ...hashed })
    const key = payloadKey(epochKey, sealed, payload)
    const body = { is: 'message', payload, key, said: { text, files: [], newer: false } } as const
    this.entries.push({ sealed, from: this.#from, body, signature: undefined })
    return this
  }

  /** As exported: its last entry is signed. */
  signed(key = this.#by.key): ExportedEntry[] {
    const last = this.entries.at(-1) as ExportedEntry
    return [...this.entries.slice(0, -1), { ...last, signature: signEntry(key, last.sealed.id) }]
  }
}

export interface Document {
  readonly persons: readonly [PersonId, PersonId]
  readonly by: Actor
  readonly operations: readonly (readonly [PersonId, Entry])[]
  readonly entries: readonly ExportedEntry[]
}

export const linesOf = ({ persons, by, operations, entries }: Document): string[] => [
  headLine({
    version: exportVersion,
    made: { at: 1, by: persons[0], device: by.device, warren: '0.0.0' },
    conversation: { id: directId(...persons), kind: 'direct', persons },
    names: persons.map((person, at) => ({ person, name: `person ${at}` })),
  }),
  ...operations.map(([person, { sealed, payload, signature }], at) =>
    itemLine(operationLine({ person }, sealed, payload, signature), at === 0),
  ),
  entriesBegin,
  ...entries.map((entry, at) => itemLine(entryLine(entry), at === 0)),
  endLine(entries.length, entries.length),
]

export function check(lines: readonly string[]): ExportReport {
  const checking = new ExportCheck()
  for (const line of lines) checking.line(line)
  return checking.report()
}

export function verdictOn(lines: readonly string[]): string {
  try {
    check(lines)
    return 'genuine'
  } catch (error) {
    return errorCode(error)
  }
}

export const logOf = (log: PersonLog): (readonly [PersonId, Entry])[] => log.entries.map((each) => [log.person, each])

/** Alice, who has a phone, and Bob. */
export function cast(): {
  alices: PersonLog
  bobs: PersonLog
  document: (entries: readonly ExportedEntry[]) => Document
} {
  const alices = new PersonLog(alice, 1)
  const bobs = new PersonLog(bob, 2)
  alices.add(alice, phone)
  const document = (entries: readonly ExportedEntry[]): Document => ({
    persons: [alices.person, bobs.person],
    by: alice,
    operations: [...logOf(alices), ...logOf(bobs)],
    entries,
  })
  return { alices, bobs, document }
}
