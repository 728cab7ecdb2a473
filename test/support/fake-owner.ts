/** An owner in memory: what the API asks is answered as the rooms would, and what changes is published on a bus. */

import { FileDesk } from '../../daemon/owner/file-desk.ts'
import { Bus } from '../../daemon/bus.ts'
import type { ExportedFile, Owner, PageOptions } from '../../daemon/api/owner.ts'
import { noExamination } from '../../daemon/doctor/doctor.ts'
import type { Examination } from '../../protocol/examination.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Status } from '../../protocol/http.ts'
import type {
  Conversation,
  ConversationKind,
  ConversationPatch,
  ExportWish,
  Fork,
  Message,
  MessagePage,
  NewMessage,
  Receipts,
} from '../../protocol/http-conversations.ts'
import type { Completeness } from '../../protocol/http-groups.ts'
import type { Contact, ContactPatch, ContactState, Me, MePatch, NewContact, Peer } from '../../protocol/http-people.ts'
import {
  directId,
  entryIdOf,
  readConversationId,
  readDeviceId,
  readPersonId,
  selfId,
  type ConversationId,
  type DeviceId,
  type PersonId,
} from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { FakeDevices } from './fake-devices.ts'
import { FakeExport } from './fake-export.ts'
import { FakeFiles, freshFiles, postedFiles } from './fake-files.ts'
import { FakeGroups } from './fake-groups.ts'
import { FakeJoins } from './fake-joins.ts'
import { bytesOf, deviceOf, find, orderOf, personOf } from './fake-ids.ts'
import { fakeContact, fakeMe, fakePeer } from './fake-people.ts'
import { FakePush } from './fake-push.ts'
import { FakePushServer } from './fake-push-server.ts'
import { FakeSafety } from './fake-safety.ts'
import { fakeBackups } from './fake-backup.ts'
import { fakePage } from './fake-page.ts'
import { patched, without } from './fake-patch.ts'
import { FakeAsking } from './fake-asking.ts'
import { fakeReceipts } from './fake-receipts.ts'

export { deviceOf, personOf, unknownConversation } from './fake-ids.ts'

export class FakeOwner implements Owner {
  readonly bus = new Bus()
  readonly name: string
  readonly person: PersonId
  readonly device: DeviceId
  /** What others heard of typing. */
  readonly typed: string[] = []
  /** What is told of forks, by conversation. */
  readonly forks = new Map<string, Fork[]>()
  /** Names of hosts that answer look(). */
  readonly hosts = new Map<string, string>()
  #me: Me
  #now = 1_760_000_000_000
  readonly #peers = new Map<string, Peer>()
  readonly #contacts = new Map<string, Contact>()
  readonly #conversations = new Map<string, Conversation>()
  readonly #messages = new Map<string, Message[]>()

  readonly safety: FakeSafety
  readonly room = new FakeFiles(this.bus)
  readonly files = new FileDesk({
    files: this.room,
    looksDifferent: () => {},
    checkMayWrite: (id) => void this.conversation(id),
  })
  readonly groups: FakeGroups
  readonly joins = new FakeJoins()
  /** What is told of who holds what, for every conversation. */
  held: Completeness = { devices: [], complete: true, upTo: 0, unreadable: 0 }
  readonly ownDevices: FakeDevices

