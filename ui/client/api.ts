/** Every question that the page may ask the daemon, typed. */

import type { BackupCourse, BackupLink, BackupSize, NewBackup } from '../../protocol/http-backup.ts'
import type { Examination, NewExamination } from '../../protocol/examination.ts'
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
  ExportLink,
  ExportWish,
  Message,
  MessagePage,
  NewMessage,
  Receipts,
} from '../../protocol/http-conversations.ts'
import type { Linking, NewLinking, NoLinking, OwnDevice, OwnDevicePatch } from '../../protocol/http-devices.ts'
import type {
  BeginningAnew,
  PhraseAnswers,
  PhraseWish,
  RecoveryPhrase,
  ShownPhrase,
} from '../../protocol/http-phrase.ts'
import type { NewRecovery, NoRecovery, Recovery, RecoveryFinish } from '../../protocol/http-recovery.ts'
import type { Health, Page, Status } from '../../protocol/http.ts'
import type {
  KeySlotInfo,
  KeySlotRemoval,
  LockPatch,
  LockSettings,
  NewKeySlot,
  NewKeySlotAnswer,
  PassphraseStrength,
  SessionInfo,
  UnlockRequest,
  CodeAnswer,
} from '../../protocol/http-access.ts'
import type { NewPushSubscription, PushPatch, PushSettings } from '../../protocol/http-push.ts'
import type { PushServerSettings } from '../../protocol/http-push-server.ts'
import { request } from './request.ts'

const conversation = (id: string): string => `/conversations/${encodeURIComponent(id)}`
const contact = (id: string): string => `/contacts/${encodeURIComponent(id)}`

export interface PageOfMessages {
  before?: string
  after?: string
  limit: number
}

