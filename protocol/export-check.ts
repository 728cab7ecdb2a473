/**
 * Checks an exported conversation line by line: every hash, chain and signature in it, and that it says nothing beside them that
 * does not follow from them. What memory it takes grows with the devices in it, not with the messages.
 */

import { checkPayload, compareOrder, feedOf, lanes, type Header, type SealedHeader } from './entry.ts'
import { errorCode, WarrenError } from './errors.ts'
import { authorsOf } from './export-authors.ts'
import { readBody } from './export-body.ts'
import { ExportFeeds } from './export-feeds.ts'
import {
  bytesOf,
  feedNameIn,
  forkProofOf,
  headerOf,
  numberOf,
  readFields,
  readHead,
  signatureOf,
  textOf,
  type Fields,
} from './export-fields.ts'
import {
  endLine,
  entriesBegin,
  entryLine,
  feedNameOf,
  forkLine,
  gapLine,
  gapReasons,
  headLine,
  operationLine,
  type ExportHead,
  type FeedName,
} from './export-format.ts'
import { directId, selfId, type DeviceId, type EntryId, type PersonId } from './ids.ts'
import { limits } from './limits.ts'
import { loggedOperation, type LoggedOperation } from './logged-operation.ts'
import { ExportTally, type ExportReport } from './export-report.ts'

type Part = 'head' | 'operations' | 'entries' | 'done'

const forged = (message: string): WarrenError => new WarrenError('BAD_HASH', message)

export class ExportCheck {
  #part: Part = 'head'
  /** No item of the present list was read yet. */
  #isFirst = true
  #lines = 0
  #head: ExportHead | undefined
  readonly #logs = new Map<PersonId, LoggedOperation[]>()
  readonly #operations = new Set<EntryId>()
  #authors: ReadonlyMap<DeviceId, PersonId> = new Map()
  readonly #feeds = new ExportFeeds()
  readonly #tally = new ExportTally()
  #highest: Header | undefined
  /** What the line before was about. */
  #lastFeed = ''

