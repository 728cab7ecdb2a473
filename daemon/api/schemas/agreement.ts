/** Does not compile unless every schema says exactly what protocol/http*.ts and protocol/events.ts say. */

import type { z } from '@hono/zod-openapi'
import type * as events from '../../../protocol/events.ts'
import type * as examinations from '../../../protocol/examination.ts'
import type * as http from '../../../protocol/http.ts'
import type * as httpAccess from '../../../protocol/http-access.ts'
import type * as httpConversations from '../../../protocol/http-conversations.ts'
import type * as httpFiles from '../../../protocol/http-files.ts'
import type * as httpGroups from '../../../protocol/http-groups.ts'
import type * as httpDevices from '../../../protocol/http-devices.ts'
import type * as httpBackup from '../../../protocol/http-backup.ts'
import type * as httpRecovery from '../../../protocol/http-recovery.ts'
import type * as httpPhrase from '../../../protocol/http-phrase.ts'
import type * as httpPeople from '../../../protocol/http-people.ts'
import type * as httpPushServer from '../../../protocol/http-push-server.ts'
import type * as backup from './backup.ts'
import type * as conversations from './conversations.ts'
import type * as daemon from './daemon.ts'
import type * as devices from './devices.ts'
import type * as files from './files.ts'
import type * as keys from './keys.ts'
import type * as groups from './groups.ts'
import type * as examination from './examination.ts'
import type * as people from './people.ts'
import type * as phrase from './phrase.ts'
import type * as pushServer from './push-server.ts'
import type * as recovery from './recovery.ts'
import type * as safety from './safety.ts'

/** Makes an optional member a required one that says so: a missing optional member would pass for an equal type. */
type Marked<T> = T extends readonly (infer E)[]
  ? Marked<E>[]
  : T extends object
    ? { [K in keyof T]-?: object extends Pick<T, K> ? { optional: Marked<T[K]> } : Marked<T[K]> }
    : T

/** Functions are alike only if what they take and what they give is. */
type Both<T> = (value: [T, Marked<T>]) => [T, Marked<T>]
type Equal<A, B> = Both<A> extends Both<B> ? (Both<B> extends Both<A> ? true : false) : false
type Agrees<Schema extends z.ZodType, Type> = Equal<z.infer<Schema>, Type>

type AllTrue<T extends readonly true[]> = T

