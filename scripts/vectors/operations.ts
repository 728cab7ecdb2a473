/** One operation of every kind. */

import { signBytes } from '../../protocol/crypto.ts'
import { epochCommitment, epochIdFor, wrapParentKey } from '../../protocol/epoch.ts'
import * as ids from '../../protocol/ids.ts'
import { signConsent } from '../../protocol/group-consent.ts'
import {
  counterMessage,
  inviteMessage,
  movedMessage,
  nextKeyMessage,
  recoveryMessage,
} from '../../protocol/operation-proofs.ts'
import type { Operation, RecoverableOperation } from '../../protocol/operation.ts'
import {
  alice,
  aliceCreate,
  aliceHead,
  alicePerson,
  alicePhone,
  bob,
  bobPerson,
  direct,
  fill,
  heads,
  invite,
  recovery,
  wallMs,
} from './people.ts'

export const parentKey = fill(0x33)
export const epochKey = fill(0x44)
export const parent = epochIdFor(direct, [], epochCommitment(parentKey))
export const epoch = epochIdFor(direct, [parent], epochCommitment(epochKey))
export const wrapped = wrapParentKey({ scope: direct, epoch, parent }, epochKey, parentKey, fill(0x55))

export const counterSignature = signBytes(alicePhone.key, counterMessage(alicePerson, alicePhone.id))
const second = { device: alice.id, generation: ids.generationOf(fill(1, 8)), seq: 2 }
export const recovered = <T extends RecoverableOperation>(operation: T): T => ({
  ...operation,
  recovery: signBytes(recovery.key, recoveryMessage(alicePerson, operation, second)),
})
const rotation = {
  kind: 'rotateRecovery',
  heads: [aliceHead],
  recoveryKey: invite.publicKey,
  recovery: undefined,
  proof: fill(0, 64),
} as const
export const cutOffs = [
  { device: bob.id, generation: ids.generationOf(fill(3, 8)), last: aliceCreate.sealed.id },
  { device: bob.id, generation: ids.generationOf(fill(4, 8)), last: undefined },
]
export const group = ids.conversationIdOf(fill(0x77))
export const record = { device: alicePhone.id, deviceClass: 'phone' } as const

export const personOperations: Operation[] = [
  { kind: 'addDevice', heads: [aliceHead], record, counterSignature, recovery: undefined },
  recovered({ kind: 'addDevice', heads: [aliceHead], record, counterSignature, recovery: undefined }),
  { kind: 'removeDevice', heads: [aliceHead], device: alicePhone.id, recovery: undefined },
  recovered({ kind: 'removeDevice', heads: [aliceHead], device: alicePhone.id, recovery: undefined }),
  recovered({ ...rotation, proof: signBytes(invite.key, nextKeyMessage(alicePerson, rotation, second)) }),
  {
    kind: 'movedTo',
    heads: [aliceHead],
    person: bobPerson,
    device: alicePhone.id,
    signature: signBytes(alicePhone.key, movedMessage(alicePerson, bobPerson)),
  },
]
export const inviteId = ids.entryIdOf(fill(0x99))
export const groupOperations: Operation[] = [
  { kind: 'add', heads, person: bobPerson, role: 'member' },
  { kind: 'accept', heads },
  { kind: 'decline', heads },
  { kind: 'leave', heads, cutOffs },
  { kind: 'remove', heads, person: bobPerson, cutOffs },
  { kind: 'setRole', heads, person: bobPerson, role: 'reader', cutOffs: [] },
  { kind: 'settings', heads, settings: [['name', 'Gärtner 🌱']], cutOffs },
  { kind: 'invite', heads, inviteKey: invite.publicKey, role: 'member', uses: 5, expiresAt: wallMs },
  { kind: 'revokeInvite', heads, invite: inviteId },
  {
    kind: 'admit',
    heads,
    person: bobPerson,
    invite: inviteId,
    proof: signBytes(invite.key, inviteMessage(inviteId, bobPerson)),
    consent: signConsent({ group, invite: inviteId, person: bobPerson }, bob.id, wallMs, bob.key),
  },
  { kind: 'cutOff', heads, cutOffs },
  { kind: 'close', heads },
  { kind: 'transfer', heads, person: bobPerson },
]
export const epochOperation: Operation = {
  kind: 'epoch',
  heads,
  epoch,
  parents: [parent],
  commitment: epochCommitment(epochKey),
  parentKeys: [{ epoch: parent, sealed: wrapped }],
}
export const groupCreate: Operation = {
  kind: 'createGroup',
  heads: [aliceHead],
  nonce: fill(0x66),
  founder: alicePerson,
  policy: [
    ['post', 'member'],
    ['history', 'everything'],
  ],
  minVersion: 1,
}
