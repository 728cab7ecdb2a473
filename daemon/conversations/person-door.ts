/** Logs of persons as hellos bring them. */

import { WarrenError } from '../../protocol/errors.ts'
import type { PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { operationsOf } from '../../protocol/logged-operation.ts'
import type { Bounds } from '../../protocol/person-support.ts'
import { reducePerson, type PersonState } from '../../protocol/roster.ts'
import type { Run } from '../../protocol/run.ts'
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

/** Leaves room for the rest of a hello, and of a frame of `/warren/device/1`. */
export const helloProof: Bounds = { operations: limits.helloOperations, bytes: 16 * 1024 }
export const wholeFrame: Bounds = { operations: limits.personOperations, bytes: limits.deviceFrameBytes - 64 * 1024 }
