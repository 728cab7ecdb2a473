/** Everything that the owner of this device may see and do: one call each, whichever way it came. */

import type { LinkDevice } from '../../protocol/contact-link.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Examination } from '../../protocol/examination.ts'
import type { Contact, ContactPatch, Me, MePatch, Network, NewContact, Peer } from '../../protocol/http-people.ts'
import type {
  Conversation,
  ConversationPatch,
  ExportWish,
  Message,
  MessagePage,
  NewMessage,
  Receipts,
} from '../../protocol/http-conversations.ts'
import type { Completeness } from '../../protocol/http-groups.ts'
import type { Status } from '../../protocol/http.ts'
import {
  fingerprint,
  readConversationId,
  readDeviceId,
  readPersonId,
  type ConversationId,
  type DeviceId,
  type PersonId,
} from '../../protocol/ids.ts'
import { askedMute } from '../../protocol/mute.ts'
import type { OwnBackups } from '../backup/backups.ts'
import type { Bus } from '../bus.ts'
import type { ContactBook } from '../contacts/contact-book.ts'
import type { Contacts, Met } from '../contacts/contacts.ts'
import type { Mismatches } from '../contacts/mismatches.ts'
import type { GroupActions } from '../conversations/group-actions.ts'
import type { OwnerGroups } from '../conversations/owner-groups.ts'
import type { OwnerView } from '../conversations/owner-view.ts'
import type { Shown } from '../conversations/reader.ts'
import { isTypingTold } from '../presence/typing.ts'
import type { Exporter, ExportedFile } from '../export/exporter.ts'
import type { Push } from '../push/push.ts'
import type { ReadPlaces } from '../registers/read-places.ts'
import type { DeviceDesk } from './device-desk.ts'
import { completenessOf } from './completeness-view.ts'
import { ContactDesk } from './contact-desk.ts'
import type { FileDesk } from './file-desk.ts'
import { GroupDesk } from './group-desk.ts'
import { Invitations } from './invitations.ts'
import type { JoinDesk } from './join-desk.ts'
import { checkMayWrite } from './may-write.ts'
import type { Mutes } from './mutes.ts'
import { ownLink } from './own-link.ts'
import type { PeerList, Seen } from './peer-list.ts'
import type { OwnCard } from './own-card.ts'
import type { Profile } from './profile.ts'
import { receiptsOf } from './receipts-view.ts'
import type { PushDesk } from './push-desk.ts'
import { SafetyDesk } from './safety-desk.ts'
import type { Views } from './views.ts'

export interface OwnerDeps {
  readonly self: { readonly device: DeviceId; readonly person: PersonId }
  readonly bus: Bus
  readonly profile: Profile
  readonly ownCard: OwnCard
  readonly book: ContactBook
  readonly contacts: Contacts
  readonly mismatches: Mismatches
  readonly mutes: Mutes
  readonly files: FileDesk
  readonly conversations: OwnerView
  readonly ownGroups: OwnerGroups
  readonly groups: GroupActions
  readonly now: () => number
  readonly random: (length: number) => Uint8Array
  readonly readPlaces: Pick<ReadPlaces, 'tell'>
  readonly peerList: PeerList
  readonly joins: JoinDesk
  /** Devices of members to be named in a link into a group, this one first. */
  readonly linkDevices: (group: ConversationId) => readonly LinkDevice[]
  readonly views: Views
  readonly network: () => Network
  readonly listening: () => string[]
  readonly links: () => readonly { readonly device: DeviceId; readonly address: string }[]
  readonly personOf: (device: DeviceId) => PersonId | undefined
  /** Dials and says hello; see Net.look(). */
  readonly look: (address: string, signal: AbortSignal) => Promise<Met & Seen>
  readonly typing: (conversation: ConversationId) => void
  readonly asked: () => () => void
  readonly ownDevices: DeviceDesk
  readonly exporter: Pick<Exporter, 'begin'>
  readonly backups: OwnBackups
  readonly push: PushDesk
  readonly pushServer: Pick<Push, 'settings' | 'use'>
  readonly doctor: { readonly examination: Examination; begin(repair: boolean): Examination }
}

