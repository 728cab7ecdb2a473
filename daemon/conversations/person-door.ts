/** Logs of persons as hellos bring them. */

import { WarrenError } from '../../protocol/errors.ts'
import type { DeviceId, EntryId, PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { operationsOf } from '../../protocol/logged-operation.ts'
import { supportOf } from '../../protocol/person-support.ts'
import { reducePerson, type PersonState } from '../../protocol/roster.ts'
import { entrySize, type Run } from '../../protocol/run.ts'
import type { Core } from './core.ts'
import type { ScopeState } from './scope-state.ts'

export class PersonDoor {
  readonly #core: Pick<Core, 'scopes' | 'people'>
  readonly #take: (state: ScopeState, runs: readonly Run[]) => Promise<unknown>

  constructor(
    core: Pick<Core, 'scopes' | 'people'>,
    take: (state: ScopeState, runs: readonly Run[]) => Promise<unknown>,
  ) {
    this.#core = core
    this.#take = take
  }

  /** The person as a log from a hello, with what is here of it, says; nothing is stored. Throws IDENTITY_MISMATCH. */
  preview(person: PersonId, log: readonly Run[]): PersonState {
    checkLogOf(person, log)
    const brought = operationsOf(log)
    const known = this.#core.scopes.get(person)?.operations ?? []
    const ids = new Set(known.map(({ id }) => id))
    return reducePerson(person, [...known, ...brought.filter(({ id }) => !ids.has(id))])
  }

  /** Takes a person's log from a hello, before there is a contact. Throws as preview(), STORE_…. */
  async learn(person: PersonId, log: readonly Run[]): Promise<PersonState> {
    checkLogOf(person, log)
    await this.#take(await this.#core.scopes.open(person, 'person', person), log)
    return this.#core.people.stateOf(person)
  }
}

function checkLogOf(person: PersonId, log: readonly Run[]): void {
  if ((log[0]?.entries[0]?.sealed.id as string | undefined) !== person)
    throw new WarrenError('IDENTITY_MISMATCH', 'not the log of this person')
}

interface Bounds {
  readonly operations: number
  readonly bytes: number
}

/** Leaves room for the rest of a hello, and of a frame of `/warren/device/1`. */
export const helloProof: Bounds = { operations: limits.helloOperations, bytes: 16 * 1024 }
export const wholeFrame: Bounds = { operations: limits.personOperations, bytes: limits.deviceFrameBytes - 64 * 1024 }

/** As much of a log as there is room for: all of it, or what shows that these devices belong and what counts most besides. See supportOf(). */
export function fitting(person: PersonId, log: readonly Run[], devices: Iterable<DeviceId>, bounds: Bounds): Run[] {
  const sizes = new Map(
    log.flatMap(({ entries }) => entries.map(({ sealed, slot }) => [sealed.id, entrySize(sealed, slot)] as const)),
  )
  const sizeOf = (id: EntryId): number => sizes.get(id) ?? 0
  const bytes = [...sizes.values()].reduce((sum, each) => sum + each, 0)
  if (log.length <= bounds.operations && bytes <= bounds.bytes) return [...log]
  const chosen = new Set(supportOf(person, operationsOf(log), devices, { ...bounds, sizeOf }))
  return log.filter(({ entries }) => entries.every(({ sealed }) => chosen.has(sealed.id)))
}
