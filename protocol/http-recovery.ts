/** Shapes of the local API: coming back with the 24 words. */

import type { OwnDevice } from './http-devices.ts'

/** A device that the log of the person names. */
export interface LostDevice extends Pick<OwnDevice, 'deviceId' | 'fingerprint' | 'name'> {
  /** When it was added, by its clock or that of the device which added it; epoch milliseconds. */
  addedAt: number
  /** It answered just now: it is not lost. */
  here: boolean
}

/**
 * `looking`: whoever may know the person is asked. `found`: the owner says which devices are lost. `writing`: it is being written. `done`: the house
 * opens anew as a device of the person.
 */
export type RecoveryState = 'looking' | 'found' | 'writing' | 'done' | 'failed'

/**
 * Why it came to nothing. `nobody`: no device that answers knows a person of these words. `replaced`: they were, by newer ones. `several`: the
 * devices that answer name more than one person of these words. `not-here`: the
 * backup is of another person, or of a time before these words and nobody knows of a later one. `same-person`: this device belongs to that person already. `full`: no
 * more devices fit into the log.
 */
export type RecoveryProblem =
  | 'nobody'
  | 'replaced'
  | 'several'
  | 'not-here'
  | 'same-person'
  | 'unreachable'
  | 'full'
  | 'cancelled'
  | 'expired'
  | 'failed'

/** GET /devices/recovery; the newest one, until the next begins. */
export interface Recovery {
  state: RecoveryState
  /** What the person calls themselves, as far as that was told; with `found`. */
  name?: string
  personId?: string
  /** Of the person, oldest addition first; with `found`. */
  devices?: LostDevice[]
  /** Who answered, by the fingerprint of their device; absent if nobody did, and the log is that of this home. */
  from?: RecoverySource
  /** Nobody answered: whether the words were replaced since this home is from, nobody knows. */
  alone?: boolean
  problem?: RecoveryProblem
}

export interface RecoverySource {
  fingerprint: string
  /** A device of the same person: it has all the rest. */
  own: boolean
  /** What somebody else says to be called; may be empty. */
  name: string
  /** Somebody else, at the address that was typed: they can be asked to be a contact. */
  askable: boolean
}

/** POST /devices/recovery */
export interface NewRecovery {
  /** All 24, however they are spaced. */
  words: string
  /** Where somebody is that knows the person; without it those nearby are asked. A restored backup goes on without an answer, if its owner says so. */
  address?: string
}

/** POST /devices/recovery/finish */
export interface RecoveryFinish {
  /** Ids of the devices that are lost: they are removed. */
  remove: string[]
  /** Ask who answered to be a contact; only if they are askable. */
  askHelper?: boolean
  /** Go on though nobody answered who knows whether the words still count; needed then. */
  alone?: boolean
}

/** GET /devices/recovery while there is none. */
export interface NoRecovery {
  state: 'none'
}
