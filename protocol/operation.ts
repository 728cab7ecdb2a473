/** Roster operations: the plain payloads of lane 0. Every one begins with the heads that its author had seen. */

import {
  encode,
  readArray,
  readBytes,
  readBytesUpTo,
  readCodePoints,
  readEach,
  readOptionalBytes,
  readText,
  readUint,
  type Value,
} from './codec.ts'
import { deviceRecordValue, readDeviceRecord, type DeviceRecord } from './device-record.ts'
import { kinds, readPlain } from './entry.ts'
import {
  deviceBytes,
  deviceIdOf,
  entryIdOf,
  epochIdOf,
  generationOf,
  idBytes,
  personIdOf,
  scopeOf,
  type DeviceId,
  type EntryId,
  type EpochId,
  type Generation,
  type PersonId,
  type Scope,
} from './ids.ts'
import { limits } from './limits.ts'

export type Role = 'owner' | 'admin' | 'member' | 'reader'
const roles: readonly Role[] = ['reader', 'member', 'admin', 'owner']

/** An entry seen in some lane-0 log: a conversation's or a person's. */
export interface Head {
  readonly scope: Scope
  readonly id: EntryId
}

/** The last message entry of one feed that counts after its device lost the right to post. */
export interface CutOff {
  readonly device: DeviceId
  readonly generation: Generation
  /** Undefined: nothing of this feed counts. */
  readonly last: EntryId | undefined
}

/** 64 bytes by the recovery key over `recoveryMessage`, if an operation rests on it and not on its device. */
type Recovery = { readonly recovery: Uint8Array | undefined }

export interface WrappedKey {
  readonly epoch: EpochId
  /** 32-byte key, sealed under the new epoch's key. */
  readonly sealed: Uint8Array
}

export type Operation = { readonly heads: readonly Head[] } & (
  | {
      readonly kind: 'createPerson'
      readonly record: DeviceRecord
      readonly nonce: Uint8Array
      readonly recoveryKey: Uint8Array
    }
  | ({ readonly kind: 'addDevice'; readonly record: DeviceRecord; readonly counterSignature: Uint8Array } & Recovery)
  | ({ readonly kind: 'removeDevice'; readonly device: DeviceId } & Recovery)
  | ({ readonly kind: 'rotateRecovery'; readonly recoveryKey: Uint8Array } & Recovery)
  | { readonly kind: 'movedTo'; readonly person: PersonId }
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
  | { readonly kind: 'settings'; readonly settings: readonly Setting[] }
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
  | { readonly kind: 'admit'; readonly person: PersonId; readonly invite: EntryId; readonly proof: Uint8Array }
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
)

/** `[name, value]`, such as `['name', 'Gardeners']`, `['post', 'member']`, `['history', 'everything']`. */
export type Setting = readonly [name: string, value: string]

const none = new Uint8Array(0)
const headValue = ({ scope, id }: Head): Value => [idBytes(scope), idBytes(id)]
const cutOffValue = (each: CutOff): Value => [
  deviceBytes(each.device),
  idBytes(each.generation),
  each.last === undefined ? none : idBytes(each.last),
]
const cutOffsValue = (cutOffs: readonly CutOff[]): Value => cutOffs.map(cutOffValue)

