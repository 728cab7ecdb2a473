/** The frames of `/warren/device/1`: a device joins a person, or looks for the one whose recovery phrase it was given. */

import { decode, encode, readArray, readBytes, readUint, type Value } from './codec.ts'
import { codeKinds, type CodeAsk, type CodeShare } from './device-code.ts'
import { cardValue, logValue, readCardParts, readLog } from './device-frame-parts.ts'
import { readDeviceRecord, deviceRecordValue } from './device-record.ts'
import { WarrenError } from './errors.ts'
import { findTypes, findValue, isFindFrame, readFindFrame, type FindFrame } from './find-frames.ts'
import { deviceBytes, deviceIdOf, idBytes, personIdOf, type DeviceId, type PersonId } from './ids.ts'
import { limits } from './limits.ts'
import type { Card } from './register.ts'
import type { Run } from './run.ts'

/** Why the old device goes no further. `unknown`: nobody asked for a new device there. `busy`: ask again in a moment. */
export type DeviceRefusal = 'unknown' | 'wrong-code' | 'used-up' | 'cancelled' | 'other-words' | 'busy'
const refusals: readonly DeviceRefusal[] = ['unknown', 'wrong-code', 'used-up', 'cancelled', 'other-words', 'busy']

export type DeviceFrame =
  | { readonly is: 'refuse'; readonly why: DeviceRefusal }
  | ({ readonly is: 'ask' } & CodeAsk)
  | ({ readonly is: 'share' } & CodeShare)
  /** CodeProofs.asking */
  | { readonly is: 'prove'; readonly proof: Uint8Array }
  /** CodeProofs.asked: only now it is said whose device this is. */
  | { readonly is: 'answer'; readonly proof: Uint8Array; readonly person: PersonId }
  | { readonly is: 'reveal'; readonly nonce: Uint8Array }
  /** The owner said on the new device that the words are the same; by its new key over counterMessage(). */
  | { readonly is: 'agree'; readonly counterSignature: Uint8Array }
  | { readonly is: 'welcome'; readonly person: PersonId; readonly log: readonly Run[]; readonly card: Card }
  /** The new device has written down what it is now. */
  | { readonly is: 'kept' }
  /** Asks whether the new device belongs, after they were cut off; by its new key over resumeMessage(). */
  | { readonly is: 'resume'; readonly joining: DeviceId; readonly signature: Uint8Array }
  | FindFrame

const types = {
  refuse: 0,
  ask: 1,
  share: 2,
  prove: 3,
  answer: 4,
  reveal: 5,
  agree: 6,
  welcome: 7,
  kept: 8,
  resume: 9,
} as const

function valueOf(frame: Exclude<DeviceFrame, FindFrame>): Value[] {
  switch (frame.is) {
    case 'refuse':
      return [refusals.indexOf(frame.why)]
    case 'ask':
      return [
        deviceRecordValue(frame.record),
        frame.commitment,
        codeKinds.indexOf(frame.by),
        frame.session,
        frame.share,
      ]
    case 'share':
      return [frame.share, frame.nonce]
    case 'prove':
      return [frame.proof]
    case 'answer':
      return [frame.proof, idBytes(frame.person)]
    case 'reveal':
      return [frame.nonce]
    case 'agree':
      return [frame.counterSignature]
    case 'welcome':
      return [idBytes(frame.person), logValue(frame.log), cardValue(frame.card)]
    case 'kept':
      return []
    case 'resume':
      return [deviceBytes(frame.joining), frame.signature]
  }
  return frame satisfies never
}

/** Throws TOO_LARGE for one that the peer would refuse. */
export function encodeDeviceFrame(frame: DeviceFrame): Uint8Array {
  const bytes = encode(
    isFindFrame(frame) ? [findTypes[frame.is], ...findValue(frame)] : [types[frame.is], ...valueOf(frame)],
  )
  if (bytes.length > limits.deviceFrameBytes)
    throw new WarrenError('TOO_LARGE', 'a frame of the device stream is too long')
  return bytes
}

/** Throws BAD_SHAPE: also for a type that is not known, since nothing goes on behind it; TOO_LARGE, BAD_HASH, BAD_SIGNATURE. */
export function readDeviceFrame(bytes: Uint8Array): DeviceFrame {
  const [type, ...f] = readArray(decode(bytes), 1)
  switch (readUint(type)) {
    case types.refuse:
      return { is: 'refuse', why: refusals[readUint(f[0], 255)] ?? 'cancelled' }
    case types.ask:
      return {
        is: 'ask',
        record: readDeviceRecord(f[0]),
        commitment: readBytes(f[1], 32),
        by: codeKinds[readUint(f[2], codeKinds.length - 1)] ?? 'digits',
        session: readBytes(f[3], 32),
        share: readBytes(f[4], 32),
      }
    case types.share:
      return { is: 'share', share: readBytes(f[0], 32), nonce: readBytes(f[1], 32) }
    case types.prove:
      return { is: 'prove', proof: readBytes(f[0], 32) }
    case types.answer:
      return { is: 'answer', proof: readBytes(f[0], 32), person: personIdOf(readBytes(f[1], 32)) }
    case types.reveal:
      return { is: 'reveal', nonce: readBytes(f[0], 32) }
    case types.agree:
      return { is: 'agree', counterSignature: readBytes(f[0], 64) }
    case types.welcome: {
      const person = personIdOf(readBytes(f[0], 32))
      return { is: 'welcome', person, log: readLog(f[1], person), card: readCardParts(f[2]) }
    }
    case types.kept:
      return { is: 'kept' }
    case types.resume:
      return { is: 'resume', joining: deviceIdOf(readBytes(f[0], 32)), signature: readBytes(f[1], 64) }
    default: {
      const found = readFindFrame(readUint(type), f)
      if (found !== undefined) return found
      throw new WarrenError('BAD_SHAPE', 'a frame of the device stream that is not known')
    }
  }
}