  constructor(name: string) {
    this.name = name
    this.person = personOf(name)
    this.device = deviceOf(name)
    this.ownDevices = new FakeDevices(this.device)
    this.#me = fakeMe(name, this.person, this.device)
    this.#open(selfId(this.person), 'self', '', undefined)
    this.safety = new FakeSafety(
      (id) => this.contact(id),
      (contact) => {
        this.#contacts.set(contact.id, contact)
        this.bus.publish({ type: 'contact', person: readPersonId(contact.id) })
      },
    )
    this.groups = new FakeGroups({
      me: () => this.#me,
      contact: (id) => this.contact(id),
      conversation: (id) => this.conversation(id),
      put: (conversation) => {
        this.#conversations.set(conversation.id, conversation)
        if (!this.#messages.has(conversation.id)) this.#messages.set(conversation.id, [])
        this.bus.publish({ type: 'conversation', conversation: readConversationId(conversation.id) })
      },
      notice: (id, notice) => {
        const by = notice.by
        this.#append(id, { from: { id: by.id, name: by.name }, mine: by.mine === true, text: '', notice })
      },
    })
  }

  lookedAt: Examination = noExamination
  readonly exports = new FakeExport()
  backups = fakeBackups
  readonly push = new FakePush()
  readonly pushServer = new FakePushServer()

  exportConversation(id: string, wish: ExportWish): ExportedFile {
    return this.exports.begin(wish, this.conversation(id).kind)
  }

  examination(): Examination {
    return this.lookedAt
  }

  examine(repair: boolean): Examination {
    if (this.lookedAt.state === 'running') throw new WarrenError('CONFLICT', 'the data is being checked already')
    this.lookedAt = { ...this.lookedAt, state: 'running', repair }
    return this.lookedAt
  }

  me(): Me {
    return this.#me
  }

  async patchMe(patch: MePatch): Promise<Me> {
    if (patch.name?.trim() === '') throw new WarrenError('BAD_SHAPE', 'a name is not empty')
    this.#me = { ...this.#me, ...patch }
    this.bus.publish({ type: 'me' })
    return this.#me
  }

  peers(): Peer[] {
    return [...this.#peers.values()]
  }

  peer(deviceId: string): Peer | undefined {
    return this.#peers.get(deviceId)
  }

  async look(address: string, signal: AbortSignal): Promise<Peer> {
    signal.throwIfAborted()
    if (/^warren:(?:group|old)-/.test(address)) throw new WarrenError('BAD_LINK', 'this link leads into a group')
    const name = this.hosts.get(address)
    if (name === undefined) throw new WarrenError('HOST_NOT_FOUND', `no such host: ${address}`)
    const known = this.#peers.get(deviceOf(name))
    return this.see(name, { ...known, source: 'manual', addresses: [`/dns4/${address}/tcp/7718`] })
  }

  contacts(): Contact[] {
    return [...this.#contacts.values()]
  }

  contact(id: string): Contact {
    return find(this.#contacts, readPersonId(id), 'contact')
  }

  async addContact({ link, deviceId, contactId, note }: NewContact, signal: AbortSignal): Promise<Contact> {
    signal.throwIfAborted()
    if (contactId !== undefined) return this.meet(this.#nameIn(contactId), 'outgoing', { note: note ?? '' })
    const name = link === undefined ? this.#nameOf(readDeviceId(deviceId)) : /^warren:(\w+)$/.exec(link)?.[1]
    if (name === undefined) throw new WarrenError('BAD_LINK', 'the link is damaged')
    if (name === this.name) throw new WarrenError('SELF', 'this is you')
    const known = this.#contacts.get(personOf(name))
    if (known?.state === 'accepted') return known
    return this.meet(name, 'outgoing', { note: note ?? '' })
  }

  #nameIn = (id: string): string => (this.#contacts.get(id) ?? this.groups.known(id) ?? this.contact(id)).name

  async patchContact(id: string, patch: ContactPatch): Promise<Contact> {
    const before =
      this.#contacts.get(id) ?? (patch.state === 'blocked' ? this.meet(this.#nameIn(id), 'blocked') : this.contact(id))
    const { state, dismiss, ...rest } = patch
    const person = readPersonId(id)
    if (state === 'accepted' && before.state !== 'incoming' && before.state !== 'declined')
      throw new WarrenError('CONFLICT', 'nobody asked')
    if (state === 'declined' || state === 'unblocked') {
      this.#contacts.delete(id)
      this.bus.publish({ type: 'contact-gone', person })
      return { ...before, ...rest }
    }
    const after: Contact = { ...without(before, dismiss), ...rest, ...(state === undefined ? {} : { state }) }
    if (after.state === 'accepted') this.#openDirect(after)
    this.#contacts.set(id, after)
    this.bus.publish({ type: 'contact', person })
    return after
  }

  async deleteContact(id: string): Promise<void> {
    this.contact(id)
    this.#contacts.delete(id)
    this.bus.publish({ type: 'contact-gone', person: readPersonId(id) })
  }

  conversations(): Conversation[] {
    return [...this.#conversations.values()].map((each) => {
      const forks = this.forks.get(each.id)
      return forks === undefined ? each : { ...each, forks }
    })
  }

  conversation(id: string): Conversation {
    return find(this.#conversations, readConversationId(id), 'conversation')
  }

  async openConversation(kind: 'self' | 'direct', members: readonly string[]): Promise<Conversation> {
    if (kind === 'self') return this.conversation(selfId(this.person))
    return this.#openDirect(this.contact(members[0] ?? ''))
  }

  async completeness(id: string): Promise<Completeness> {
    this.conversation(id)
    return await Promise.resolve(this.held)
  }

  async patchConversation(id: string, patch: ConversationPatch): Promise<Conversation> {
    const after = patched(this.conversation(id), patch)
    this.#conversations.set(id, after)
    this.bus.publish({ type: 'conversation', conversation: readConversationId(id) })
    return after
  }

  async deleteConversation(id: string): Promise<void> {
    const { kind } = this.conversation(id)
    this.#messages.set(id, [])
    if (kind !== 'self') this.#conversations.delete(id)
    this.bus.publish({ type: 'conversation-gone', conversation: readConversationId(id) })
  }

  async messages(id: string, options: PageOptions): Promise<MessagePage> {
    const page = fakePage(this.#all(id), options)
    return { ...page, items: page.items.map((each) => freshFiles(this, each)) }
  }

  async message(id: string, order: string): Promise<Message | undefined> {
    const found = this.#all(id).find((message) => message.order === order)
    return found && freshFiles(this, found)
  }

  async post(
    id: string,
    { text, clientId, attachments = [] }: NewMessage,
  ): Promise<{ message: Message; created: boolean }> {
    const known = this.#all(id).find((message) => message.clientId === clientId)
    if (known !== undefined) return { message: known, created: false }
    if (this.conversation(id).group?.rights.post === false)
      throw new WarrenError('NOT_ALLOWED', 'posting is not allowed here')
    if (Buffer.byteLength(text) > limits.textBytes) throw new WarrenError('TOO_LARGE', 'the text is too long')
    const from = { id: this.person, name: this.#me.name }
    const part = { from, mine: true, text, clientId, ...(await postedFiles(this, id, attachments)) }
    return { message: this.#append(id, part), created: true }
  }

  /** Who has a message, besides what every message says. */
  people: Receipts['people'] = []

  receipts = async (id: string, message: string): Promise<Receipts> => fakeReceipts(this.#all(id), message, this.people)

  async markRead(id: string, upTo: string): Promise<void> {
    await this.patchConversation(id, {})
    this.#conversations.set(id, { ...this.conversation(id), readUpTo: upTo, unread: 0 })
  }

  typing(id: string): void {
    this.typed.push(this.conversation(id).id)
  }

  readonly asking = new FakeAsking()
  asked = (): (() => void) => this.asking.begin()

  links = (): Status['links'] => []

  /** Somebody is near. */
  see(name: string, change: Partial<Peer> = {}): Peer {
    const peer = fakePeer(name, change)
    this.#peers.set(deviceOf(name), peer)
    this.bus.publish({ type: 'peer', device: deviceOf(name) })
    return peer
  }

  /** Somebody is gone. */
  lose(name: string): void {
    this.#peers.delete(deviceOf(name))
    this.bus.publish({ type: 'peer-gone', device: deviceOf(name) })
  }

  /** A contact, or a request in either direction. */
  meet(name: string, state: ContactState, change: Partial<Contact> = {}): Contact {
    const contact = fakeContact(this.person, name, state, change)
    if (state === 'accepted') this.#openDirect(contact)
    this.#contacts.set(contact.id, contact)
    this.bus.publish({ type: 'contact', person: readPersonId(contact.id) })
    return contact
  }

  /** A message of somebody else arrives. */
  receive(name: string, text: string, id: string = directId(this.person, personOf(name))): Message {
    return this.#append(id, { from: { id: personOf(name), name }, mine: false, text })
  }

  #all(id: string): Message[] {
    return find(this.#messages, readConversationId(id), 'conversation')
  }

  #append(id: string, part: Pick<Message, 'from' | 'mine' | 'text' | 'clientId' | 'notice' | 'attachments'>): Message {
    const all = this.#all(id)
    const seq = all.length + 1
    const message: Message = {
      id: entryIdOf(bytesOf(`${id} ${seq}`)),
      conversation: id,
      at: this.#now + seq,
      order: orderOf(seq),
      feed: part.from.id,
      seq,
      state: 'stored',
      ...part,
    }
    all.push(message)
    this.bus.publish({ type: 'message', conversation: readConversationId(id), order: message.order })
    return message
  }

  #nameOf(deviceId: string): string | undefined {
    return find(this.#peers, deviceId, 'device').name
  }

  #openDirect({ id, name }: Contact): Conversation {
    return this.#open(directId(this.person, readPersonId(id)), 'direct', name, id)
  }

  #open(id: ConversationId, kind: ConversationKind, title: string, contactId?: string): Conversation {
    const known = this.#conversations.get(id)
    if (known !== undefined) return known
    const about = { id, kind, title, unread: 0, readUpTo: '', muted: false, draft: '' }
    const conversation = contactId === undefined ? about : { ...about, contactId }
    this.#conversations.set(id, conversation)
    this.#messages.set(id, [])
    this.bus.publish({ type: 'conversation', conversation: id })
    return conversation
  }
}