function fieldsOf(operation: Operation): Value[] {
  switch (operation.kind) {
    case 'createPerson':
      return [deviceRecordValue(operation.record), operation.nonce, operation.recoveryKey]
    case 'addDevice':
      return [deviceRecordValue(operation.record), operation.counterSignature, operation.recovery ?? none]
    case 'removeDevice':
      return [deviceBytes(operation.device), operation.recovery ?? none]
    case 'rotateRecovery':
      return [operation.recoveryKey, operation.recovery ?? none]
    case 'movedTo':
      return [idBytes(operation.person)]
    case 'createGroup':
      return [operation.nonce, idBytes(operation.founder), operation.policy, operation.minVersion]
    case 'add':
      return [idBytes(operation.person), roles.indexOf(operation.role)]
    case 'accept':
    case 'decline':
    case 'close':
      return []
    case 'leave':
    case 'cutOff':
      return [cutOffsValue(operation.cutOffs)]
    case 'remove':
      return [idBytes(operation.person), cutOffsValue(operation.cutOffs)]
    case 'setRole':
      return [idBytes(operation.person), roles.indexOf(operation.role), cutOffsValue(operation.cutOffs)]
    case 'settings':
      return [operation.settings]
    case 'invite':
      return [operation.inviteKey, roles.indexOf(operation.role), operation.uses, operation.expiresAt]
    case 'revokeInvite':
      return [idBytes(operation.invite)]
    case 'admit':
      return [idBytes(operation.person), idBytes(operation.invite), operation.proof]
    case 'epoch':
      return [
        idBytes(operation.epoch),
        operation.parents.map((each) => idBytes(each)),
        operation.commitment,
        operation.parentKeys.map(({ epoch, sealed }) => [idBytes(epoch), sealed]),
      ]
  }
}

/** The payload bytes of an operation; its kind goes into the header. */
export const encodeOperation = (operation: Operation): Uint8Array =>
  encode([operation.heads.map(headValue), ...fieldsOf(operation)])

/** Operations that may rest on the recovery key. */
export type RecoverableOperation = Extract<Operation, Recovery>

/** What a recovery key signs: an operation's payload with an empty recovery signature, for one person. */
export const recoveryMessage = (person: PersonId, operation: RecoverableOperation): Uint8Array =>
  encode([
    'warren/1/recovery',
    idBytes(person),
    kinds[operation.kind],
    encodeOperation({ ...operation, recovery: undefined } as Operation),
  ])

/** What a device signs to join a person: the PersonId and its own key. */
export const counterMessage = (person: PersonId, record: DeviceRecord): Uint8Array =>
  encode(['warren/1/add-device', idBytes(person), deviceRecordValue(record)])

/** What an invite's key signs for the person who comes in. */
export const inviteMessage = (invite: EntryId, person: PersonId): Uint8Array =>
  encode(['warren/1/admit', idBytes(invite), idBytes(person)])

const readHead = (value: Value): Head => {
  const [scope, id] = readArray(value, 2)
  return { scope: scopeOf(readBytes(scope, 32)), id: entryIdOf(readBytes(id, 32)) }
}
const readCutOff = (value: Value): CutOff => {
  const [device, generation, last] = readArray(value, 3)
  const id = readOptionalBytes(last, 32)
  return {
    device: deviceIdOf(readBytes(device, 32)),
    generation: generationOf(readBytes(generation, 8)),
    last: id === undefined ? undefined : entryIdOf(id),
  }
}
const readCutOffs = (value: Value | undefined): CutOff[] => readEach(value, limits.vectorRows, readCutOff)
const readRole = (value: Value | undefined): Role => roles[readUint(value, roles.length - 1)] ?? 'reader'
const readPerson = (value: Value | undefined): PersonId => personIdOf(readBytes(value, 32))
const readSettings = (value: Value | undefined): Setting[] =>
  readEach(value, 64, (item) => {
    const [name, text] = readArray(item, 2)
    return [readText(name, 64), readCodePoints(text, limits.noteCodePoints)] as const
  })
const readWrapped = (value: Value): WrappedKey => {
  const [epoch, sealed] = readArray(value, 2)
  return { epoch: epochIdOf(readBytes(epoch, 32)), sealed: readBytesUpTo(sealed, 128) }
}

type Reader = (f: readonly Value[], heads: readonly Head[]) => Operation

