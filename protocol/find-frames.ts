/** The frames of `/warren/device/1` by which somebody who has a recovery phrase finds their person again. docs/protocol.md, section 25. */

import { concat, label } from './bytes.ts'
import { encode, readArray, readBytes, readCodePoints, readEach, type Value } from './codec.ts'
import { sha256 } from './crypto.ts'
import { cardValue, logValue, readCardParts, readLog } from './device-frame-parts.ts'
import { deviceBytes, idBytes, personIdOf, type DeviceId, type PersonId } from './ids.ts'
import { limits } from './limits.ts'
import type { Card } from './register.ts'
import { checkRunScope, readRun, runValue, type Run } from './run.ts'

/** Somebody else whose device answers: what shows that it is theirs, as in a hello, and what they call themselves, empty for whom they do not know well. */
export interface Answerer {
  readonly person: PersonId
  readonly proof: readonly Run[]
  readonly name: string
}

export type FindFrame =
  /** By the recovery key over findMessage(). */
  | { readonly is: 'find'; readonly recoveryKey: Uint8Array; readonly signature: Uint8Array }
  | {
      readonly is: 'found'
      readonly person: PersonId
      readonly log: readonly Run[]
      /** The card that was heard last, if any was. */
      readonly card: Card | undefined
      /** Undefined if the device that answers is one of the person. */
      readonly by: Answerer | undefined
    }
  /** The person is known, and has another recovery key by now: the log shows it. */
  | { readonly is: 'replaced'; readonly person: PersonId; readonly log: readonly Run[] }
  /** The log with what the recovery key wrote into it. */
  | { readonly is: 'recovered'; readonly person: PersonId; readonly log: readonly Run[] }

export const findTypes = { find: 16, found: 17, replaced: 18, recovered: 19 } as const

export const isFindFrame = (frame: { readonly is: string }): frame is FindFrame => frame.is in findTypes

/** What stands behind the type. */
export function findValue(frame: FindFrame): Value[] {
  switch (frame.is) {
    case 'find':
      return [frame.recoveryKey, frame.signature]
    case 'found': {
      const { person, log, card, by } = frame
      return [
        idBytes(person),
        logValue(log),
        card === undefined ? [] : [cardValue(card)],
        by === undefined ? [] : [byValue(by)],
      ]
    }
    case 'replaced':
    case 'recovered':
      return [idBytes(frame.person), logValue(frame.log)]
  }
  return frame satisfies never
}

const byValue = ({ person, proof, name }: Answerer): Value => [idBytes(person), proof.map((run) => runValue(run)), name]

function readBy(value: Value): Answerer {
  const f = readArray(value, 3)
  const person = personIdOf(readBytes(f[0], 32))
  const proof = readEach(f[1], limits.helloOperations, (item) => {
    const run = readRun(item)
    checkRunScope(run, person)
    return run
  })
  return { person, proof, name: readCodePoints(f[2], limits.nameCodePoints) }
}

/** Undefined for a type that is none of these. Throws BAD_SHAPE, TOO_LARGE, BAD_HASH, BAD_SIGNATURE. */
export function readFindFrame(type: number, f: readonly Value[]): FindFrame | undefined {
  const person = (): PersonId => personIdOf(readBytes(f[0], 32))
  switch (type) {
    case findTypes.find:
      return { is: 'find', recoveryKey: readBytes(f[0], 32), signature: readBytes(f[1], 64) }
    case findTypes.found: {
      const [card] = readArray(f[2], 0)
      const [by] = readArray(f[3], 0)
      return {
        is: 'found',
        person: person(),
        log: readLog(f[1], person()),
        card: card === undefined ? undefined : readCardParts(card),
        by: by === undefined ? undefined : readBy(by),
      }
    }
    case findTypes.replaced:
      return { is: 'replaced', person: person(), log: readLog(f[1], person()) }
    case findTypes.recovered:
      return { is: 'recovered', person: person(), log: readLog(f[1], person()) }
    default:
      return undefined
  }
}

/** What a recovery key signs for whoever asks with it: for this connection alone, both ends of which it names. */
export const findMessage = (asked: DeviceId, asking: DeviceId): Uint8Array =>
  concat(label('find'), sha256(encode([deviceBytes(asked), deviceBytes(asking)])))
