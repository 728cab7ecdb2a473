/**
 * Checks an exported conversation line by line: every hash, chain and signature in it, and that it says nothing beside them that
 * does not follow from them. What memory it takes grows with the devices in it, not with the messages.
 */

import { checkPayload, compareOrder, feedOf, lanes, type Header, type SealedHeader } from './entry.ts'
import { errorCode, WarrenError } from './errors.ts'
import { authorsAmong, authorsOf } from './export-authors.ts'
import { readBody } from './export-body.ts'
import { ExportFeeds } from './export-feeds.ts'
import {
  bytesOf,
  feedNameIn,
  forkProofOf,
  headerOf,
  headersOf,
  numberOf,
  readFields,
  readHead,
  signatureOf,
  textOf,
  type Fields,
} from './export-fields.ts'
import { exportedRoster, judgedGroup, type ExportedGroup } from './export-group.ts'
import {
  aboveLine,
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
import { directId, selfId, type ConversationId, type DeviceId, type EntryId, type PersonId, type Scope } from './ids.ts'
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
  /** Of a group: its own operations, and how long they are. */
  readonly #groupLog: LoggedOperation[] = []
  #groupBytes = 0
  #group: ExportedGroup | undefined
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
    return this.#tally.report(this.#head, this.#authors, this.#group)
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
    const isWhole = kind === 'group' || persons.length === (kind === 'self' ? 1 : 2)
    const isEach = new Set(persons).size === persons.length
    if (first === undefined || !isWhole || !isEach || !isNamed || head.made.by !== first)
      throw new WarrenError('BAD_SHAPE', 'not the persons of a conversation')
    // A group's follows from the operation that makes it.
    if (kind !== 'group' && id !== (second === undefined ? selfId(first) : directId(first, second)))
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
    const log = lane === lanes.roster ? this.#logFor(scope, payload.length) : undefined
    if (log === undefined) throw new WarrenError('NOT_A_MEMBER', 'an operation of somebody else')
    checkPayload(sealed, payload)
    const signature = signatureOf(fields, sealed)
    if (signature === undefined) throw new WarrenError('BAD_SIGNATURE', 'an operation that nobody signed')
    const of = log === this.#groupLog ? { group: scope as ConversationId } : { person: scope as PersonId }
    if (operationLine(of, sealed, payload, signature) !== line)
      throw forged('an operation says something else than its author signed')
    if (this.#operations.has(sealed.id)) throw forged('an operation stands here twice')
    this.#operations.add(sealed.id)
    log.push(loggedOperation(sealed, payload))
  }

  /** Where an operation goes. Throws TOO_LARGE. */
  #logFor(scope: Scope, bytes: number): LoggedOperation[] | undefined {
    const { id, kind } = (this.#head as ExportHead).conversation
    if (kind === 'group' && scope === id) {
      this.#groupBytes += bytes
      if (this.#groupBytes > limits.exportOperationBytes)
        throw new WarrenError('TOO_LARGE', 'the operations of a group are too long')
      return this.#groupLog
    }
    const log = this.#logs.get(scope as PersonId)
    if (log !== undefined && log.length >= limits.personOperations)
      throw new WarrenError('TOO_LARGE', 'the log of a person is too long')
    return log
  }

  #beginEntries(): void {
    const { conversation, made } = this.#head as ExportHead
    this.#authors = conversation.kind === 'group' ? authorsAmong(this.#logs) : authorsOf(this.#logs)
    if (conversation.kind === 'group') this.#beginGroup(conversation.id)
    const { by, device } = made
    if (this.#authors.get(device) !== by)
      throw new WarrenError('IDENTITY_MISMATCH', 'the exporter says it is another device than its log')
    this.#part = 'entries'
    this.#isFirst = true
  }

  #beginGroup(id: ConversationId): void {
    const { about, ends } = judgedGroup(id, exportedRoster(id, this.#groupLog, this.#logs))
    this.#group = about
    this.#feeds.endOf = (feed) => ends.of(feed)
  }

  #entry(line: string): void {
    const fields = readFields(line)
    const is = textOf(fields, 'is')
    if (is === 'above') return this.#above(line, fields)
    if (is === 'gap') return this.#gap(line, fields)
    if (is === 'fork') return this.#fork(line, fields)
    const sealed = headerOf(fields)
    const from = this.#authorOf(sealed)
    const body = readBody(is, fields, sealed)
    const signature = signatureOf(fields, sealed)
    const outside = fields['outside'] === true
    if (entryLine({ sealed, from, body, outside, signature }) !== line)
      throw forged('an entry says something else than its author signed')
    this.#checkPlace(sealed)
    const facts = { isSigned: signature !== undefined, isOutside: outside, line: this.#lines }
    this.#feeds.entry(feedNameOf(sealed), sealed, facts)
    this.#tally.entry(from, sealed.header, body.is, outside)
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

  #above(line: string, fields: Fields): void {
    const feed = feedNameIn(fields)
    const proof = headersOf(fields)
    const name = ExportFeeds.key(feed)
    if (aboveLine(feed, proof) !== line) throw new WarrenError('BAD_SHAPE', 'not a proof')
    if (name !== this.#lastFeed) throw forged('a proof stands behind an entry of another feed')
    for (const sealed of proof.headers) {
      this.#authorOf(sealed)
      if (ExportFeeds.key(feedNameOf(sealed)) !== name) throw forged('a proof of one feed that another one gives')
    }
    this.#feeds.above(feed, proof.headers.at(-1) as SealedHeader)
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
