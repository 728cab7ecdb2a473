/** The operations of a conversation, and how each is written into its payload behind the heads. */

import { readBytes, readEach, readUint, type Value } from './codec.ts'
import type { Consent } from './group-consent.ts'
import { maxWallMs } from './hlc.ts'
import {
  deviceBytes,
  deviceIdOf,
  entryIdOf,
  epochIdOf,
  idBytes,
  type EntryId,
  type EpochId,
  type PersonId,
} from './ids.ts'
import { limits } from './limits.ts'
import {
  cutOffsValue,
  readCutOffs,
  readPerson,
  readRole,
  readSettings,
  readWrappedKeys,
  roleNumber,
  wrappedKeysValue,
  type CutOff,
  type OperationCodecs,
  type Role,
  type Setting,
  type WrappedKey,
} from './operation-parts.ts'

export type ConversationOperation =
  | {
      readonly kind: 'createGroup'
      readonly nonce: Uint8Array
      readonly founder: PersonId
      readonly policy: readonly Setting[]
      readonly minVersion: number
    }
  | { readonly kind: 'add'; readonly person: PersonId; readonly role: Role }
  | { readonly kind: 'accept' }
  | { readonly kind: 'decline' }
  | { readonly kind: 'leave'; readonly cutOffs: readonly CutOff[] }
  | { readonly kind: 'remove'; readonly person: PersonId; readonly cutOffs: readonly CutOff[] }
  | { readonly kind: 'setRole'; readonly person: PersonId; readonly role: Role; readonly cutOffs: readonly CutOff[] }
  | {
      readonly kind: 'settings'
      readonly settings: readonly Setting[]
      /** Of those who may not post any more. */
      readonly cutOffs: readonly CutOff[]
    }
  | {
      readonly kind: 'invite'
      /** Public half of the key that the invite link carries. */
      readonly inviteKey: Uint8Array
      readonly role: Role
      /** 0 is without bound. */
      readonly uses: number
      /** Epoch milliseconds; 0 is never. */
      readonly expiresAt: number
    }
  | { readonly kind: 'revokeInvite'; readonly invite: EntryId }
  | {
      readonly kind: 'admit'
      readonly person: PersonId
      readonly invite: EntryId
      /** 64 bytes by the invite's key over inviteMessage(). */
      readonly proof: Uint8Array
      /** By a device of the person who comes in. */
      readonly consent: Consent
    }
  | { readonly kind: 'cutOff'; readonly cutOffs: readonly CutOff[] }
  | {
      readonly kind: 'epoch'
      readonly epoch: EpochId
      readonly parents: readonly EpochId[]
      /** SHA-256("warren epoch" ‖ key). */
      readonly commitment: Uint8Array
      readonly parentKeys: readonly WrappedKey[]
    }
  | { readonly kind: 'close' }
  /** The root owner makes another member the root owner. */
  | { readonly kind: 'transfer'; readonly person: PersonId }

const empty = { write: () => [], read: () => ({}) }
const onlyCutOffs = {
  write: ({ cutOffs }: { readonly cutOffs: readonly CutOff[] }) => [cutOffsValue(cutOffs)],
  read: (f: readonly Value[]) => ({ cutOffs: readCutOffs(f[1]) }),
}

/** `f[0]` is the heads. */
export const conversationCodecs: OperationCodecs<ConversationOperation> = {
  createGroup: {
    write: ({ nonce, founder, policy, minVersion }) => [nonce, idBytes(founder), policy, minVersion],
    read: (f) => ({
      nonce: readBytes(f[1], 32),
      founder: readPerson(f[2]),
      policy: readSettings(f[3]),
      minVersion: readUint(f[4], 65_535),
    }),
  },
  add: {
    write: ({ person, role }) => [idBytes(person), roleNumber(role)],
    read: (f) => ({ person: readPerson(f[1]), role: readRole(f[2]) }),
  },
  accept: empty,
  decline: empty,
  leave: onlyCutOffs,
  remove: {
    write: ({ person, cutOffs }) => [idBytes(person), cutOffsValue(cutOffs)],
    read: (f) => ({ person: readPerson(f[1]), cutOffs: readCutOffs(f[2]) }),
  },
  setRole: {
    write: ({ person, role, cutOffs }) => [idBytes(person), roleNumber(role), cutOffsValue(cutOffs)],
    read: (f) => ({ person: readPerson(f[1]), role: readRole(f[2]), cutOffs: readCutOffs(f[3]) }),
  },
  settings: {
    write: ({ settings, cutOffs }) => [settings, cutOffsValue(cutOffs)],
    read: (f) => ({ settings: readSettings(f[1]), cutOffs: readCutOffs(f[2]) }),
  },
  invite: {
    write: ({ inviteKey, role, uses, expiresAt }) => [inviteKey, roleNumber(role), uses, expiresAt],
    read: (f) => ({
      inviteKey: readBytes(f[1], 32),
      role: readRole(f[2]),
      uses: readUint(f[3]),
      expiresAt: readUint(f[4]),
    }),
  },
  revokeInvite: {
    write: ({ invite }) => [idBytes(invite)],
    read: (f) => ({ invite: entryIdOf(readBytes(f[1], 32)) }),
  },
  admit: {
    write: ({ person, invite, proof, consent: { device, askedAt, signature } }) => [
      idBytes(person),
      idBytes(invite),
      proof,
      deviceBytes(device),
      askedAt,
      signature,
    ],
    read: (f) => ({
      person: readPerson(f[1]),
      invite: entryIdOf(readBytes(f[2], 32)),
      proof: readBytes(f[3], 64),
      consent: {
        device: deviceIdOf(readBytes(f[4], 32)),
        askedAt: readUint(f[5], maxWallMs),
        signature: readBytes(f[6], 64),
      },
    }),
  },
  cutOff: onlyCutOffs,
  epoch: {
    write: ({ epoch, parents, commitment, parentKeys }) => [
      idBytes(epoch),
      parents.map((each) => idBytes(each)),
      commitment,
      wrappedKeysValue(parentKeys),
    ],
    read: (f) => ({
      epoch: epochIdOf(readBytes(f[1], 32)),
      parents: readEach(f[2], limits.epochParents, (each) => epochIdOf(readBytes(each, 32))),
      commitment: readBytes(f[3], 32),
      parentKeys: readWrappedKeys(f[4]),
    }),
  },
  close: empty,
  transfer: {
    write: ({ person }) => [idBytes(person)],
    read: (f) => ({ person: readPerson(f[1]) }),
  },
}
