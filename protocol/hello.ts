/** `/warren/hello/1`: what two devices tell each other before either knows whether it may say more. */

import {
  decode,
  encode,
  readArray,
  readBytes,
  readCodePoints,
  readEach,
  readOptionalBytes,
  readText,
  readUint,
  type Value,
} from './codec.ts'
import { bootValue, readBootWord, type BootWord } from './boot.ts'
import { WarrenError } from './errors.ts'
import { helloGroupsValues, readHelloGroups, type HelloGroups } from './hello-groups.ts'
import { maxWallMs } from './hlc.ts'
import { idBytes, personIdOf, type PersonId } from './ids.ts'
import { limits } from './limits.ts'
import { checkRunScope, readRun, runValue, type Run } from './run.ts'

/** What the sender's owner wants of the receiver's: idempotent, sent in every hello. */
export type ContactWish =
  | { readonly is: 'nothing' }
  /** Asks, or says yes: both wishing makes a contact. `number` grows each time the owner does so, and is at least 1. */
  | { readonly is: 'contact'; readonly note: string; readonly number: number }
  /** Says no to wishes of the receiver up to this number, to a contact that was as well as to a request; later ones are new. */
  | { readonly is: 'declined'; readonly upTo: number }

export interface Hello extends HelloGroups {
  /** Protocol versions that the sender speaks, both ends included. */
  readonly versions: readonly [least: number, most: number]
  readonly features: readonly string[]
  /** 8 random bytes, new at every start of the daemon. */
  readonly bootId: Uint8Array
  /** Counts this device's links, so that the newest of a pair can be told. */
  readonly linkNumber: number
  readonly wallMs: number
  /** Claimed; proven by the log in `proof` or, later, by sync. */
  readonly person: PersonId
  readonly wish: ContactWish
  /** Empty unless the sender is visible nearby, wishes contact or is a contact. */
  readonly name: string
  /** The sender's person log, oldest first, one run per operation; empty unless it wishes contact, shares a group or asks to be let into one. */
  readonly proof: readonly Run[]
  /** By the sender, over its boot and its clock; see boot.ts. */
  readonly bootSignature?: Uint8Array | undefined
  /** What another boot of the receiver's device said, while the receiver's own was alive: there are two of it. */
  readonly twin?: BootWord | undefined
  /** With a wish for contact: whom the receiver knows the sender's device as, and that person's log, which says that they moved. */
  readonly moved?: Moved | undefined
}

/** A person whom a device was of before, and their log, oldest first. */
export interface Moved {
  readonly person: PersonId
  readonly log: readonly Run[]
}

const none = new Uint8Array(0)

export const protocolVersion = 1
/** Numbers of wishes are times in milliseconds, or a little later: so is their bound. */
export const maxWishNumber = maxWallMs
const wishes = { nothing: 0, contact: 1, declined: 2 } as const

/** Throws TOO_LARGE for one that the peer would refuse. */
export function encodeHello(hello: Hello): Uint8Array {
  const bytes = encode([
    hello.versions,
    hello.features,
    hello.bootId,
    hello.linkNumber,
    hello.wallMs,
    idBytes(hello.person),
    wishValue(hello.wish),
    hello.name,
    hello.proof.map(runValue),
    hello.bootSignature ?? none,
    hello.twin === undefined ? [] : [bootValue(hello.twin)],
    ...helloGroupsValues(hello),
    hello.moved === undefined ? [] : [[idBytes(hello.moved.person), hello.moved.log.map(runValue)]],
  ])
  if (bytes.length > limits.helloBytes) throw new WarrenError('TOO_LARGE', 'a hello is too long')
  return bytes
}

function wishValue(wish: ContactWish): Value {
  switch (wish.is) {
    case 'nothing':
      return [wishes.nothing, '', 0]
    case 'contact':
      return [wishes.contact, wish.note, wish.number]
    case 'declined':
      return [wishes.declined, '', wish.upTo]
  }
  return wish satisfies never
}

function readWish(value: Value | undefined): ContactWish {
  const [is, note, number] = readArray(value, 1)
  switch (readUint(is, 65_535)) {
    case wishes.contact:
      return {
        is: 'contact',
        note: readCodePoints(note, limits.noteCodePoints),
        number: readUint(number, maxWishNumber),
      }
    case wishes.declined:
      return { is: 'declined', upTo: readUint(number, maxWishNumber) }
    default:
      return { is: 'nothing' }
  }
}

function readBoots(signature: Value | undefined, twin: Value | undefined): Pick<Hello, 'bootSignature' | 'twin'> {
  const bootSignature = signature === undefined ? undefined : readOptionalBytes(signature, 64)
  const [word] = twin === undefined ? [] : readArray(twin)
  return {
    ...(bootSignature === undefined ? {} : { bootSignature }),
    ...(word === undefined ? {} : { twin: readBootWord(word) }),
  }
}

/** Throws BAD_SHAPE, TOO_LARGE, BAD_HASH, BAD_SIGNATURE; UNSUPPORTED_VERSION if no version is shared. */
export function readHello(bytes: Uint8Array): Hello {
  if (bytes.length > limits.helloBytes) throw new WarrenError('TOO_LARGE', 'a hello is too long')
  const f = readArray(decode(bytes), 9)
  const versions = readArray(f[0], 2, 2)
  const least = readUint(versions[0], 65_535)
  const most = readUint(versions[1], 65_535)
  if (least > protocolVersion || most < protocolVersion) {
    throw new WarrenError('UNSUPPORTED_VERSION', `the peer speaks versions ${least} to ${most}`)
  }
  const person = personIdOf(readBytes(f[5], 32))
  return {
    versions: [least, most],
    features: readEach(f[1], limits.helloFeatures, (each) => readText(each, 32)),
    bootId: readBytes(f[2], 8),
    linkNumber: readUint(f[3]),
    wallMs: readUint(f[4], maxWallMs),
    person,
    wish: readWish(f[6]),
    name: readCodePoints(f[7], limits.nameCodePoints),
    proof: readLog(f[8], person),
    ...readBoots(f[9], f[10]),
    ...readHelloGroups(f.slice(11, 14)),
    ...readMoved(f[14]),
  }
}

const readLog = (value: Value | undefined, person: PersonId): Run[] =>
  readEach(value, limits.helloOperations, (item) => {
    const run = readRun(item)
    checkRunScope(run, person)
    return run
  })

function readMoved(value: Value | undefined): Pick<Hello, 'moved'> {
  const [moved] = value === undefined ? [] : readArray(value)
  if (moved === undefined) return {}
  const [id, log] = readArray(moved, 2)
  const person = personIdOf(readBytes(id, 32))
  return { moved: { person, log: readLog(log, person) } }
}