export const api = {
  health: async () => await request<Health>('GET', '/health', { timeoutMs: 5000 }),
  status: async () => await request<Status>('GET', '/status'),
  /** Guessing is slow on purpose, and everything is opened behind it. */
  unlock: async (body: UnlockRequest) => await request<void>('POST', '/unlock', { body, timeoutMs: 30_000 }),
  lock: async () => await request<void>('POST', '/lock', { body: {} }),
  lockSettings: async () => await request<LockSettings>('GET', '/lock'),
  patchLock: async (body: LockPatch) => await request<LockSettings>('PATCH', '/lock', { body }),
  keySlots: async () => (await request<{ items: KeySlotInfo[] }>('GET', '/key-slots')).items,
  addKeySlot: async (body: NewKeySlot) =>
    await request<NewKeySlotAnswer>('POST', '/key-slots', { body, timeoutMs: 30_000 }),
  removeKeySlot: async (body: KeySlotRemoval) =>
    await request<void>('POST', '/key-slots/remove', { body, timeoutMs: 30_000 }),
  strength: async (passphrase: string) =>
    await request<PassphraseStrength>('POST', '/key-slots/strength', { body: { passphrase } }),
  examination: async () => await request<Examination>('GET', '/examination'),
  examine: async (body: NewExamination) => await request<Examination>('POST', '/examination', { body }),
  me: async () => await request<Me>('GET', '/me'),
  patchMe: async (body: MePatch) => await request<Me>('PATCH', '/me', { body }),
  devices: async () => await request<Page<OwnDevice>>('GET', '/devices'),
  patchDevice: async (id: string, body: OwnDevicePatch) =>
    await request<OwnDevice>('PATCH', `/devices/${encodeURIComponent(id)}`, { body }),
  removeDevice: async (id: string) => await request<void>('DELETE', `/devices/${encodeURIComponent(id)}`),
  linking: async () => await request<Linking | NoLinking>('GET', '/devices/linking'),
  beginLinking: async (body: NewLinking) => await request<Linking>('POST', '/devices/linking', { body }),
  confirmLinking: async () => await request<Linking>('POST', '/devices/linking/confirm', { body: {} }),
  endLinking: async (differ: boolean) => await request<void>('POST', '/devices/linking/end', { body: { differ } }),
  pushSettings: async () => await request<PushSettings>('GET', '/push-subscriptions'),
  subscribePush: async (body: NewPushSubscription) =>
    await request<PushSettings>('POST', '/push-subscriptions', { body }),
  pushServer: async () => await request<PushServerSettings>('GET', '/push-server'),
  /** That it is one is looked at first. */
  usePushServer: async (server: string) =>
    await request<PushServerSettings>('PATCH', '/push-server', { body: { server }, timeoutMs: 30_000 }),
  patchPush: async (body: PushPatch) => await request<PushSettings>('PATCH', '/push-subscriptions', { body }),
  unsubscribePush: async (id: string) => await request<void>('DELETE', `/push-subscriptions/${encodeURIComponent(id)}`),
  recovery: async () => await request<Recovery | NoRecovery>('GET', '/devices/recovery'),
  beginRecovery: async (body: NewRecovery) => await request<Recovery>('POST', '/devices/recovery', { body }),
  finishRecovery: async (body: RecoveryFinish) => await request<Recovery>('POST', '/devices/recovery/finish', { body }),
  endRecovery: async () => await request<void>('POST', '/devices/recovery/end', { body: {} }),
  phrase: async () => await request<RecoveryPhrase>('GET', '/recovery-phrase'),
  showPhrase: async (body: PhraseWish) =>
    await request<ShownPhrase>('POST', '/recovery-phrase/show', { body, timeoutMs: 30_000 }),
  beginningAnew: async () => await request<BeginningAnew>('GET', '/recovery-phrase/anew'),
  beginAnew: async (body: PhraseWish) => await request<BeginningAnew>('POST', '/recovery-phrase/anew', { body }),
  phraseWritten: async (body: PhraseAnswers) =>
    await request<RecoveryPhrase>('POST', '/recovery-phrase/written', { body }),
  sessions: async () => await request<Page<SessionInfo>>('GET', '/sessions'),
  servedLink: async () => await request<CodeAnswer>('POST', '/sessions/links', { body: {} }),
  revokeSession: async (id: string) => await request<void>('DELETE', `/sessions/${encodeURIComponent(id)}`),
  /** Dials: may take as long as a handshake. */
  look: async (address: string) => await request<Peer>('POST', '/peers', { body: { address }, timeoutMs: 40_000 }),
  addContact: async (body: NewContact) => await request<Contact>('POST', '/contacts', { body, timeoutMs: 40_000 }),
  contact: async (id: string) => await request<Contact>('GET', contact(id)),
  patchContact: async (id: string, body: ContactPatch) => await request<Contact>('PATCH', contact(id), { body }),
  safety: async (id: string) => await request<Safety>('GET', `${contact(id)}/safety`),
  verify: async (id: string, body: NewVerification) =>
    await request<Verification>('POST', `${contact(id)}/verification`, { body }),
  clearVerification: async (id: string) => await request<Contact>('DELETE', `${contact(id)}/verification`),
  removeContact: async (id: string) => await request<void>('DELETE', contact(id)),
  openSelf: async () => await request<Conversation>('POST', '/conversations', { body: { kind: 'self' } }),
  openDirect: async (person: string) =>
    await request<Conversation>('POST', '/conversations', { body: { kind: 'direct', members: [person] } }),
  patchConversation: async (id: string, body: ConversationPatch, keepalive = false) =>
    await request<Conversation>('PATCH', conversation(id), { body, keepalive }),
  /** Answers once it is gone from the disk: a long one takes seconds. */
  deleteConversation: async (id: string) => await request<void>('DELETE', conversation(id), { timeoutMs: 120_000 }),
  backupSize: async () => await request<BackupSize>('GET', '/backups'),
  /** Answers once the passphrase is stretched: about half a second of one core. */
  makeBackup: async (body: NewBackup) => await request<BackupLink>('POST', '/backups', { body, timeoutMs: 60_000 }),
  backupCourse: async (id: string) => await request<BackupCourse>('GET', `/backups/${id}`),
  endBackup: async (id: string) => await request<void>('DELETE', `/backups/${id}`),
  exportLink: async (id: string, body: ExportWish) =>
    await request<ExportLink>('POST', `${conversation(id)}/export`, { body }),
  messages: async (id: string, page: PageOfMessages) => {
    const query = new URLSearchParams({ limit: String(page.limit) })
    if (page.before !== undefined) query.set('before', page.before)
    if (page.after !== undefined) query.set('after', page.after)
    return await request<MessagePage>('GET', `${conversation(id)}/messages?${query.toString()}`)
  },
  receipts: async (id: string, message: string) =>
    await request<Receipts>('GET', `${conversation(id)}/messages/${encodeURIComponent(message)}/receipts`),
  send: async (id: string, body: NewMessage) =>
    await request<Message>('POST', `${conversation(id)}/messages`, { body, timeoutMs: 20_000 }),
  markRead: async (id: string, upTo: string) =>
    await request<void>('POST', `${conversation(id)}/read`, { body: { upTo } }),
}
