/** What several frames of `/warren/device/1` hold: a person's log, and a card. */

import { readArray, readCodePoints, readEach, readText, type Value } from './codec.ts'
import { WarrenError } from './errors.ts'
import type { PersonId } from './ids.ts'
import { limits } from './limits.ts'
import type { Card } from './register.ts'
import { checkRunScope, readRun, runValue, type Run } from './run.ts'

export const logValue = (log: readonly Run[]): Value => log.map((run) => runValue(run))

/** Throws BAD_SHAPE, TOO_LARGE, BAD_HASH, BAD_SIGNATURE. */
export function readLog(value: Value | undefined, person: PersonId): Run[] {
  return readEach(value, limits.personOperations, (item) => {
    const run = readRun(item)
    checkRunScope(run, person)
    return run
  })
}

export const cardValue = ({ name, status, color }: Card): Value => [name, status, color]

function readColor(value: Value | undefined): string {
  const color = readText(value, limits.colorBytes)
  if (!/^#[0-9a-f]{6}$/.test(color)) throw new WarrenError('BAD_SHAPE', 'not a colour')
  return color
}

/** Throws BAD_SHAPE, TOO_LARGE. */
export function readCardParts(value: Value | undefined): Card {
  const [name, status, color] = readArray(value, 3)
  return {
    name: readCodePoints(name, limits.nameCodePoints),
    status: readCodePoints(status, limits.statusCodePoints),
    color: readColor(color),
  }
}