export type Agreement = AllTrue<
  [
    Agrees<typeof people.Me, httpPeople.Me>,
    Agrees<typeof people.MePatch, httpPeople.MePatch>,
    Agrees<typeof people.Peer, httpPeople.Peer>,
    Agrees<typeof people.PeerLook, httpPeople.PeerLook>,
    Agrees<typeof people.Contact, httpPeople.Contact>,
    Agrees<typeof people.NewContact, httpPeople.NewContact>,
    Agrees<typeof people.ContactPatch, httpPeople.ContactPatch>,
    Agrees<typeof recovery.Recovery, httpRecovery.Recovery>,
    Agrees<typeof recovery.NoRecovery, httpRecovery.NoRecovery>,
    Agrees<typeof recovery.NewRecovery, httpRecovery.NewRecovery>,
    Agrees<typeof recovery.RecoveryFinish, httpRecovery.RecoveryFinish>,
    Agrees<typeof phrase.RecoveryPhrase, httpPhrase.RecoveryPhrase>,
    Agrees<typeof phrase.BeginningAnew, httpPhrase.BeginningAnew>,
    Agrees<typeof phrase.PhraseWish, httpPhrase.PhraseWish>,
    Agrees<typeof phrase.ShownPhrase, httpPhrase.ShownPhrase>,
    Agrees<typeof phrase.PhraseAnswers, httpPhrase.PhraseAnswers>,
    Agrees<typeof pushServer.PushServerSettings, httpPushServer.PushServerSettings>,
    Agrees<typeof pushServer.PushServerPatch, httpPushServer.PushServerPatch>,
    Agrees<typeof safety.Safety, httpPeople.Safety>,
    Agrees<typeof safety.NewVerification, httpPeople.NewVerification>,
    Agrees<typeof safety.Verification, httpPeople.Verification>,
    Agrees<typeof files.Attachment, httpFiles.Attachment>,
    Agrees<typeof conversations.Message, httpConversations.Message>,
    Agrees<typeof conversations.Conversation, httpConversations.Conversation>,
    Agrees<typeof conversations.ConversationPatch, httpConversations.ConversationPatch>,
    Agrees<typeof conversations.MessagePage, httpConversations.MessagePage>,
    Agrees<typeof conversations.Receipts, httpConversations.Receipts>,
    Agrees<typeof conversations.NewMessage, httpConversations.NewMessage>,
    Agrees<typeof conversations.ReadMark, httpConversations.ReadMark>,
    Agrees<typeof conversations.ExportWish, httpConversations.ExportWish>,
    Agrees<typeof conversations.ExportLink, httpConversations.ExportLink>,
    Agrees<typeof groups.NewGroup, httpGroups.NewGroup>,
    Agrees<typeof groups.GroupPatch, httpGroups.GroupPatch>,
    Agrees<typeof groups.GroupAnswer, httpGroups.GroupAnswer>,
    Agrees<typeof groups.GroupMember, httpGroups.GroupMember>,
    Agrees<typeof groups.NewMember, httpGroups.NewMember>,
    Agrees<typeof groups.MemberPatch, httpGroups.MemberPatch>,
    Agrees<typeof groups.GroupInvite, httpGroups.GroupInvite>,
    Agrees<typeof groups.NewInvite, httpGroups.NewInvite>,
    Agrees<typeof groups.GroupLook, httpGroups.GroupLook>,
    Agrees<typeof groups.GroupGlance, httpGroups.GroupGlance>,
    Agrees<typeof groups.GroupJoin, httpGroups.GroupJoin>,
    Agrees<typeof groups.Joining, httpGroups.Joining>,
    Agrees<typeof groups.Completeness, httpGroups.Completeness>,
    Agrees<typeof devices.OwnDevice, httpDevices.OwnDevice>,
    Agrees<typeof devices.OwnDevicePatch, httpDevices.OwnDevicePatch>,
    Agrees<typeof devices.Linking, httpDevices.Linking>,
    Agrees<typeof devices.NewLinking, httpDevices.NewLinking>,
    Agrees<typeof devices.NoLinking, httpDevices.NoLinking>,
    Agrees<typeof backup.NewBackup, httpBackup.NewBackup>,
    Agrees<typeof backup.BackupSize, httpBackup.BackupSize>,
    Agrees<typeof backup.BackupLink, httpBackup.BackupLink>,
    Agrees<typeof examination.Examination, examinations.Examination>,
    Agrees<typeof examination.NewExamination, examinations.NewExamination>,
    Agrees<typeof daemon.Health, http.Health>,
    Agrees<typeof daemon.Status, http.Status>,
    Agrees<typeof daemon.PairRequest, httpAccess.PairRequest>,
    Agrees<typeof daemon.PairAnswer, httpAccess.PairAnswer>,
    Agrees<typeof daemon.SessionHello, httpAccess.SessionHello>,
    Agrees<typeof daemon.SessionChallenge, httpAccess.SessionChallenge>,
    Agrees<typeof daemon.SessionProof, httpAccess.SessionProof>,
    Agrees<typeof daemon.SessionInfo, httpAccess.SessionInfo>,
    Agrees<typeof daemon.CodeRequest, httpAccess.CodeRequest>,
    Agrees<typeof daemon.CodeAnswer, httpAccess.CodeAnswer>,
    Agrees<typeof daemon.ClientFrame, events.ClientFrame>,
    Agrees<typeof keys.UnlockRequest, httpAccess.UnlockRequest>,
    Agrees<typeof keys.KeySlotInfo, httpAccess.KeySlotInfo>,
    Agrees<typeof keys.NewKeySlot, httpAccess.NewKeySlot>,
    Agrees<typeof keys.NewKeySlotAnswer, httpAccess.NewKeySlotAnswer>,
    Agrees<typeof keys.KeySlotRemoval, httpAccess.KeySlotRemoval>,
    Agrees<typeof keys.PassphraseStrength, httpAccess.PassphraseStrength>,
    Agrees<typeof keys.LockSettings, httpAccess.LockSettings>,
    Agrees<typeof keys.LockPatch, httpAccess.LockPatch>,
  ]
>
