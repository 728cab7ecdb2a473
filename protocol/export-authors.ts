/** Whose device wrote an entry, as the logs of the persons say that came along with it. */

import { isSignedBy } from './device-key.ts'
import { WarrenError } from './errors.ts'
import { deviceBytes, type DeviceId, type PersonId } from './ids.ts'
import type { LoggedOperation } from './logged-operation.ts'
import { counterMessage } from './operation-proofs.ts'
import { reducePerson } from './roster.ts'

/** Whether the log holds the device's own word that it is this person's. */
function agreed(person: PersonId, device: DeviceId, log: readonly LoggedOperation[]): boolean {
  return log.some(({ id, operation }) => {
    if (operation?.kind === 'createPerson') return (id as string) === person && operation.record.device === device
    if (operation?.kind !== 'addDevice' || operation.record.device !== device) return false
    return isSignedBy(deviceBytes(device), counterMessage(person, device), operation.counterSignature)
  })
}

/**
 * The person of every device that belongs, or once belonged, to one of them. A removal alone makes nobody's device another's: whom
 * it names must have agreed. Throws IDENTITY_MISMATCH if two persons claim one.
 */
export function authorsOf(logs: ReadonlyMap<PersonId, readonly LoggedOperation[]>): Map<DeviceId, PersonId> {
  const { authors, disputed } = claimsOf(logs)
  if (disputed.size > 0) throw new WarrenError('IDENTITY_MISMATCH', 'two persons claim one device')
  return authors
}

/** As authorsOf(), among many who do not know each other: a device that two of them claim is nobody's. */
export function authorsAmong(logs: ReadonlyMap<PersonId, readonly LoggedOperation[]>): Map<DeviceId, PersonId> {
  const { authors, disputed } = claimsOf(logs)
  for (const device of disputed) authors.delete(device)
  return authors
}

function claimsOf(logs: ReadonlyMap<PersonId, readonly LoggedOperation[]>): {
  authors: Map<DeviceId, PersonId>
  disputed: Set<DeviceId>
} {
  const authors = new Map<DeviceId, PersonId>()
  const disputed = new Set<DeviceId>()
  for (const [person, log] of logs) {
    const { devices, removed } = reducePerson(person, log)
    const former = [...removed].filter((device) => agreed(person, device, log))
    for (const device of [...devices.keys(), ...former]) {
      if (authors.has(device)) disputed.add(device)
      else authors.set(device, person)
    }
  }
  return { authors, disputed }
}
