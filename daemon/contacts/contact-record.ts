/** What is kept of a contact or of a request for one. */

import {
  decode,
  encode,
  readArray,
  readBytes,
  readBytesUpTo,
  readCodePoints,
  readEach,
  readText,
  readUint,
} from '../../protocol/codec.ts'
import { deviceBytes, deviceIdOf, idBytes, personIdOf, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { readRun, runValue, type Run } from '../../protocol/run.ts'

/** `declined` is kept so that the same stranger cannot ask again and again; nobody is shown it. */
export type RecordState = 'accepted' | 'incoming' | 'outgoing' | 'blocked' | 'declined'
const states: readonly RecordState[] = ['accepted', 'incoming', 'outgoing', 'blocked', 'declined']

export interface ContactRecord {
  readonly person: PersonId
  readonly state: RecordState
  /** `outgoing` only: they said no. */
  readonly refused: boolean
  /** The name that came with their hello; their card replaces it once it is here. */
  readonly name: string
  readonly petname: string
  readonly note: string
  readonly muted: boolean
  readonly verified: boolean
  /** Devices that showed themselves as theirs. */
  readonly devices: readonly DeviceId[]
  /** A contact link that could not be reached yet; empty if none. */
  readonly link: string
  readonly changedAt: number
  readonly lastSeenAt: number
  /** `incoming` only: their person log as their hello brought it. Nothing else is kept of a stranger. */
  readonly proof: Uint8Array
}

export const noProof = new Uint8Array(0)

export const encodeProof = (runs: readonly Run[]): Uint8Array => encode(runs.map((run) => runValue(run)))

/** Throws BAD_SHAPE, BAD_HASH, BAD_SIGNATURE, TOO_LARGE. */
export const readProof = (proof: Uint8Array): Run[] =>
  proof.length === 0 ? [] : readEach(decode(proof), limits.helloOperations, readRun)

export const newRecord = (person: PersonId, state: RecordState, changedAt: number): ContactRecord => ({
  person,
  state,
  refused: false,
  name: '',
  petname: '',
  note: '',
  muted: false,
  verified: false,
  devices: [],
  link: '',
  changedAt,
  lastSeenAt: 0,
  proof: noProof,
})

const bit = (flag: boolean): number => (flag ? 1 : 0)

export const contactRow = (r: ContactRecord): Uint8Array =>
  encode([
    idBytes(r.person),
    states.indexOf(r.state),
    bit(r.refused),
    r.name,
    r.petname,
    r.note,
    bit(r.muted),
    bit(r.verified),
    r.devices.map((each) => deviceBytes(each)),
    r.link,
    r.changedAt,
    r.lastSeenAt,
    r.proof,
  ])

export function readContactRow(row: Uint8Array): ContactRecord {
  const f = readArray(decode(row), 12)
  return {
    person: personIdOf(readBytes(f[0], 32)),
    state: states[readUint(f[1], states.length - 1)] ?? 'blocked',
    refused: readUint(f[2], 1) === 1,
    name: readCodePoints(f[3], limits.nameCodePoints),
    petname: readCodePoints(f[4], limits.nameCodePoints),
    note: readCodePoints(f[5], limits.noteCodePoints),
    muted: readUint(f[6], 1) === 1,
    verified: readUint(f[7], 1) === 1,
    devices: readEach(f[8], 64, (each) => deviceIdOf(readBytes(each, 32))),
    link: readText(f[9], limits.contactLinkBytes),
    changedAt: readUint(f[10]),
    lastSeenAt: readUint(f[11]),
    proof: f[12] === undefined ? noProof : readBytesUpTo(f[12], limits.helloBytes),
  }
}
