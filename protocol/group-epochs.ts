/** The epochs of a group, and who may have their keys. */

import type { GroupLog } from './group-log.ts'
import type { GroupStanding } from './group-standing.ts'
import type { DeviceId, EpochId, PersonId } from './ids.ts'
import type { EpochState } from './roster.ts'

export class GroupEpochs {
  readonly #log: GroupLog
  readonly #standing: GroupStanding
  readonly #numbers = new Map<EpochId, number[]>()
  readonly states = new Map<EpochId, EpochState>()

  constructor(log: GroupLog, standing: GroupStanding) {
    this.#log = log
    this.#standing = standing
  }

  clear(): void {
    this.#numbers.clear()
    this.states.clear()
  }

  /** Takes note of a counting operation. */
  add(number: number): void {
    const { operation } = this.#log.at(number)
    if (operation?.kind !== 'epoch') return
    const { epoch } = operation
    const numbers = [...(this.#numbers.get(epoch) ?? []), number]
    this.#numbers.set(epoch, numbers)
    this.states.set(epoch, this.#stateOf(numbers, operation))
  }

  #stateOf(
    numbers: readonly number[],
    { epoch, parents, commitment }: Pick<EpochState, 'epoch' | 'parents' | 'commitment'>,
  ): EpochState {
    // Of several operations with one epoch, that with the lower id speaks for it everywhere.
    const [header] = numbers
      .map((number) => this.#log.at(number))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map((each) => each.header)
    if (header === undefined) throw new RangeError('an epoch without an operation')
    const recipientsOf = (): ReadonlySet<DeviceId> => new Set(numbers.flatMap((number) => this.#devicesAt(number)))
    let recipients: ReadonlySet<DeviceId> | undefined
    return {
      epoch,
      parents,
      commitment,
      mintedBy: header.device,
      header,
      // Found only when somebody asks: a long history has many epochs, of which few matter.
      get recipients() {
        recipients ??= recipientsOf()
        return recipients
      },
    }
  }

  #joinedAt(number: number): PersonId[] {
    const standing = this.#standing
    return standing.persons().filter((person) => standing.of(person, number).state === 'joined')
  }

  #devicesAt(number: number): DeviceId[] {
    return this.#joinedAt(number).flatMap((person) => [...this.#log.people.devicesAt(person, number)])
  }

  /** The counting operations that name an epoch. */
  numbersOf(epoch: EpochId): readonly number[] {
    return this.#numbers.get(epoch) ?? []
  }

  /** Whether a person belonged when an epoch was made, as one of the operations that name it says. */
  hadPerson(epoch: EpochId, person: PersonId): boolean {
    return this.numbersOf(epoch).some((number) => this.#standing.of(person, number).state === 'joined')
  }
}