export interface PageOptions {
  readonly before?: string
  readonly after?: string
  readonly limit: number
}

export class DeviceOwner {
  readonly safety: SafetyDesk
  readonly backups: OwnBackups
  readonly files: FileDesk
  readonly groups: GroupDesk
  readonly joins: JoinDesk
  readonly ownDevices: DeviceDesk
  readonly push: PushDesk
  readonly pushServer: OwnerDeps['pushServer']
  readonly asked: OwnerDeps['asked']
  readonly #deps: OwnerDeps
  readonly #contacts: ContactDesk
  readonly #invitations: Invitations

  constructor(deps: OwnerDeps) {
    this.#deps = deps
    this.#contacts = new ContactDesk(deps)
    this.#invitations = new Invitations(deps)
    this.safety = new SafetyDesk(deps)
    this.backups = deps.backups
    this.files = deps.files
    this.groups = new GroupDesk({
      ...deps,
      conversations: deps.ownGroups,
      groupViews: deps.views.groups,
      conversation: (id) => this.conversation(id),
    })
    this.ownDevices = deps.ownDevices
    this.push = deps.push
    this.pushServer = deps.pushServer
    this.asked = deps.asked
    this.joins = deps.joins
  }

  me(): Me {
    const { self, profile, listening, conversations, backups } = this.#deps
    const around = this.#deps.network()
    return {
      personId: self.person,
      deviceId: self.device,
      fingerprint: fingerprint(self.device),
      ...profile.data,
      network: around,
      link: ownLink(self.person, self.device, around),
      addresses: listening(),
      ...(conversations.isDuplicate ? { duplicate: true } : {}),
      ...(backups.archivedAt === undefined ? {} : { archive: { madeAt: backups.archivedAt } }),
      ...(this.ownDevices.isRemoved ? { removed: true } : {}),
    }
  }

  examination(): Examination {
    return this.#deps.doctor.examination
  }

  examine(repair: boolean): Examination {
    return this.#deps.doctor.begin(repair)
  }

  async patchMe(patch: MePatch): Promise<Me> {
    const { ownCard, bus } = this.#deps
    await ownCard.change(patch)
    bus.publish({ type: 'me' })
    return this.me()
  }

  peers(): Peer[] {
    return this.#contacts.peers()
  }

  peer(deviceId: string): Peer | undefined {
    return this.#contacts.peer(readDeviceId(deviceId))
  }

  async look(address: string, signal: AbortSignal): Promise<Peer> {
    return await this.#contacts.look(address, signal)
  }

  contacts(): Contact[] {
    return this.#contacts.all()
  }

  contact(id: string): Contact {
    return this.#contacts.contact(readPersonId(id))
  }

  async addContact(asked: NewContact, signal: AbortSignal): Promise<Contact> {
    return await this.#contacts.add(asked, signal)
  }

  async patchContact(id: string, patch: ContactPatch): Promise<Contact> {
    return await this.#contacts.change(readPersonId(id), patch)
  }

  async deleteContact(id: string): Promise<void> {
    await this.#deps.contacts.remove(readPersonId(id))
  }

