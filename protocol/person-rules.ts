/**
 * The rules of a person's log: which operations count, and which devices follow. A pure function of the set of
 * operations, whatever their order.
 *
 * An operation counts if its device belonged to the person in what the operation had seen, or if the recovery key signed
 * it, and if it is not void. A removal voids what its victim did without having seen it and without its having seen that;
 * only the recovery key's removals void removals, so that among devices mutual removals both hold. What rests on a void
 * addition is void too.
 */

import { CausalOrder } from './causality.ts'
import type { DeviceRecord } from './device-record.ts'
import { isSignedBy } from './device-key.ts'
import { deviceBytes, type DeviceId, type EntryId, type PersonId } from './ids.ts'
import type { Head } from './operation-parts.ts'
import { movedMessage } from './operation-proofs.ts'
import type { Operation } from './operation.ts'
import { PersonEras } from './person-eras.ts'
import { headsBehind, newestHeads } from './person-heads.ts'
import { isProven, joinedItself } from './person-proofs.ts'
import { isClaim, recoveriesOf, type Recoveries } from './recovery-rules.ts'
import type { LoggedOperation } from './logged-operation.ts'

/**
 * Where a person went on: as whom, the key there of the device that moved, and which device said so. Whether the key belongs there
 * says that person's log; the device still belongs to the one that was left.
 */
export interface Move {
  readonly by: DeviceId
  readonly person: PersonId
  readonly device: DeviceId
}

interface Addition {
  readonly number: number
  readonly record: DeviceRecord
}
interface Removal {
  readonly number: number
  readonly author: DeviceId
  readonly byRecovery: boolean
}

// Removals whose rights hang on each other in a circle settle or, after this many rounds, all hold.
const mostRounds = 16

