/** Does not compile unless every schema says exactly what protocol/http.ts and protocol/events.ts say. */

import type { z } from '@hono/zod-openapi'
import type * as events from '../../../protocol/events.ts'
import type * as examinations from '../../../protocol/examination.ts'
import type * as http from '../../../protocol/http.ts'
import type * as conversations from './conversations.ts'
import type * as daemon from './daemon.ts'
import type * as keys from './keys.ts'
import type * as examination from './examination.ts'
import type * as people from './people.ts'
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
    Agrees<typeof people.Me, http.Me>,
    Agrees<typeof people.MePatch, http.MePatch>,
    Agrees<typeof people.Peer, http.Peer>,
    Agrees<typeof people.PeerLook, http.PeerLook>,
    Agrees<typeof people.Contact, http.Contact>,
    Agrees<typeof people.NewContact, http.NewContact>,
    Agrees<typeof people.ContactPatch, http.ContactPatch>,
    Agrees<typeof safety.Safety, http.Safety>,
    Agrees<typeof safety.NewVerification, http.NewVerification>,
    Agrees<typeof safety.Verification, http.Verification>,
    Agrees<typeof conversations.Message, http.Message>,
    Agrees<typeof conversations.Conversation, http.Conversation>,
    Agrees<typeof conversations.ConversationPatch, http.ConversationPatch>,
    Agrees<typeof conversations.MessagePage, http.MessagePage>,
    Agrees<typeof conversations.NewMessage, http.NewMessage>,
    Agrees<typeof conversations.ReadMark, http.ReadMark>,
    Agrees<typeof conversations.ExportWish, http.ExportWish>,
    Agrees<typeof conversations.ExportLink, http.ExportLink>,
    Agrees<typeof examination.Examination, examinations.Examination>,
    Agrees<typeof examination.NewExamination, examinations.NewExamination>,
    Agrees<typeof daemon.Health, http.Health>,
    Agrees<typeof daemon.Status, http.Status>,
    Agrees<typeof daemon.PairRequest, http.PairRequest>,
    Agrees<typeof daemon.PairAnswer, http.PairAnswer>,
    Agrees<typeof daemon.SessionHello, http.SessionHello>,
    Agrees<typeof daemon.SessionChallenge, http.SessionChallenge>,
    Agrees<typeof daemon.SessionProof, http.SessionProof>,
    Agrees<typeof daemon.SessionInfo, http.SessionInfo>,
    Agrees<typeof daemon.CodeRequest, http.CodeRequest>,
    Agrees<typeof daemon.CodeAnswer, http.CodeAnswer>,
    Agrees<typeof daemon.ClientFrame, events.ClientFrame>,
    Agrees<typeof keys.UnlockRequest, http.UnlockRequest>,
    Agrees<typeof keys.KeySlotInfo, http.KeySlotInfo>,
    Agrees<typeof keys.NewKeySlot, http.NewKeySlot>,
    Agrees<typeof keys.NewKeySlotAnswer, http.NewKeySlotAnswer>,
    Agrees<typeof keys.KeySlotRemoval, http.KeySlotRemoval>,
    Agrees<typeof keys.PassphraseStrength, http.PassphraseStrength>,
    Agrees<typeof keys.LockSettings, http.LockSettings>,
    Agrees<typeof keys.LockPatch, http.LockPatch>,
  ]
>
