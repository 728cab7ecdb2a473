/** Lines that tell what happened to a group: of its operations that count, and of its members' devices, in the order of the screen. */

import { orderKey } from '../../protocol/order.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import type { GroupRoster } from '../../protocol/group-roster.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import type { Operation, Role, Setting } from '../../protocol/operation.ts'
import type { PersonState } from '../../protocol/roster.ts'

/** What happened; the owner's view adds names. */
export type Happening =
  | { readonly is: 'created' | 'closed' | 'accepted' | 'declined' | 'left' }
  | { readonly is: 'added' | 'removed' | 'transferred' | 'admitted'; readonly whom: PersonId }
  | { readonly is: 'role'; readonly whom: PersonId; readonly role: Role }
  | { readonly is: 'named'; readonly name: string }
  | { readonly is: 'settings'; readonly changed: readonly string[] }
  | { readonly is: 'device-added' | 'device-removed'; readonly device: DeviceId }

export interface GroupNotice {
  readonly order: string
  readonly by: PersonId
  readonly happening: Happening
  /** The operation that says so. */
  readonly logged: LoggedOperation
}

export class Notices {
  readonly #byOrder = new Map<string, GroupNotice>()
  /** Ascending. */
  readonly #orders: string[] = []

  get(order: string): GroupNotice | undefined {
    return this.#byOrder.get(order)
  }

  orders(): readonly string[] {
    return this.#orders
  }

  /** The newest one of those that `fits`. */
  findLast(fits: (notice: GroupNotice) => boolean): GroupNotice | undefined {
    for (let at = this.#orders.length - 1; at >= 0; at -= 1) {
      const notice = this.#byOrder.get(this.#orders[at] ?? '')
      if (notice !== undefined && fits(notice)) return notice
    }
    return undefined
  }

  /** False if it is there. Looks at few: most come in order. */
  add(notice: GroupNotice): boolean {
    const { order } = notice
    if (this.#byOrder.has(order)) return false
    this.#byOrder.set(order, notice)
    this.#orders.splice(this.#above(order), 0, order)
    return true
  }

  clear(): void {
    this.#byOrder.clear()
    this.#orders.length = 0
  }

  /** At most `most`, nearest to the cursor first; both cursors are exclusive. */
  page({ before, after }: { before?: string | undefined; after?: string | undefined }, most: number): GroupNotice[] {
    const low = after === undefined ? 0 : this.#above(after)
    const high = before === undefined ? this.#orders.length : this.#atLeast(before)
    const isForward = after !== undefined && before === undefined
    const from = isForward ? low : Math.max(low, high - most)
    const to = isForward ? Math.min(high, low + most) : high
    const orders = this.#orders.slice(from, to)
    return (isForward ? orders : orders.toReversed()).flatMap((order) => this.#byOrder.get(order) ?? [])
  }

  /** How many stand at or below an order key. */
  #above(order: string): number {
    const at = this.#atLeast(order)
    return this.#orders[at] === order ? at + 1 : at
  }

  /** How many stand below an order key. */
  #atLeast(order: string): number {
    let [low, high] = [0, this.#orders.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#orders[middle] ?? '') < order) low = middle + 1
      else high = middle
    }
    return low
  }
}

export const orderOf = ({ header }: LoggedOperation): string => orderKey(header)

/** The line of an operation that counts; undefined where there is none. */
export function noticeOf(logged: LoggedOperation, roster: Pick<GroupRoster, 'authorOf'>): GroupNotice | undefined {
  const by = roster.authorOf(logged.id)
  const happening = happeningOf(logged)
  if (by === undefined || happening === undefined) return undefined
  return { order: orderOf(logged), by, happening, logged }
}

type Kind = Operation['kind']
type Lines = { readonly [K in Kind]?: (operation: Extract<Operation, { readonly kind: K }>) => Happening }

/** Kinds that are not here have no line: keys, ends of feeds and invites are no news to people. */
const lines: Lines = {
  createGroup: () => ({ is: 'created' }),
  add: ({ person }) => ({ is: 'added', whom: person }),
  admit: ({ person }) => ({ is: 'admitted', whom: person }),
  remove: ({ person }) => ({ is: 'removed', whom: person }),
  transfer: ({ person }) => ({ is: 'transferred', whom: person }),
  setRole: ({ person, role }) => ({ is: 'role', whom: person, role }),
  accept: () => ({ is: 'accepted' }),
  decline: () => ({ is: 'declined' }),
  leave: () => ({ is: 'left' }),
  close: () => ({ is: 'closed' }),
  settings: ({ settings }) => {
    const name = settings.findLast(([each]) => each === 'name')?.[1]
    if (name !== undefined) return { is: 'named', name }
    return { is: 'settings', changed: [...new Set(settings.map(changedBy))] }
  },
}

/** A colour and a picture are one setting, and two things to tell. */
const changedBy = ([name, value]: Setting): string => (name === 'avatar' && !value.startsWith('#') ? 'picture' : name)

function happeningOf({ operation }: LoggedOperation): Happening | undefined {
  if (operation === undefined) return undefined
  // Each line takes its own kind of operation, which the compiler cannot follow through the lookup.
  const line = lines[operation.kind] as ((operation: Operation) => Happening) | undefined
  return line?.(operation)
}

/** The line of an operation in a member's log; undefined where there is none. */
export function deviceNoticeOf(
  logged: LoggedOperation,
  { person, devices, removed }: PersonState,
): GroupNotice | undefined {
  const { operation } = logged
  const order = orderOf(logged)
  if (operation?.kind === 'addDevice') {
    const { device } = operation.record
    if (!devices.has(device) && !removed.has(device)) return undefined
    return { order, by: person, happening: { is: 'device-added', device }, logged }
  }
  if (operation?.kind !== 'removeDevice' || !removed.has(operation.device)) return undefined
  return { order, by: person, happening: { is: 'device-removed', device: operation.device }, logged }
}

/** Whether somebody joined by this, or ceased to belong. */
export const isJoining = ({ happening, by }: GroupNotice, person: PersonId): boolean =>
  happening.is === 'admitted'
    ? happening.whom === person
    : (happening.is === 'created' || happening.is === 'accepted') && by === person

export const isEnding = ({ happening, by }: GroupNotice, person: PersonId): boolean =>
  happening.is === 'removed'
    ? happening.whom === person
    : (happening.is === 'left' || happening.is === 'declined') && by === person
