/** What a person says of themselves. */

import { WarrenError } from '../../protocol/errors.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import { readCard, registerKeys, replaces, type Card, type Register } from '../../protocol/register.ts'
import type { Registers } from '../registers/registers.ts'

/** The newest card among those of a person's devices; undefined if none is here, or it is damaged. */
export function newestCard(registers: Registers, person: PersonId, devices: Iterable<DeviceId>): Card | undefined {
  const cards = [...devices].flatMap((device) => registers.get(person, device, registerKeys.card) ?? [])
  const newest = cards.reduce<Register | undefined>((best, each) => (replaces(each, best) ? each : best), undefined)
  if (newest === undefined) return undefined
  try {
    return readCard(newest.value)
  } catch (error) {
    if (error instanceof WarrenError) return undefined
    throw error
  }
}
