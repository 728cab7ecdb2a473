/** What the right to an operation may rest on: who its author and those it concerns are, what is open to whom. */

import { subjectOf, type GroupLog, type Placed } from './group-log.ts'
import type { PersonId } from './ids.ts'

export class GroupSupport {
  readonly #log: GroupLog

  constructor(log: GroupLog) {
    this.#log = log
  }

  /** An operation with all that its author's right may rest on. */
  of(number: number): Set<number> {
    const { index } = this.#log
    const support = new Set<number>()
    const stack = [number]
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (support.has(next)) continue
      support.add(next)
      const at = next
      stack.push(...this.#groundsOf(this.#log.at(at)).filter((each) => index.hasSeen(at, each)))
    }
    return support
  }

  /** Seen or not. */
  #groundsOf(placed: Placed): number[] {
    const { about, ofKind } = this.#log
    const persons = [placed.author, subjectOf(placed), ...this.#ownersIn(placed)]
    const concerned = new Set(persons.filter((each) => each !== undefined))
    return [
      ...[...concerned].flatMap((person) => about.of(person)),
      ...this.#openingOf(placed),
      ...ofKind.of('close'),
      ...ofKind.of('transfer'),
    ]
  }

  /** The persons whose feeds a `cutOff` ends. */
  #ownersIn({ operation, number }: Placed): PersonId[] {
    const ended = operation?.kind === 'cutOff' ? operation.cutOffs : []
    return ended.flatMap(({ device }) => this.#log.people.ownersAt(device, number))
  }

  /** The settings and invites that an operation needs. */
  #openingOf({ operation }: Placed): readonly number[] {
    const { settings, revokes } = this.#log
    if (operation?.kind === 'settings') return settings.of('change')
    if (operation?.kind === 'add' || operation?.kind === 'invite') return settings.of('invite')
    if (operation?.kind !== 'admit' && operation?.kind !== 'revokeInvite') return []
    const invite = this.#log.numberOf(operation.invite)
    return [...revokes.of(operation.invite), ...(invite === undefined ? [] : [invite])]
  }
}