/** One reader per kind; `f[0]` is the heads. */
const readers = new Map<number, Reader>([
  [
    kinds.createPerson,
    (f, heads) => ({
      kind: 'createPerson',
      heads,
      record: readDeviceRecord(f[1]),
      nonce: readBytes(f[2], 32),
      recoveryKey: readBytes(f[3], 32),
    }),
  ],
  [
    kinds.addDevice,
    (f, heads) => ({
      kind: 'addDevice',
      heads,
      record: readDeviceRecord(f[1]),
      counterSignature: readBytes(f[2], 64),
      recovery: readOptionalBytes(f[3], 64),
    }),
  ],
  [
    kinds.removeDevice,
    (f, heads) => ({
      kind: 'removeDevice',
      heads,
      device: deviceIdOf(readBytes(f[1], 32)),
      recovery: readOptionalBytes(f[2], 64),
    }),
  ],
  [
    kinds.rotateRecovery,
    (f, heads) => ({
      kind: 'rotateRecovery',
      heads,
      recoveryKey: readBytes(f[1], 32),
      recovery: readOptionalBytes(f[2], 64),
    }),
  ],
  [kinds.movedTo, (f, heads) => ({ kind: 'movedTo', heads, person: readPerson(f[1]) })],
  [
    kinds.createGroup,
    (f, heads) => ({
      kind: 'createGroup',
      heads,
      nonce: readBytes(f[1], 32),
      founder: readPerson(f[2]),
      policy: readSettings(f[3]),
      minVersion: readUint(f[4], 65_535),
    }),
  ],
  [kinds.add, (f, heads) => ({ kind: 'add', heads, person: readPerson(f[1]), role: readRole(f[2]) })],
  [kinds.accept, (_, heads) => ({ kind: 'accept', heads })],
  [kinds.decline, (_, heads) => ({ kind: 'decline', heads })],
  [kinds.leave, (f, heads) => ({ kind: 'leave', heads, cutOffs: readCutOffs(f[1]) })],
  [kinds.remove, (f, heads) => ({ kind: 'remove', heads, person: readPerson(f[1]), cutOffs: readCutOffs(f[2]) })],
  [
    kinds.setRole,
    (f, heads) => ({
      kind: 'setRole',
      heads,
      person: readPerson(f[1]),
      role: readRole(f[2]),
      cutOffs: readCutOffs(f[3]),
    }),
  ],
  [kinds.settings, (f, heads) => ({ kind: 'settings', heads, settings: readSettings(f[1]) })],
  [
    kinds.invite,
    (f, heads) => ({
      kind: 'invite',
      heads,
      inviteKey: readBytes(f[1], 32),
      role: readRole(f[2]),
      uses: readUint(f[3]),
      expiresAt: readUint(f[4]),
    }),
  ],
  [kinds.revokeInvite, (f, heads) => ({ kind: 'revokeInvite', heads, invite: entryIdOf(readBytes(f[1], 32)) })],
  [
    kinds.admit,
    (f, heads) => ({
      kind: 'admit',
      heads,
      person: readPerson(f[1]),
      invite: entryIdOf(readBytes(f[2], 32)),
      proof: readBytes(f[3], 64),
    }),
  ],
  [kinds.cutOff, (f, heads) => ({ kind: 'cutOff', heads, cutOffs: readCutOffs(f[1]) })],
  [
    kinds.epoch,
    (f, heads) => ({
      kind: 'epoch',
      heads,
      epoch: epochIdOf(readBytes(f[1], 32)),
      parents: readEach(f[2], limits.epochParents, (each) => epochIdOf(readBytes(each, 32))),
      commitment: readBytes(f[3], 32),
      parentKeys: readEach(f[4], limits.epochParents, readWrapped),
    }),
  ],
  [kinds.close, (_, heads) => ({ kind: 'close', heads })],
])

/** Reads an operation's payload; undefined for a kind of a newer Warren. Throws BAD_SHAPE, TOO_LARGE. */
export function readOperation(kind: number, payload: Uint8Array): Operation | undefined {
  const read = readers.get(kind)
  if (read === undefined) return undefined
  const fields = readPlain(payload)
  return read(fields, readEach(fields[0], limits.operationHeads, readHead))
}
