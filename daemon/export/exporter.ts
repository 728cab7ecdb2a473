/** Saves a conversation outside of Warren: as a page to read, or as JSON that can be checked. */

import { WarrenError } from '../../protocol/errors.ts'
import type { ConversationId, DeviceId, PersonId } from '../../protocol/ids.ts'
import { exportVersion } from '../../protocol/export-format.ts'
import type { ConversationKind } from '../../protocol/http-conversations.ts'
import { limits } from '../../protocol/limits.ts'
import type { History } from '../conversations/history.ts'
import { exportAsHtml } from './html-export.ts'
import type { ExportLanguage } from './html-words.ts'
import { exportAsJson } from './json-export.ts'

export interface ExporterDeps {
  readonly self: { readonly device: DeviceId; readonly person: PersonId }
  /** Throws NOT_FOUND. */
  readonly history: (conversation: ConversationId) => History
  /** What the owner calls a person; may be empty. */
  readonly nameOf: (person: PersonId) => string
  /** What the owner sees a group called. */
  readonly titleOf: (group: ConversationId) => string
  readonly isBlocked: (person: PersonId) => boolean
  readonly now: () => number
  /** Of the program. */
  readonly version: string
}

export interface ExportWish {
  readonly format: 'html' | 'json'
  /** Of the page's own words. */
  readonly language: ExportLanguage
}

export interface ExportedFile {
  /** Letters, digits and dashes, with an ending. */
  readonly name: string
  /** Read only as far as it is asked for; ended by return(). Throws STORE_…, and NOT_FOUND once the conversation is deleted. */
  readonly pieces: AsyncGenerator<string>
}

/** What a piece has at least, in UTF-16 units, but for the last. */
const pieceLength = 64 * 1024

async function* gathered(lines: AsyncGenerator<string>): AsyncGenerator<string> {
  let piece = ''
  for await (const line of lines) {
    piece += line
    if (piece.length < pieceLength) continue
    yield piece
    piece = ''
  }
  if (piece !== '') yield piece
}

const mostInName = 40

/** What of a name may stand in a file's name, on every system. */
const fileWord = (name: string): string =>
  Array.from(
    name
      .normalize('NFC')
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-'),
  )
    .slice(0, mostInName)
    .join('')
    .replace(/^-+|-+$/g, '')

const two = (number: number): string => String(number).padStart(2, '0')

/** The day where the daemon runs, such as 2026-11-20. */
function dayOf(epochMs: number): string {
  const at = new Date(epochMs)
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
}

/** The log of a person is no conversation, and has no history. */
const kindOf = ({ record: { kind } }: History): ConversationKind => (kind === 'person' ? 'self' : kind)

export class Exporter {
  readonly #deps: ExporterDeps

  constructor(deps: ExporterDeps) {
    this.#deps = deps
  }

  /** The conversation as it stands at this moment. Throws NOT_FOUND, TOO_LARGE for a group of too many persons. */
  begin(conversation: ConversationId, { format, language }: ExportWish): ExportedFile {
    const { history: open, nameOf, titleOf, isBlocked, now, self, version } = this.#deps
    const history = open(conversation)
    const { persons } = history
    if (persons.length > limits.exportPersons)
      throw new WarrenError('TOO_LARGE', 'a group of so many persons cannot be saved')
    const kind = kindOf(history)
    const names = persons.map((person) => ({ person, name: nameOf(person) }))
    const at = now()
    const title = kind === 'group' ? titleOf(conversation) : kind === 'self' ? 'notes' : (names[1]?.name ?? '')
    const name = `${['warren', fileWord(title), dayOf(at)].filter((part) => part !== '').join('-')}.${format}`
    const made = { at, by: self.person, device: self.device, warren: version }
    const known = new Map(names.map((each) => [each.person, each.name]))
    const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone
    const about = { language, zone, at, nameOf: (person: PersonId) => known.get(person) ?? '', title, isBlocked }
    const head = { version: exportVersion, made, conversation: { id: conversation, kind, persons }, names }
    const lines = format === 'json' ? exportAsJson(history, head) : exportAsHtml(history, about)
    return { name, pieces: gathered(lines) }
  }
}
