/** What is kept of a contact or of a request for one. */

import {
  decode,
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
} from '../../protocol/codec.ts'
import { deviceBytes, deviceIdOf, idBytes, personIdOf, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { muteValue, notMuted, readMute } from '../../protocol/mute.ts'
import { readRun, runValue, type Run } from '../../protocol/run.ts'

/**
 * `declined`: the owner said no to their request. `removed`: they were a contact until the owner ended it. `ended`: until they did.
 * All three are kept so that what was said before is told from what is asked anew.
 */
export type RecordState = 'accepted' | 'incoming' | 'outgoing' | 'blocked' | 'declined' | 'removed' | 'ended'
const states: readonly RecordState[] = ['accepted', 'incoming', 'outgoing', 'blocked', 'declined', 'removed', 'ended']

/** At this address of theirs another device answered than the one that was found there. */
export interface Mismatch {
  /** As the owner gave it: a multiaddr without PeerId. */
  readonly address: string
  /** Whom the owner found there. */
  readonly device: DeviceId
  /** Who claims to be there now. */
  readonly answering: DeviceId
  readonly at: number
  /** The owner has seen it. */
  readonly dismissed: boolean
}

/** The owner compared safety numbers with them. */
export interface Verification {
  readonly at: number
  /** What the number covered of theirs; see safetyKeys(). */
  readonly keys: Uint8Array
  /** Their devices then. */
  readonly devices: readonly DeviceId[]
}

/** Whom a contact goes on as: `open` until the owner said whether to follow. */
export interface Successor {
  readonly person: PersonId
  readonly answer: 'open' | 'declined' | 'followed'
}
const answers: readonly Successor['answer'][] = ['open', 'declined', 'followed']

export interface ContactRecord {
  readonly person: PersonId
  readonly state: RecordState
  /** `outgoing` only: they said no. */
  readonly refused: boolean
  /** The name that came with their hello; their card replaces it once it is here. */
  readonly name: string
  readonly petname: string
  readonly note: string
  /** See protocol/mute.ts. */
  readonly mutedUntil: number
  readonly verification: Verification | undefined
  /** Devices that showed themselves as theirs. */
  readonly devices: readonly DeviceId[]
  /** A contact link that could not be reached yet; empty if none. */
  readonly link: string
  readonly changedAt: number
  readonly lastSeenAt: number
  /** Their person log as the hello of their request brought it; empty once it is in the store of logs, or not needed. */
  readonly proof: Uint8Array
  /** The number of the owner's wish; see protocol/hello.ts. 0: none was made. */
  readonly number: number
  /** The highest number of a wish that was heard of them. */
  readonly theirs: number
  /** The number of their wishes up to which the owner has said no. */
  readonly answered: number
  /** When their request was last put before the owner as a new one; 0 if never, or since they were accepted. */
  readonly shownAt: number
  /** Nobody is shown it: kept only to know what was answered. */
  readonly hidden: boolean
  /** `removed` only: they know. */
  readonly told: boolean
  /** They were a contact at some time. */
  readonly former: boolean
  /** `blocked` only: what they were before. */
  readonly before: RecordState
  /** Where the owner looked for them by hand: multiaddrs without PeerId. */
  readonly addresses: readonly string[]
  readonly mismatches: readonly Mismatch[]
  /** `outgoing` and what follows from it: whom they know the owner as, from before this home joined the person that it is of now. */
  readonly knownAs: PersonId | undefined
  /** Proven by both logs. */
  readonly movedTo: Successor | undefined
}

export const noProof = new Uint8Array(0)

/** Addresses kept of one person, and mismatches. */
const mostAddresses = 4
export const mostMismatches = 4
export const mostDevices = 64

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
  mutedUntil: notMuted,
  verification: undefined,
  devices: [],
  link: '',
  changedAt,
  lastSeenAt: 0,
  proof: noProof,
  number: 0,
  theirs: 0,
  answered: 0,
  shownAt: 0,
  hidden: false,
  told: false,
  former: false,
  before: 'declined',
  addresses: [],
  mismatches: [],
  knownAs: undefined,
  movedTo: undefined,
})

/** The time of a decision: later than the one before it, which another device of the owner's may have made by a clock that is ahead. */
export const decidedAt = (record: ContactRecord | undefined, now: number): number =>
  Math.max(now, (record?.changedAt ?? 0) + 1)

/** The devices of a record with one more. */
export const withDevice = (record: ContactRecord | undefined, device: DeviceId): DeviceId[] =>
  [...new Set([...(record?.devices ?? []), device])].slice(0, mostDevices)

/** The addresses of a record with more, the newest kept. */
export const withAddresses = (record: ContactRecord | undefined, more: readonly string[]): string[] =>
  [...new Set([...(record?.addresses ?? []), ...more])].slice(-mostAddresses)

const bit = (flag: boolean): number => (flag ? 1 : 0)
const readBit = (value: Value | undefined): boolean => readUint(value, 1) === 1
const readState = (value: Value | undefined): RecordState => states[readUint(value, states.length - 1)] ?? 'blocked'