const push = <Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void => {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

export class PersonRules {
  /** Each operation behind all that it has seen. */
  readonly order: CausalOrder<LoggedOperation>
  readonly eras: PersonEras
  readonly #person: PersonId
  /** By the recovery key, whatever else is true. */
  readonly #byRecovery: ReadonlySet<number>
  readonly #recoveries: Recoveries
  readonly #additions = new Map<DeviceId, Addition[]>()
  readonly #removals = new Map<DeviceId, Removal[]>()
  #valid: ReadonlySet<number> = new Set()
  #counting: ReadonlySet<number> = new Set()

  constructor(person: PersonId, operations: readonly LoggedOperation[]) {
    this.#person = person
    this.order = new CausalOrder(operations)
    this.#recoveries = recoveriesOf(person, this.order, this.#beginning())
    this.#byRecovery = this.#recoveries.counting
    this.eras = new PersonEras(this.order, this.#recoveries)
    this.#collect()
    this.#settle()
  }

  /** Devices that belong to the person. */
  devices(): Map<DeviceId, DeviceRecord> {
    const devices = new Map<DeviceId, DeviceRecord>()
    for (const [device, additions] of this.#additions) {
      const standing = additions.filter((each) => this.#counting.has(each.number) && !this.#isGone(device, each))
      // Of additions that do not know of each other, the one with the lower id speaks for the device.
      const [first] = standing.toSorted((a, b) => (this.#idOf(a.number) < this.#idOf(b.number) ? -1 : 1))
      if (first !== undefined) devices.set(device, first.record)
    }
    return devices
  }

  /** Devices that agreed to belong, that a counting removal names, and that did not come back. Whoever never did is somebody else's. */
  removed(): Set<DeviceId> {
    const devices = this.devices()
    const named = [...this.#removals].filter(
      ([device, each]) => this.#additions.has(device) && each.some(({ number }) => this.#counting.has(number)),
    )
    return new Set(named.flatMap(([device]) => (devices.has(device) ? [] : [device])))
  }

  /** Of a device that was removed since, nothing is believed of where the person went on. */
  moves(): Move[] {
    const moves = this.order.operations.flatMap(({ id, header: { device: by }, operation }, number) =>
      operation?.kind === 'movedTo' && this.#isStillMade(number, by) && this.#isMeant(operation)
        ? [{ id, move: { by, person: operation.person, device: operation.device } }]
        : [],
    )
    const ordered = moves.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(({ move }) => move)
    // What a device said first by the id: it goes on as one person.
    return ordered.filter(({ by }, at) => ordered.findIndex((each) => each.by === by) === at)
  }

  /** Whether an operation counts, and no removal ended since what gave its author the right to it. */
  #isStillMade(number: number, author: DeviceId): boolean {
    const additions = (this.#additions.get(author) ?? []).filter((each) => this.order.hasSeen(number, each.number))
    const stands = additions.some((each) => this.#counting.has(each.number) && !this.#isGone(author, each))
    return stands && this.#counting.has(number)
  }

  /** Whether the key that is named there says so itself. */
  #isMeant({ person, device, signature }: Extract<Operation, { kind: 'movedTo' }>): boolean {
    return isSignedBy(deviceBytes(device), movedMessage(this.#person, person), signature)
  }

  /** Operations that count by the recovery key, and not by a device of the person. */
  recoveries(): EntryId[] {
    const { operations } = this.order
    return [...this.#byRecovery]
      .filter((number) => this.#counting.has(number))
      .flatMap((at) => operations[at]?.id ?? [])
  }

  /** Operations that count and may have taken devices away, or voided what added them. */
  endings(): EntryId[] {
    return this.order.operations.flatMap(({ id, operation }, number) =>
      this.#counting.has(number) && (operation?.kind === 'removeDevice' || operation?.kind === 'rotateRecovery')
        ? [id]
        : [],
    )
  }

  /** Public halves of the recovery key that counts now, and of all that the log names rightly; and what brought them. */
  recoveryKeys(): Recoveries {
    return this.#recoveries
  }

  /** Whether an operation counts. */
  counts(number: number): boolean {
    return this.#counting.has(number)
  }

  /** Whether a device belongs, or ever did. */
  hasBelonged(device: DeviceId): boolean {
    return this.#additions.get(device)?.some((each) => this.#counting.has(each.number)) ?? false
  }

  /** Counting additions of a device. */
  additionsOf(device: DeviceId): number[] {
    return (this.#additions.get(device) ?? []).map(({ number }) => number).filter((each) => this.#counting.has(each))
  }

  /** See newestHeads(). */
  heads(): Head[] {
    return newestHeads(this.#person, this.order, this.#counting)
  }

  /** What the next operation names, written by this device or with the recovery key. See headsBehind(). */
  headsFor(device: DeviceId | undefined): Head[] {
    const addition = device === undefined ? undefined : this.additionsOf(device).at(-1)
    return headsBehind(this.#person, this.order, this.#counting, [this.#recoveries.chain.at(-1), addition])
  }

  #idOf(number: number): string {
    return this.order.operations[number]?.id ?? ''
  }

  #isCreate(logged: LoggedOperation): boolean {
    const { id, header, operation } = logged
    return (
      operation?.kind === 'createPerson' &&
      (id as string) === (this.#person as string) &&
      operation.record.device === header.device &&
      isProven(logged, operation)
    )
  }

  /** The beginning, by its number. */
  #beginning(): { number: number; recoveryKey: Uint8Array } | undefined {
    const number = this.order.operations.findIndex((each) => this.#isCreate(each))
    const operation = this.order.operations[number]?.operation
    return operation?.kind === 'createPerson' ? { number, recoveryKey: operation.recoveryKey } : undefined
  }

  #collect(): void {
    for (const [number, each] of this.order.operations.entries()) {
      const { operation, header } = each
      if (operation?.kind === 'createPerson' && this.#isCreate(each)) {
        push(this.#additions, operation.record.device, { number, record: operation.record })
      }
      if (operation?.kind === 'addDevice') {
        const { device } = operation.record
        if (joinedItself(this.#person, each, operation)) {
          push(this.#additions, device, { number, record: operation.record })
        }
      }
      if (operation?.kind === 'removeDevice') {
        const byRecovery = this.#byRecovery.has(number)
        push(this.#removals, operation.device, { number, author: header.device, byRecovery })
      }
    }
  }

  /**
   * Which removals hold depends on which additions count, and the other way round: the more hold, the fewer have the
   * right to. From "none" and "all" the two bounds are narrowed until they meet or stay; the upper one holds.
   */
  #settle(): void {
    let upper = this.#removalsIn(this.#countingUnder(new Set()))
    for (let round = 0; round < mostRounds; round += 1) {
      const lower = this.#removalsIn(this.#countingUnder(upper))
      const next = this.#removalsIn(this.#countingUnder(lower))
      const same = next.size === upper.size && [...next].every((number) => upper.has(number))
      upper = next
      if (same) break
    }
    this.#counting = this.#countingUnder(upper)
    this.#valid = upper
  }

  #removalsIn(counting: ReadonlySet<number>): Set<number> {
    return new Set([...counting].filter((number) => this.order.operations[number]?.operation?.kind === 'removeDevice'))
  }

  /** The operations that count if the removals of `valid` hold. */
  #countingUnder(valid: ReadonlySet<number>): Set<number> {
    this.#valid = valid
    const counting = new Set<number>()
    for (const [number, each] of this.order.operations.entries()) {
      if (this.#isCreate(each) || this.#byRecovery.has(number) || this.#mayByDevice(number, each, counting)) {
        if (each.operation?.kind !== 'addDevice' || this.#isAddition(number, each.operation.record.device)) {
          counting.add(number)
        }
      }
    }
    return counting
  }

  #isAddition(number: number, device: DeviceId): boolean {
    return this.#additions.get(device)?.some((each) => each.number === number) ?? false
  }

  #mayByDevice(number: number, logged: LoggedOperation, counting: ReadonlySet<number>): boolean {
    const { header, operation } = logged
    if (operation === undefined || isClaim(logged)) return false
    if (operation.kind === 'createPerson' || operation.kind === 'rotateRecovery') return false
    const { device } = header
    const isRemoval = operation.kind === 'removeDevice'
    const belongs = (this.#additions.get(device) ?? []).some(
      (each) =>
        this.order.hasSeen(number, each.number) &&
        counting.has(each.number) &&
        !this.#isGone(device, each, (removal) => this.order.hasSeen(number, removal)),
    )
    // Whoever fills a log keeps nobody from being removed.
    return belongs && (isRemoval || !this.eras.isFull(number, device)) && !this.#isVoid(number, device, isRemoval)
  }

  #isVoid(number: number, author: DeviceId, isRemoval: boolean): boolean {
    return this.#removalsOf(author).some(
      (each) => (each.byRecovery || !isRemoval) && this.order.areConcurrent(each.number, number),
    )
  }

  #removalsOf(device: DeviceId): Removal[] {
    return (this.#removals.get(device) ?? []).filter(({ number }) => this.#valid.has(number))
  }

  /** Whether a removal, among those that are within, ends what an addition began. */
  #isGone(device: DeviceId, addition: Addition, isWithin: (removal: number) => boolean = () => true): boolean {
    return this.#removalsOf(device).some((removal) => {
      if (!isWithin(removal.number)) return false
      if (this.order.hasSeen(addition.number, removal.number)) return false
      // One that was itself removed meanwhile reaches no addition that it had not seen: else a stolen device could remove
      // every later one, for ever.
      return this.order.hasSeen(removal.number, addition.number) || !this.#isContested(removal)
    })
  }

  #isContested({ number, author, byRecovery }: Removal): boolean {
    return !byRecovery && this.#removalsOf(author).some((each) => this.order.areConcurrent(each.number, number))
  }
}
