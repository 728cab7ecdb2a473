/**
 * The fence of operations: what takes something away voids what was done against it without having seen it. Where such
 * operations void each other in a circle, that of the longest-standing owner holds, then that with the lower id.
 */

import type { GroupChances } from './group-chances.ts'
import type { DeviceId, PersonId } from './ids.ts'
import type { GroupLog, Placed } from './group-log.ts'
import type { Operation } from './operation.ts'

/** Only these give or take something; the others concern their author alone, or have no power. */
const voidable: ReadonlySet<Operation['kind']> = new Set([
  'add',
  'remove',
  'setRole',
  'settings',
  'invite',
  'revokeInvite',
  'admit',
  'cutOff',
  'close',
  'transfer',
])

export class GroupFences {
  readonly #log: GroupLog
  readonly #chances: Pick<GroupChances, 'mayCount'>
  /** Fences that could count and that something was done against, with what that is. */
  readonly #hits = new Map<number, Set<number>>()

  constructor(log: GroupLog, chances: Pick<GroupChances, 'mayCount'>) {
    this.#log = log
    this.#chances = chances
  }

  /** The fences that void something, if they count. */
  get armed(): number[] {
    return [...this.#hits.keys()]
  }

  hitsOf(fence: number): ReadonlySet<number> {
    return this.#hits.get(fence) ?? new Set()
  }

  /**
   * Takes note of an operation that was placed; true if a fence, this or another one, voids something for the first time. What
   * can never count voids nothing, whatever else is known.
   */
  place(placed: Placed): boolean {
    const { number } = placed
    const apart = (each: number): boolean => this.#log.index.areConcurrent(each, number)
    const mayCount = (each: number): boolean => this.#chances.mayCount(each)
    const own = mayCount(number) ? this.#victimsOf(placed).filter(apart) : []
    if (own.length > 0) this.#hits.set(number, new Set(own))
    let isNew = own.length > 0
    for (const fence of this.#fencesAgainst(placed).filter((each) => mayCount(each) && apart(each))) {
      const hits = this.#hits.get(fence)
      if (hits === undefined) this.#hits.set(fence, new Set([number]))
      else hits.add(number)
      isNew ||= hits === undefined
    }
    return isNew
  }

  /** The operations that a fence could void. */
  #victimsOf({ operation, number }: Placed): readonly number[] {
    const log = this.#log
    if (operation?.kind === 'remove' || operation?.kind === 'setRole') {
      return log.byPerson.of(operation.person).filter((each) => this.#isVoidable(each))
    }
    if (operation?.kind === 'transfer') return this.#rulings(operation.person)
    if (operation?.kind === 'revokeInvite') return log.admits.of(operation.invite)
    const devices = this.#goneDevices(number)
    return devices.flatMap((device) => log.byDevice.of(device).filter((each) => this.#hasPower(each)))
  }

  /** The fences that could void an operation. */
  #fencesAgainst({ operation, author, number, header }: Placed): number[] {
    if (operation === undefined) return []
    const byDevice = this.#log.ends
      .of(header.device)
      .filter((fence) => this.#hasPower(number) && this.#goneDevices(fence).includes(header.device))
    const byPerson = author !== undefined && this.#isVoidable(number) ? this.#rulings(author) : []
    const byInvite = operation.kind === 'admit' ? this.#log.revokes.of(operation.invite) : []
    const isRuling = operation.kind === 'remove' || operation.kind === 'setRole'
    const byTransfer = isRuling
      ? this.#log.ofKind.of('transfer').filter((each) => {
          const transfer = this.#log.at(each).operation
          return transfer?.kind === 'transfer' && transfer.person === operation.person
        })
      : []
    return [...byDevice, ...byPerson, ...byInvite, ...byTransfer]
  }

  /** Removals and changes of the role of a person. */
  #rulings(person: PersonId): number[] {
    return this.#log.about.of(person).filter((each) => {
      const kind = this.#log.at(each).operation?.kind
      return kind === 'remove' || kind === 'setRole'
    })
  }

  /** The devices of a `cutOff` that belonged to nobody any more: for them it is a fence, for others it only ends feeds. */
  #goneDevices(number: number): DeviceId[] {
    const { operation } = this.#log.at(number)
    if (operation?.kind !== 'cutOff') return []
    const { people } = this.#log
    return [...new Set(operation.cutOffs.map(({ device }) => device))].filter(
      (device) =>
        people.personAt(device, number) === undefined &&
        people.ownersAt(device, number).some((person) => people.isGoneAt(person, device, number)),
    )
  }

  #isVoidable(number: number): boolean {
    const { operation } = this.#log.at(number)
    return operation !== undefined && voidable.has(operation.kind)
  }

  /** Whoever holds a stolen device can join and leave with it too; an epoch harms nobody, and words of others rest on it. */
  #hasPower(number: number): boolean {
    const { operation } = this.#log.at(number)
    return operation !== undefined && operation.kind !== 'epoch' && operation.kind !== 'createGroup'
  }
}
