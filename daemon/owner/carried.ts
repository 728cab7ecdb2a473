/** What goes from one device of the owner to the others: contacts and what is kept of them, drafts, mutes, what was read, the profile. */

import { decode, encode, readArray, readBytes, readText } from '../../protocol/codec.ts'
import { idBytes, personIdOf, readConversationId, type ConversationId, type PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { muteValue, notMuted, readMute } from '../../protocol/mute.ts'
import { orderKey } from '../../protocol/order.ts'
import { readReadPosition, registerKeys, type Register } from '../../protocol/register.ts'
import type { Return } from '../backup/archive-mark.ts'
import type { Bus, BusEvent } from '../bus.ts'
import type { ContactBook } from '../contacts/contact-book.ts'
import { contactRow, laterSuccessor, noProof, readContactRow, type ContactRecord } from '../contacts/contact-record.ts'
import type { Contacts } from '../contacts/contacts.ts'
import type { OwnerView } from '../conversations/owner-view.ts'
import type { PrivateRegisters } from '../registers/private-registers.ts'
import { mostOfOwnDevice } from '../registers/registers.ts'
import { Early } from './early.ts'
import type { OwnCard } from './own-card.ts'

export interface CarriedDeps {
  readonly self: { readonly person: PersonId }
  readonly bus: Bus
  readonly book: ContactBook
  readonly contacts: Contacts
  readonly conversations: OwnerView
  readonly ownCard: OwnCard
  readonly registers: PrivateRegisters
  /** Makes room for their log and the conversation with them, which then come from whoever holds them. */
  readonly openContact: (person: PersonId) => Promise<void>
  /** Whether the owner has other devices: to nobody else is anything of this told. */
  readonly hasOthers: () => boolean
  /** This home came back, so what lies here is of another day: what others say of the same counts more. Until `returned` was told. */
  readonly return: Return | undefined
  readonly returned: () => Promise<void>
  readonly failed: (error: unknown) => void
}

/** Beyond so many keys requests are told by their senders alone; there is room for what the owner decides. */
export const mostWithRequests = mostOfOwnDevice / 8

const contactPrefix = 'contact/'
const chatPrefix = 'chat/'

/** A row that holds but its person says that nothing is kept of them any more. */
const goneRow = (person: PersonId): Uint8Array => encode([idBytes(person)])

/** What is of this device alone is left out. */
function carriedRow(record: ContactRecord): Uint8Array {
  const shared = { ...record, lastSeenAt: 0, mismatches: [] }
  const row = contactRow(shared)
  // The proof of a request may fill a register: then it can be accepted where it came to.
  return row.length > limits.registerValueBytes / 2 ? contactRow({ ...shared, proof: noProof }) : row
}

const union = <T>(one: readonly T[], other: readonly T[], most: number): T[] =>
  [...new Set([...one, ...other])].slice(0, most)

/** When a contact was changed last that was asked as somebody else; see becomeOther(). */
export const broughtAlong = 0

type Standing = Pick<
  ContactRecord,
  'state' | 'refused' | 'hidden' | 'told' | 'before' | 'changedAt' | 'shownAt' | 'link'
>

/** What the later decision made of a contact, whichever device was heard last. */
const standingOf = ({ state, refused, hidden, told, before, changedAt, shownAt, link }: ContactRecord): Standing => ({
  state,
  refused,
  hidden,
  told,
  before,
  changedAt,
  shownAt,
  link,
})

/** A request comes by itself, at every device anew: whatever the owner decided on one of them counts more. Else the later decision. */
function prevails(ours: ContactRecord, theirs: ContactRecord): boolean {
  if (ours.state !== theirs.state && (ours.state === 'incoming' || theirs.state === 'incoming'))
    return theirs.state === 'incoming'
  return ours.changedAt > theirs.changedAt
}

/** Theirs is newer; what only grows is the greater of both. */
function merged(ours: ContactRecord | undefined, theirs: ContactRecord): Omit<ContactRecord, 'person'> {
  const { person: _, ...record } = theirs
  if (ours === undefined) return record
  return {
    ...record,
    ...standingOf(prevails(ours, theirs) ? ours : theirs),
    number: Math.max(ours.number, theirs.number),
    theirs: Math.max(ours.theirs, theirs.theirs),
    answered: Math.max(ours.answered, theirs.answered),
    former: ours.former || theirs.former,
    devices: union(theirs.devices, ours.devices, 64),
    addresses: union(theirs.addresses, ours.addresses, 4),
    proof: theirs.proof.length === 0 && theirs.state === ours.state ? ours.proof : theirs.proof,
    lastSeenAt: ours.lastSeenAt,
    mismatches: ours.mismatches,
    knownAs: theirs.knownAs ?? ours.knownAs,
    movedTo: laterSuccessor(theirs.movedTo, ours.movedTo),
  }
}

export class Carried {
  readonly #deps: CarriedDeps
  /** One after the other, so that what comes is not mixed with what is told of it. */
  #turn: Promise<void> = Promise.resolve()
  /** How far other devices have read what is not all here yet. */
  readonly #read = new Early<ConversationId, string>()
  /** Conversations that are still to come, and of which something was said: what it is stands in the registers. */
  readonly #early = new Early<ConversationId, true>()
  #return: Return | undefined

  constructor(deps: CarriedDeps) {
    this.#deps = deps
    this.#return = deps.return
    deps.bus.subscribe((event) => this.#hear(event))
    deps.registers.onChanged((key, value) => this.#inTurn(async () => await this.#take(key, value)))
  }

  /** At open, and whenever the own devices change: takes what the others said, and tells them everything. */
  tellAll(): void {
    const { registers, book, conversations, hasOthers, returned } = this.#deps
    registers.tellAll()
    if (hasOthers())
      this.#inTurn(async () => {
        if (this.#return === 'consent') await this.#forgetDrafts()
        for (const { person } of book.all()) await this.#tellContact(person)
        for (const { scope } of conversations.all()) await this.#tellChat(scope as ConversationId)
      })
    if (this.#return !== undefined)
      this.#inTurn(async () => {
        await returned()
        this.#return = undefined
      })
  }

  /** What was typed or muted before the backup, and of which no device says that it stands: it was sent since, perhaps, or dropped. */
  async #forgetDrafts(): Promise<void> {
    const { conversations, registers } = this.#deps
    for (const { scope, draft, mutedUntil } of conversations.list())
      if ((draft !== '' || mutedUntil !== notMuted) && registers.get(chatPrefix + scope) === undefined)
        await conversations.patch(scope, { draft: '', mutedUntil: notMuted })
  }

  /** A register that another device of the owner's wrote for all to see. */
  ownRegister({ key, scope, value }: Register): void {
    if (key === registerKeys.read)
      this.#inTurn(async () => await this.#readElsewhere(scope as ConversationId, orderKey(readReadPosition(value))))
    if (key === registerKeys.card && scope === this.#deps.self.person)
      this.#inTurn(async () => await this.#deps.ownCard.heard())
  }

  #inTurn(task: () => Promise<void>): void {
    // A device that is newer, or faulty, changes nothing; and whatever went wrong, the next one has its turn.
    this.#turn = this.#turn.then(task).catch((error: unknown) => this.#deps.failed(error))
  }

  #hear(event: BusEvent): void {
    if (event.type === 'message') this.#readAgain(event.conversation)
    // What came back is told at once, as what it is.
    if (!this.#deps.hasOthers() || this.#return !== undefined) return
    if (event.type === 'contact' || event.type === 'contact-gone')
      this.#inTurn(async () => await this.#tellContact(event.person))
    if (event.type === 'conversation') this.#inTurn(async () => await this.#chatChanged(event.conversation))
  }

  async #tellContact(person: PersonId): Promise<void> {
    const { book, registers, self } = this.#deps
    if (person === self.person) return
    const record = book.get(person)
    const key = contactPrefix + person
    // Of one that this home brought along from another person nothing is known to the others yet, and theirs counts.
    if (record?.changedAt === broughtAlong) return
    // Strangers ask as often as they like, and what was said of each stays.
    if (record?.state === 'incoming' && registers.count >= mostWithRequests && registers.get(key) === undefined) return
    if (record !== undefined) await registers.set(key, carriedRow(record), this.#return !== undefined)
    else if (registers.get(key) !== undefined) await registers.set(key, goneRow(person))
  }

  async #chatChanged(id: ConversationId): Promise<void> {
    const said = this.#early.delete(id) ? this.#deps.registers.get(chatPrefix + id) : undefined
    if (said !== undefined) await this.#takeChat(id, said)
    await this.#tellChat(id)
  }

  async #tellChat(id: ConversationId): Promise<void> {
    const { conversations, registers } = this.#deps
    if (!conversations.has(id)) return
    const { draft, mutedUntil } = conversations.record(id)
    const key = chatPrefix + id
    if (draft === '' && mutedUntil === 0 && registers.get(key) === undefined) return
    await registers.set(key, encode([draft, muteValue(mutedUntil)]), this.#return !== undefined)
  }

  async #take(key: string, value: Uint8Array): Promise<void> {
    if (key.startsWith(contactPrefix)) await this.#takeContact(value)
    if (key.startsWith(chatPrefix)) await this.#takeChat(readConversationId(key.slice(chatPrefix.length)), value)
  }

  async #takeContact(row: Uint8Array): Promise<void> {
    const { book, contacts, openContact, self } = this.#deps
    const [id, ...rest] = readArray(decode(row), 1)
    const person = personIdOf(readBytes(id, 32))
    if (person === self.person) return
    const before = book.get(person)
    if (rest.length === 0) return await this.#forgetContact(person)
    const record = merged(before, readContactRow(row))
    if (record.state === 'accepted' && before?.state !== 'accepted') await openContact(person)
    if (before?.state === 'blocked' && record.state !== 'blocked') await contacts.unblock(person)
    await book.change(person, record)
    if (record.state === 'blocked' && before?.state !== 'blocked') await contacts.block(person)
    if (record.state !== before?.state) contacts.followed(person)
    // Where ours prevailed, the others hear it again.
    await this.#tellContact(person)
  }

  /** Another device keeps nothing of them any more: who was blocked there may be heard again, here too. */
  async #forgetContact(person: PersonId): Promise<void> {
    const { book, contacts } = this.#deps
    const before = book.get(person)
    if (before === undefined) return
    if (before.state === 'blocked') await contacts.unblock(person)
    if (book.get(person) !== undefined) await book.remove(person)
    contacts.refreshKept()
  }

  async #takeChat(id: ConversationId, value: Uint8Array): Promise<void> {
    const { conversations } = this.#deps
    if (!conversations.has(id)) {
      this.#early.set(id, true)
      return
    }
    if (!conversations.record(id).listed) return
    const [draft, muted] = readArray(decode(value), 2)
    const record = conversations.record(id)
    const patch = { draft: readText(draft, limits.textBytes), mutedUntil: readMute(muted) }
    if (record.draft !== patch.draft || record.mutedUntil !== patch.mutedUntil) await conversations.patch(id, patch)
  }

  async #readElsewhere(id: ConversationId, order: string): Promise<void> {
    const { conversations } = this.#deps
    if (!conversations.has(id)) return
    const { lastOrder } = conversations.record(id)
    // What it has read may not be here yet: then it is read as it comes.
    if (order > lastOrder && order > (this.#read.get(id) ?? '')) this.#read.set(id, order)
    await conversations.markRead(id, order)
  }

  #readAgain(id: ConversationId): void {
    const order = this.#read.get(id)
    if (order === undefined) return
    if (this.#deps.conversations.has(id) && this.#deps.conversations.record(id).lastOrder >= order)
      this.#read.delete(id)
    this.#inTurn(async () => await this.#readElsewhere(id, order))
  }
}
