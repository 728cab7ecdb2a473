/** What several roster operations are made of: heads, roles, cut-offs, settings, wrapped keys. */

import {
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

/** `[name, value]`, such as `['name', 'Gardeners']`, `['post', 'member']`, `['history', 'everything']`. */
export type Setting = readonly [name: string, value: string]

/** The key of a parent epoch, for members who were not there yet: history "everything". */
export interface WrappedKey {
  readonly epoch: EpochId
  /** 32-byte key, sealed under the new epoch's key by wrapParentKey(). */
  readonly sealed: Uint8Array
}

/** How the operations of a union are written behind the heads and read again, one codec per kind. */
export type OperationCodecs<Union extends { readonly kind: string }> = {
  readonly [Kind in Union['kind']]: {
    readonly write: (operation: Extract<Union, { readonly kind: Kind }>) => readonly Value[]
    /** Throws BAD_SHAPE, TOO_LARGE. `fields[0]` is the heads. */
    readonly read: (fields: readonly Value[]) => Omit<Extract<Union, { readonly kind: Kind }>, 'kind'>
  }
}

const none = new Uint8Array(0)

export const headsValue = (heads: readonly Head[]): Value => heads.map(({ scope, id }) => [idBytes(scope), idBytes(id)])

export const readHeads = (value: Value | undefined): Head[] =>
  readEach(value, limits.operationHeads, (item) => {
    const [scope, id] = readArray(item, 2)
    return { scope: scopeOf(readBytes(scope, 32)), id: entryIdOf(readBytes(id, 32)) }
  })

export const cutOffsValue = (cutOffs: readonly CutOff[]): Value =>
  cutOffs.map(({ device, generation, last }) => [
    deviceBytes(device),
    idBytes(generation),
    last === undefined ? none : idBytes(last),
  ])

export const readCutOffs = (value: Value | undefined): CutOff[] =>
  readEach(value, limits.operationCutOffs, (item) => {
    const [device, generation, last] = readArray(item, 3)
    const id = readOptionalBytes(last, 32)
    return {
      device: deviceIdOf(readBytes(device, 32)),
      generation: generationOf(readBytes(generation, 8)),
      last: id === undefined ? undefined : entryIdOf(id),
    }
  })

export const roleNumber = (role: Role): number => roles.indexOf(role)
export const readRole = (value: Value | undefined): Role => roles[readUint(value, roles.length - 1)] ?? 'reader'

export const readPerson = (value: Value | undefined): PersonId => personIdOf(readBytes(value, 32))

export const readSettings = (value: Value | undefined): Setting[] =>
  readEach(value, limits.operationSettings, (item) => {
    const [name, text] = readArray(item, 2)
    return [readText(name, 64), readCodePoints(text, limits.noteCodePoints)] as const
  })

export const wrappedKeysValue = (keys: readonly WrappedKey[]): Value =>
  keys.map(({ epoch, sealed }) => [idBytes(epoch), sealed])

export const readWrappedKeys = (value: Value | undefined): WrappedKey[] =>
  readEach(value, limits.epochParents, (item) => {
    const [epoch, sealed] = readArray(item, 2)
    return { epoch: epochIdOf(readBytes(epoch, 32)), sealed: readBytesUpTo(sealed, 128) }
  })
