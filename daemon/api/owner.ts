/** What the API asks of the rooms: everything that the owner of this device may see and do. daemon.ts hands it in. */

import type { Examination } from '../../protocol/examination.ts'
import type {
  Contact,
  ContactPatch,
  Me,
  MePatch,
  NewContact,
  NewVerification,
  Peer,
  Safety,
  Verification,
} from '../../protocol/http-people.ts'
import type {
  Conversation,
  ConversationPatch,
  ExportWish,
  Message,
  MessagePage,
  NewMessage,
  Receipts,
} from '../../protocol/http-conversations.ts'
import type { BackupSize } from '../../protocol/http-backup.ts'
import type { Attachment } from '../../protocol/http-files.ts'
import type { Completeness } from '../../protocol/http-groups.ts'
import type { Linking, NewLinking, NoLinking, OwnDevice } from '../../protocol/http-devices.ts'
import type { NewPushSubscription, PushPatch, PushSettings } from '../../protocol/http-push.ts'
import type { PushServerSettings } from '../../protocol/http-push-server.ts'
import type { NewRecovery, NoRecovery, Recovery, RecoveryFinish } from '../../protocol/http-recovery.ts'
import type { BeginningAnew, RecoveryPhrase, ShownPhrase } from '../../protocol/http-phrase.ts'
import type { Status } from '../../protocol/http.ts'
import type { Groups, Joins } from './group-owner.ts'

/** A file that is made while it is read: only as far as it is asked for, and ended by return(). */
export interface ExportedFile {
  readonly name: string
  readonly pieces: AsyncGenerator<string | Uint8Array>
}

export interface BegunBackup {
  readonly name: string
  readonly about: number
  readonly recoveryKey?: string
  /** Once. */
  readonly open: () => AsyncGenerator<Uint8Array>
}

export interface OwnBackups {
  /** When the backup was made that this home came from: nothing in it is changed. Undefined for any other home. */
  readonly archivedAt: number | undefined
  size(): Promise<BackupSize>
  /** Rejects with WEAK_PASSPHRASE, TOO_LARGE. */
  begin(wish: { readonly passphrase?: string; readonly files?: boolean }): Promise<BegunBackup>
}

/** What a page may show in place is known by its first bytes; everything else is served to be saved. */
export interface OpenedFile {
  readonly name: string
  readonly size: number
  /** A media type that a browser may show in place; undefined for all others. */
  readonly shownAs: string | undefined
  /** The bytes from `from` up to, and without, `to`. */
  readonly read: (from: number, to: number) => AsyncGenerator<Uint8Array>
}

/** Files of conversations: what comes in, what is here, what is on its way. */
export interface OwnFiles {
  /** The largest file that is taken, bytes. */
  readonly mostBytes: number
  /** Takes a file in, so that a message can be posted with it. Throws NOT_FOUND, NOT_ALLOWED, TOO_LARGE, STORE_…. */
  add(
    conversation: string,
    source: AsyncIterable<Uint8Array>,
    about: { readonly name: string; readonly type: string },
  ): Promise<Attachment>
  /** Throws NOT_FOUND. */
  attachment(conversation: string, id: string): Promise<Attachment>
  /** Fetches what is not here, as soon as somebody who has it is linked. Throws NOT_FOUND. */
  fetch(conversation: string, id: string): Promise<Attachment>
  /** Takes back what was added and not posted. Throws NOT_FOUND. */
  cancel(conversation: string, id: string): Promise<void>
  /** Throws NOT_FOUND, CONFLICT while not all of it is here. */
  open(conversation: string, id: string): Promise<OpenedFile>
}

export interface PageOptions {
  /** Order keys, exclusive. */
  readonly before?: string
  readonly after?: string
  readonly limit: number
}

/** What is compared with a contact. Throws CONFLICT while nothing is known of their keys. */
export interface SafetyNumbers {
  show(id: string): Safety
  verify(id: string, verification: NewVerification): Promise<Verification>
  clear(id: string): Promise<Contact>
}

/** The 24 words; see http-phrase.ts. */
export interface OwnPhrase {
  status(): RecoveryPhrase
  /** Throws NOT_FOUND where the words are not. */
  show(): ShownPhrase
  /** Rejects with BAD_SHAPE for a wrong word, CONFLICT before they were shown, NOT_FOUND. */
  written(answers: readonly string[]): Promise<RecoveryPhrase>
}