const verificationValue = ({ at, keys, devices }: Verification): Value => [
  at,
  keys,
  devices.map((each) => deviceBytes(each)),
]

function readVerification(value: Value | undefined): Verification | undefined {
  if (typeof value === 'number') return undefined
  const f = readArray(value, 3)
  return {
    at: readUint(f[0]),
    keys: readBytes(f[1], 32),
    devices: readEach(f[2], mostDevices, (each) => deviceIdOf(readBytes(each, 32))),
  }
}

export const contactRow = (r: ContactRecord): Uint8Array =>
  encode([
    idBytes(r.person),
    states.indexOf(r.state),
    bit(r.refused),
    r.name,
    r.petname,
    r.note,
    muteValue(r.mutedUntil),
    r.verification === undefined ? 0 : verificationValue(r.verification),
    r.devices.map((each) => deviceBytes(each)),
    r.link,
    r.changedAt,
    r.lastSeenAt,
    r.proof,
    [
      r.number,
      r.theirs,
      r.answered,
      r.shownAt,
      bit(r.hidden),
      bit(r.told),
      bit(r.former),
      states.indexOf(r.before),
      [...r.addresses],
    ],
    r.mismatches.map(({ address, device, answering, at, dismissed }) => [
      address,
      deviceBytes(device),
      deviceBytes(answering),
      at,
      bit(dismissed),
    ]),
    [
      r.knownAs === undefined ? noProof : idBytes(r.knownAs),
      r.movedTo === undefined ? [] : [idBytes(r.movedTo.person), answers.indexOf(r.movedTo.answer)],
    ],
  ])

type History = Pick<
  ContactRecord,
  'number' | 'theirs' | 'answered' | 'shownAt' | 'hidden' | 'told' | 'former' | 'before' | 'addresses'
>

/** Rows of the first version have no such item. */
function readHistory(value: Value | undefined, state: RecordState): Partial<History> {
  if (value === undefined) return { former: state === 'accepted', hidden: state === 'declined' }
  const f = readArray(value, 9)
  return {
    number: readUint(f[0]),
    theirs: readUint(f[1]),
    answered: readUint(f[2]),
    shownAt: readUint(f[3]),
    hidden: readBit(f[4]),
    told: readBit(f[5]),
    former: readBit(f[6]),
    before: readState(f[7]),
    addresses: readEach(f[8], mostAddresses, (each) => readText(each, limits.addressBytes)),
  }
}

function readMismatch(value: Value): Mismatch {
  const f = readArray(value, 5)
  return {
    address: readText(f[0], limits.addressBytes),
    device: deviceIdOf(readBytes(f[1], 32)),
    answering: deviceIdOf(readBytes(f[2], 32)),
    at: readUint(f[3]),
    dismissed: readBit(f[4]),
  }
}

/** Older rows have no such item. */
function readMoves(value: Value | undefined): Partial<Pick<ContactRecord, 'knownAs' | 'movedTo'>> {
  if (value === undefined) return {}
  const [known, moved] = readArray(value, 2)
  const knownAs = readOptionalBytes(known, 32)
  const [person, answer] = readArray(moved)
  return {
    ...(knownAs === undefined ? {} : { knownAs: personIdOf(knownAs) }),
    ...(person === undefined ? {} : { movedTo: readSuccessor(person, answer) }),
  }
}

const readSuccessor = (person: Value, answer: Value | undefined): Successor => ({
  person: personIdOf(readBytes(person, 32)),
  answer: answers[readUint(answer, answers.length - 1)] ?? 'open',
})

/** Of two words about whom a contact goes on as the later decision. */
export function laterSuccessor(one: Successor | undefined, other: Successor | undefined): Successor | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return answers.indexOf(one.answer) >= answers.indexOf(other.answer) ? one : other
}

export function readContactRow(row: Uint8Array): ContactRecord {
  const f = readArray(decode(row), 12)
  const state = readState(f[1])
  return {
    ...newRecord(personIdOf(readBytes(f[0], 32)), state, readUint(f[10])),
    refused: readBit(f[2]),
    name: readCodePoints(f[3], limits.nameCodePoints),
    petname: readCodePoints(f[4], limits.nameCodePoints),
    note: readCodePoints(f[5], limits.noteCodePoints),
    mutedUntil: readMute(f[6]),
    verification: readVerification(f[7]),
    devices: readEach(f[8], mostDevices, (each) => deviceIdOf(readBytes(each, 32))),
    link: readText(f[9], limits.contactLinkBytes),
    lastSeenAt: readUint(f[11]),
    proof: f[12] === undefined ? noProof : readBytesUpTo(f[12], limits.helloBytes),
    ...readHistory(f[13], state),
    // Older rows have none.
    mismatches: f[14] === undefined ? [] : readEach(f[14], mostMismatches, readMismatch),
    ...readMoves(f[15]),
  }
}
