/** What keys other than the author's sign inside an operation: a recovery key, a device that joins or moves, an invite. */

import { concat, label } from './bytes.ts'
import { encode, type Value } from './codec.ts'
import { sha256 } from './crypto.ts'
import { kinds } from './entry.ts'
import {
  deviceBytes,
  idBytes,
  type ConversationId,
  type DeviceId,
  type EntryId,
  type Generation,
  type PersonId,
} from './ids.ts'
import type { RecoverableOperation } from './operation.ts'
import { headsValue } from './operation-parts.ts'

const message = (name: string, value: Value): Uint8Array => concat(label(name), sha256(encode(value)))

/** Where in its author's feed an operation stands. */
export interface FeedPosition {
  readonly device: DeviceId
  readonly generation: Generation
  readonly seq: number
}

type Rotation = Extract<RecoverableOperation, { readonly kind: 'rotateRecovery' }>

function subjectOf(operation: RecoverableOperation): Uint8Array {
  if (operation.kind === 'rotateRecovery') return operation.recoveryKey
  return deviceBytes(operation.kind === 'addDevice' ? operation.record.device : operation.device)
}

/**
 * What a recovery key signs: an operation's kind, subject and heads, for one person and one place in one feed. Without the
 * place anyone could post it once more, and so remove again a device that was added back.
 */
export const recoveryMessage = (person: PersonId, operation: RecoverableOperation, at: FeedPosition): Uint8Array =>
  message('recovery', placed(person, operation, at))

const placed = (person: PersonId, operation: RecoverableOperation, at: FeedPosition): Value => [
  idBytes(person),
  deviceBytes(at.device),
  idBytes(at.generation),
  at.seq,
  kinds[operation.kind],
  headsValue(operation.heads),
  subjectOf(operation),
]

/** What the recovery key of a beginning signs: without it anybody could begin a person with the public key of another. */
export const beginMessage = (device: DeviceId, nonce: Uint8Array): Uint8Array =>
  message('recovery-begin', [deviceBytes(device), nonce])

/** What a recovery key signs that comes after another: it is held by whoever writes the rotation, and taken from no other log. */
export const nextKeyMessage = (person: PersonId, rotation: Rotation, at: FeedPosition): Uint8Array =>
  message('recovery-next', placed(person, rotation, at))

/** What a device signs to join a person: the PersonId and its own key. */
export const counterMessage = (person: PersonId, device: DeviceId): Uint8Array =>
  message('add-device', [idBytes(person), deviceBytes(device)])

/** What a device signs that was one of `from` and goes on as one of `to`, by the key that it has there. */
export const movedMessage = (from: PersonId, to: PersonId): Uint8Array => message('moved', [idBytes(from), idBytes(to)])

/** What an invite's key signs for the person who comes in. */
export const inviteMessage = (invite: EntryId, person: PersonId): Uint8Array =>
  message('admit', [idBytes(invite), idBytes(person)])

/** Who asks to be let into a group by an invite, from which device, and when by its clock, in epoch milliseconds. */
export interface JoinWish {
  readonly group: ConversationId
  readonly invite: EntryId
  readonly person: PersonId
  readonly device: DeviceId
  readonly askedAt: number
}

/** What a device signs to be let into a group: without it whoever has an invite could let in people who never asked. */
export const joinMessage = ({ group, invite, person, device, askedAt }: JoinWish): Uint8Array =>
  message('join', [idBytes(group), idBytes(invite), idBytes(person), deviceBytes(device), askedAt])
