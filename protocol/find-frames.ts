/** The frames of `/warren/device/1` by which somebody who has a recovery phrase finds their person again. docs/protocol.md, section 25. */

import { concat, label } from './bytes.ts'
import { encode, readArray, readBytes, type Value } from './codec.ts'
import { sha256 } from './crypto.ts'
import { cardValue, logValue, readCardParts, readLog } from './device-frame-parts.ts'
import { deviceBytes, idBytes, personIdOf, type DeviceId, type PersonId } from './ids.ts'
import type { Card } from './register.ts'
import type { Run } from './run.ts'

export type FindFrame =
  /** By the recovery key over findMessage(). */
  | { readonly is: 'find'; readonly recoveryKey: Uint8Array; readonly signature: Uint8Array }
  | {
      readonly is: 'found'
      readonly person: PersonId
      readonly log: readonly Run[]
      /** The card that was heard last, if any was. */
      readonly card: Card | undefined
      /** Whose the device is that answers. */
      readonly by: PersonId
    }
  /** The person is known, and has another recovery key by now. */
  | { readonly is: 'replaced' }
  /** The log with what the recovery key wrote into it. */
  | { readonly is: 'recovered'; readonly person: PersonId; readonly log: readonly Run[] }

export const findTypes = { find: 16, found: 17, replaced: 18, recovered: 19 } as const
export type FindType = keyof typeof findTypes

export const isFindFrame = (frame: { readonly is: string }): frame is FindFrame => frame.is in findTypes

/** What stands behind the type. */
export function findValue(frame: FindFrame): Value[] {
  switch (frame.is) {
    case 'find':
      return [frame.recoveryKey, frame.signature]
    case 'found': {
      const { person, log, card, by } = frame
      return [idBytes(person), logValue(log), card === undefined ? [] : [cardValue(card)], idBytes(by)]
    }
    case 'replaced':
      return []
    case 'recovered':
      return [idBytes(frame.person), logValue(frame.log)]
  }
  return frame satisfies never
}

/** Undefined for a type that is none of these. Throws BAD_SHAPE, TOO_LARGE, BAD_HASH, BAD_SIGNATURE. */
export function readFindFrame(type: number, f: readonly Value[]): FindFrame | undefined {
  const person = (): PersonId => personIdOf(readBytes(f[0], 32))
  switch (type) {
    case findTypes.find:
      return { is: 'find', recoveryKey: readBytes(f[0], 32), signature: readBytes(f[1], 64) }
    case findTypes.found: {
      const [card] = readArray(f[2], 0)
      const by = personIdOf(readBytes(f[3], 32))
      return {
        is: 'found',
        person: person(),
        log: readLog(f[1], person()),
        card: card === undefined ? undefined : readCardParts(card),
        by,
      }
    }
    case findTypes.replaced:
      return { is: 'replaced' }
    case findTypes.recovered:
      return { is: 'recovered', person: person(), log: readLog(f[1], person()) }
    default:
      return undefined
  }
}

/** What a recovery key signs for whoever asks with it: for this connection alone, both ends of which it names. */
export const findMessage = (asked: DeviceId, asking: DeviceId): Uint8Array =>
  concat(label('find'), sha256(encode([deviceBytes(asked), deviceBytes(asking)])))