/** The owner's own devices, and the linking of one more; see http-devices.ts. */
export interface OwnDevices {
  list(): OwnDevice[]
  /** Throws NOT_FOUND, TOO_LARGE. */
  rename(id: string, name: string): Promise<OwnDevice>
  /** Throws NOT_FOUND, NOT_ALLOWED, and SELF for this device. */
  remove(id: string): Promise<void>
  linking(): Linking | NoLinking
  /** Throws NOT_ALLOWED, BAD_LINK, BAD_SHAPE. */
  begin(wish: NewLinking): Linking
  /** Throws CONFLICT while there is nothing to compare. */
  confirm(): Linking
  cancel(differ: boolean): void
  readonly phrase: OwnPhrase
  /** What beginAnew() would do now. Throws CONFLICT, NOT_ALLOWED. */
  beginningAnew(): BeginningAnew
  /** The words are lost: this home begins its person anew, and contacts are asked to follow. Throws CONFLICT, NOT_ALLOWED. */
  beginAnew(): Promise<BeginningAnew>
  recovery(): Recovery | NoRecovery
  /** Throws BAD_SHAPE with what is wrong with the words, TOO_LARGE, CONFLICT. */
  beginRecovery(wish: NewRecovery): Recovery
  /** Throws CONFLICT, NOT_FOUND, BAD_SHAPE. */
  finishRecovery(finish: RecoveryFinish): Recovery
  endRecovery(): void
}

/** Notifications while no page is open; see http-push.ts. `session`: of the browser that asks. */
export interface OwnPush {
  settings(session: string | undefined): PushSettings
  /** Throws NOT_ALLOWED, BAD_SHAPE, TOO_LARGE. */
  subscribe(session: { readonly id: string; readonly label: string }, wish: NewPushSubscription): Promise<void>
  patch(patch: PushPatch): Promise<void>
  /** Throws NOT_FOUND. */
  remove(id: string): Promise<void>
  /** Those of all other sessions end. */
  keep(sessions: ReadonlySet<string>): Promise<void>
}

/** How this device is woken while it sleeps; see http-push-server.ts. */
export interface OwnPushServer {
  settings(): PushServerSettings
  /** Undefined is none. Rejects with BAD_SHAPE, NOT_WARREN, NOT_ALLOWED, HOST_NOT_FOUND, REFUSED, UNREACHABLE, TIMED_OUT. */
  use(server: string | undefined): Promise<void>
}

/** Ids are plain strings here and parsed inside. Unknown ids throw NOT_FOUND, ids of a wrong shape BAD_SHAPE. */
export interface Owner {
  me(): Me
  readonly backups: OwnBackups
  patchMe(patch: MePatch): Promise<Me>
  peers(): Peer[]
  peer(deviceId: string): Peer | undefined
  look(address: string, signal: AbortSignal): Promise<Peer>
  contacts(): Contact[]
  contact(id: string): Contact
  addContact(contact: NewContact, signal: AbortSignal): Promise<Contact>
  patchContact(id: string, patch: ContactPatch): Promise<Contact>
  deleteContact(id: string): Promise<void>
  readonly safety: SafetyNumbers
  conversations(): Conversation[]
  conversation(id: string): Conversation
  openConversation(kind: 'self' | 'direct', members: readonly string[]): Promise<Conversation>
  patchConversation(id: string, patch: ConversationPatch): Promise<Conversation>
  readonly files: OwnFiles
  readonly groups: Groups
  readonly joins: Joins
  completeness(id: string): Promise<Completeness>
  /** Resolves when nothing of it is left on this device's disk. */
  deleteConversation(id: string): Promise<void>
  /** The conversation as it stands at this moment. */
  exportConversation(id: string, wish: ExportWish): ExportedFile
  messages(id: string, options: PageOptions): Promise<MessagePage>
  /** The message with this order key; for events. */
  message(id: string, order: string): Promise<Message | undefined>
  /** Who has an own message, which is named by its id or its order key. Throws NOT_ALLOWED for what others wrote. */
  receipts(id: string, message: string): Promise<Receipts>
  /** `created` is false if the clientId was used before: the message is then the first one. */
  post(id: string, message: NewMessage): Promise<{ message: Message; created: boolean }>
  markRead(id: string, upTo: string): Promise<void>
  typing(id: string): void
  /** They wait for an answer: what peers send is left for a moment. Returns what is to be called when they have it. */
  asked(): () => void
  links(): Status['links']
  /** The look through all data that is under way, or the last one. */
  examination(): Examination
  /** Begins one. Throws CONFLICT while one is under way. */
  examine(repair: boolean): Examination
  readonly ownDevices: OwnDevices
  readonly push: OwnPush
  readonly pushServer: OwnPushServer
}