  /**
   * Takes the next line, without its newline. Throws, with the line's number, NOT_AN_EXPORT, UNSUPPORTED_VERSION, TOO_LARGE or
   * BAD_SHAPE for what is no export that can be read; BAD_HASH, BAD_SIGNATURE, NOT_A_MEMBER, CANNOT_DECRYPT or
   * IDENTITY_MISMATCH for what is forged. After that nothing more can be taken.
   */
  line(text: string): void {
    this.#lines += 1
    try {
      this.#take(text)
    } catch (error) {
      const code = errorCode(error)
      if (!(error instanceof WarrenError) || this.#part === 'head') throw error
      const details = { line: this.#lines }
      throw new WarrenError(code, `line ${this.#lines}: ${error.message}`, { cause: error, details })
    }
  }

  /** What it holds. Throws TRUNCATED if the last line is still to come. */
  report(): ExportReport {
    if (this.#part !== 'done' || this.#head === undefined)
      throw new WarrenError('TRUNCATED', 'this export is cut off: its end is missing', {
        details: { line: this.#lines },
      })
    return this.#tally.report(this.#head, this.#authors)
  }

  #take(text: string): void {
    switch (this.#part) {
      case 'head':
        return this.#takeHead(text)
      case 'operations':
        return text === entriesBegin ? this.#beginEntries() : this.#operation(this.#item(text))
      case 'entries':
        return text.startsWith(']') ? this.#end(text) : this.#entry(this.#item(text))
      case 'done':
        throw new WarrenError('BAD_SHAPE', 'there is something behind the end')
    }
  }

  #takeHead(text: string): void {
    const head = readHead(text)
    const { id, kind, persons } = head.conversation
    const [first, second] = persons
    const isNamed = head.names.length === persons.length && head.names.every((each, at) => each.person === persons[at])
    const isWhole = persons.length === (kind === 'self' ? 1 : 2) && first !== second && isNamed
    if (first === undefined || !isWhole || head.made.by !== first)
      throw new WarrenError('BAD_SHAPE', 'not the persons of a conversation')
    if (id !== (second === undefined ? selfId(first) : directId(first, second)))
      throw forged('the conversation is not the one of these persons')
    if (headLine(head) !== text) throw new WarrenError('BAD_SHAPE', 'the first line is not as Warren writes it')
    for (const person of persons) this.#logs.set(person, [])
    this.#head = head
    this.#part = 'operations'
  }

  /** The item on a line of a list. */
  #item(text: string): string {
    const isFirst = this.#isFirst
    this.#isFirst = false
    if (isFirst) return text
    if (!text.startsWith(',')) throw new WarrenError('BAD_SHAPE', 'no comma before an item')
    return text.slice(1)
  }

  #operation(line: string): void {
    const fields = readFields(line)
    const sealed = headerOf(fields)
    const payload = bytesOf(fields, 'payload')
    const { scope, lane } = feedOf(sealed)
    const log = this.#logs.get(scope as PersonId)
    if (log === undefined || lane !== lanes.roster)
      throw new WarrenError('NOT_A_MEMBER', 'an operation of somebody else')
    if (log.length >= limits.personOperations) throw new WarrenError('TOO_LARGE', 'the log of a person is too long')
    checkPayload(sealed, payload)
    const signature = signatureOf(fields, sealed)
    if (signature === undefined) throw new WarrenError('BAD_SIGNATURE', 'an operation that nobody signed')
    if (operationLine(scope as PersonId, sealed, payload, signature) !== line)
      throw forged('an operation says something else than its author signed')
    if (this.#operations.has(sealed.id)) throw forged('an operation stands here twice')
    this.#operations.add(sealed.id)
    log.push(loggedOperation(sealed, payload))
  }

  #beginEntries(): void {
    this.#authors = authorsOf(this.#logs)
    const { by, device } = (this.#head as ExportHead).made
    if (this.#authors.get(device) !== by)
      throw new WarrenError('IDENTITY_MISMATCH', 'the exporter says it is another device than its log')
    this.#part = 'entries'
    this.#isFirst = true
  }

  #entry(line: string): void {
    const fields = readFields(line)
    const is = textOf(fields, 'is')
    if (is === 'gap') return this.#gap(line, fields)
    if (is === 'fork') return this.#fork(line, fields)
    const sealed = headerOf(fields)
    const from = this.#authorOf(sealed)
    const body = readBody(is, fields, sealed)
    const signature = signatureOf(fields, sealed)
    if (entryLine({ sealed, from, body, signature }) !== line)
      throw forged('an entry says something else than its author signed')
    this.#checkPlace(sealed)
    this.#feeds.entry(feedNameOf(sealed), sealed, signature !== undefined, this.#lines)
    this.#tally.entry(from, sealed.header, body.is)
    return undefined
  }

  /** Throws NOT_A_MEMBER unless it is a message of this conversation, by a device of one of its persons. */
  #authorOf(sealed: SealedHeader): PersonId {
    const { scope, lane, device } = sealed.header
    const from = this.#authors.get(device)
    if (lane !== lanes.messages || scope !== this.#head?.conversation.id)
      throw new WarrenError('NOT_A_MEMBER', 'an entry of another conversation')
    if (from === undefined) throw new WarrenError('NOT_A_MEMBER', 'an entry by a device of nobody here')
    return from
  }

  /** Entries stand as on screen, but none above the one that it continues. */
  #checkPlace(sealed: SealedHeader): void {
    const { header } = sealed
    const feed = ExportFeeds.key(feedNameOf(sealed))
    const isHigher = this.#highest === undefined || compareOrder(header, this.#highest) > 0
    if (!isHigher && feed !== this.#lastFeed) throw forged('an entry stands in another place than it was written for')
    if (isHigher) this.#highest = header
    this.#lastFeed = feed
  }

  #gap(line: string, fields: Fields): void {
    const feed = feedNameIn(fields)
    const [first, last] = [numberOf(fields, 'first'), numberOf(fields, 'last')]
    const why = gapReasons.find((each) => each === fields['why'])
    if (why === undefined || gapLine(feed, first, last, why) !== line) throw new WarrenError('BAD_SHAPE', 'not a gap')
    // What proves nothing may be of a device that no log names.
    if (why !== 'unproven') this.#checkKnown(feed)
    this.#feeds.gap(feed, first, last)
    this.#lastFeed = ExportFeeds.key(feed)
    this.#tally.gap(last - first + 1, why)
  }

  #fork(line: string, fields: Fields): void {
    const feed = feedNameIn(fields)
    const after = numberOf(fields, 'after')
    const proof = forkProofOf(fields)
    if (forkLine(feed, after, proof) !== line) throw new WarrenError('BAD_SHAPE', 'not a fork')
    this.#checkKnown(feed)
    const name = ExportFeeds.key(feed)
    for (const sealed of proof?.headers ?? []) {
      this.#authorOf(sealed)
      if (ExportFeeds.key(feedNameOf(sealed)) !== name) throw forged('a fork of one feed that another one proves')
    }
    this.#feeds.fork(feed, after, proof?.headers.at(-1))
    this.#lastFeed = name
    this.#tally.fork(feed.device, proof !== undefined)
  }

  /** Throws NOT_A_MEMBER unless it is the feed of a device of one of the persons. */
  #checkKnown({ device }: FeedName): void {
    if (!this.#authors.has(device))
      throw new WarrenError('NOT_A_MEMBER', 'something is said of a device of nobody here')
  }

  #end(text: string): void {
    this.#feeds.end()
    if (text !== endLine(this.#tally.entries, this.#tally.messages))
      throw forged('the end says another number of entries than there are')
    this.#part = 'done'
  }
}
