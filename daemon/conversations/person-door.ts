/** Logs of persons as hellos bring them, and as they are brought. */

import { CausalOrder } from '../../protocol/causality.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { operationsOf } from '../../protocol/logged-operation.ts'
import { partOf, type Bounds } from '../../protocol/person-support.ts'
import { reducePerson, type PersonState } from '../../protocol/roster.ts'
import type { Run } from '../../protocol/run.ts'
import type { Core } from './core.ts'
import type { ScopeState } from './scope-state.ts'
import type { Server } from './serve.ts'

/** Leaves room for the rest of a hello, and of a frame of `/warren/device/1`. */
const helloProof: Bounds = { operations: limits.helloOperations, bytes: 16 * 1024 }
const wholeFrame: Bounds = { operations: limits.personOperations, bytes: limits.deviceFrameBytes - 64 * 1024 }

export class PersonDoor {
  readonly #core: Pick<Core, 'scopes' | 'people' | 'self'>
  readonly #server: Server
  readonly #take: (state: ScopeState, runs: readonly Run[]) => Promise<unknown>

  constructor(
    core: Pick<Core, 'scopes' | 'people' | 'self'>,
    server: Server,
    take: (state: ScopeState, runs: readonly Run[]) => Promise<unknown>,
  ) {
    this.#core = core
    this.#server = server
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

  /** The own person's log, for a hello: one run per operation, oldest first; of a long one what shows that this device belongs, and more. */
  async proof(): Promise<readonly Run[]> {
    const { person, device } = this.#core.self
    return partOf(person, await this.#whole(person), [device], helloProof)
  }

  /** The log of a person as it is here, one run per operation, each behind all that it has seen; of a very long one what counts most. Throws NOT_A_MEMBER if there is none. */
  async log(person: PersonId): Promise<readonly Run[]> {
    return partOf(person, await this.#whole(person), this.#core.people.stateOf(person).devices.keys(), wholeFrame)
  }

  async #whole(person: PersonId): Promise<readonly Run[]> {
    const state = this.#core.scopes.get(person)
    if (state === undefined) throw new WarrenError('NOT_A_MEMBER', 'no such scope here')
    const feeds = state.vector().map(({ device, lane, generation, ranges }) => ({ device, lane, generation, ranges }))
    const { runs } = await this.#server.read(state, feeds, limits.personOperations * limits.operationBytes)
    const byId = new Map(runs.map((run) => [run.entries[0]?.sealed.id, run]))
    const { operations } = new CausalOrder(state.durableOperations)
    return operations.flatMap(({ id }) => byId.get(id) ?? [])
  }
}

function checkLogOf(person: PersonId, log: readonly Run[]): void {
  if ((log[0]?.entries[0]?.sealed.id as string | undefined) !== person)
    throw new WarrenError('IDENTITY_MISMATCH', 'not the log of this person')
}