  conversations(): Conversation[] {
    const { conversations, views } = this.#deps
    return conversations
      .list()
      .filter((each) => this.#invitations.isShown(each))
      .toSorted((a, b) => (a.lastOrder < b.lastOrder ? 1 : -1))
      .map((each) => views.conversation(each))
  }

  conversation(id: string): Conversation {
    const record = this.#deps.conversations.record(readConversationId(id))
    if (!this.#invitations.isShown(record)) throw new WarrenError('NOT_FOUND', 'no such conversation')
    return this.#deps.views.conversation(record)
  }

  /** Throws BAD_SHAPE, NOT_FOUND: a direct conversation exists for contacts only. */
  async openConversation(kind: 'self' | 'direct', members: readonly string[]): Promise<Conversation> {
    const { self, conversations } = this.#deps
    if (kind === 'direct' && members.length !== 1)
      throw new WarrenError('BAD_SHAPE', 'a direct conversation has one member')
    const person = kind === 'self' ? self.person : readPersonId(members[0])
    const id = await conversations.openFor(person)
    if (id === undefined) throw new WarrenError('NOT_FOUND', 'that person is no contact')
    return this.conversation(id)
  }

  async patchConversation(id: string, patch: ConversationPatch): Promise<Conversation> {
    const conversation = readConversationId(id)
    const { draft } = patch
    const mutedUntil = askedMute(patch)
    const { conversations, mutes } = this.#deps
    conversations.record(conversation)
    if (draft !== undefined) await conversations.patch(conversation, { draft })
    if (mutedUntil !== undefined) await mutes.muteConversation(conversation, mutedUntil)
    return this.conversation(id)
  }

  async completeness(id: string): Promise<Completeness> {
    return await completenessOf(this.#deps, readConversationId(id))
  }

  /** Deletes it here, for good. Throws NOT_FOUND, STORE_…, CLOSING. */
  async deleteConversation(id: string): Promise<void> {
    const conversation = readConversationId(id)
    await this.groups.leaveIfClosed(conversation)
    await this.#deps.conversations.delete(conversation)
  }

  exportConversation(id: string, wish: ExportWish): ExportedFile {
    this.conversation(id)
    return this.#deps.exporter.begin(readConversationId(id), wish)
  }

  async messages(id: string, { before, after, limit }: PageOptions): Promise<MessagePage> {
    const conversation = readConversationId(id)
    const { items, older, newer } = await this.#deps.conversations.page(conversation, { before, after, limit })
    await this.#learn(conversation, items)
    return { items: items.flatMap((each) => this.#deps.views.shown(conversation, each) ?? []), older, newer }
  }

  async message(id: string, order: string): Promise<Message | undefined> {
    const conversation = readConversationId(id)
    const shown = this.#deps.conversations.message(conversation, order)
    if (shown === undefined) return undefined
    await this.#learn(conversation, [shown])
    return this.#deps.views.shown(conversation, shown)
  }

  async #learn(conversation: ConversationId, items: readonly Shown[]): Promise<void> {
    for (const { files } of items) if (files.length > 0) await this.files.meet(conversation, files)
  }

  async receipts(id: string, message: string): Promise<Receipts> {
    return await receiptsOf(this.#deps, readConversationId(id), message)
  }

  async post(
    id: string,
    { text, clientId, attachments = [] }: NewMessage,
  ): Promise<{ message: Message; created: boolean }> {
    const conversation = readConversationId(id)
    checkMayWrite(this.#deps, conversation)
    const files = await this.files.posting(conversation, attachments)
    const posted = await this.files.refer(conversation, files, async () => {
      const done = await this.#deps.conversations.post(conversation, text, clientId, files)
      return { done, referred: done.message.files }
    })
    return { ...posted, message: this.#deps.views.message(conversation, posted.message) }
  }

  async markRead(id: string, upTo: string): Promise<void> {
    const conversation = readConversationId(id)
    const at = await this.#deps.conversations.markRead(conversation, upTo)
    if (at !== undefined) await this.#deps.readPlaces.tell(conversation, at)
  }

  typing(id: string): void {
    const conversation = readConversationId(id)
    if (isTypingTold(this.#deps.conversations.devices(conversation))) this.#deps.typing(conversation)
  }

  links(): Status['links'] {
    const { links, personOf, views } = this.#deps
    return links().map(({ device, address }) => views.link(device, address, personOf(device)))
  }
}
