/** A part of a person's log that shows what the whole of it says, where there is no room for the whole. */

import type { DeviceId, EntryId, PersonId } from './ids.ts'
import { operationsOf, type LoggedOperation } from './logged-operation.ts'
import { PersonRules } from './person-rules.ts'
import { entrySize, type Run } from './run.ts'

export interface Bounds {
  readonly operations: number
  readonly bytes: number
}

export interface Fitting extends Bounds {
  /** What an operation takes of these. */
  readonly sizeOf: (id: EntryId) => number
}

/**
 * The ids of as many operations as fit, each behind all that it has seen: first what shows that these devices belong, one after the
 * other, then what came of the recovery key and where devices went on, removals, and what else counts, of each the newest.
 */
export function supportOf(
  person: PersonId,
  log: readonly LoggedOperation[],
  devices: Iterable<DeviceId>,
  { operations: most, bytes: mostBytes, sizeOf }: Fitting,
): EntryId[] {
  const rules = new PersonRules(person, log)
  const { operations } = rules.order
  const chosen = new Set<number>()
  let bytes = 0
  /** All or none, so that nothing is shown without what it rests on. */
  const choose = (numbers: Iterable<number>): void => {
    const news = [...new Set(numbers)].filter((number) => !chosen.has(number))
    const size = news.reduce((sum, number) => sum + sizeOf((operations[number] as LoggedOperation).id), 0)
    if (chosen.size + news.length > most || bytes + size > mostBytes) return
    bytes += size
    for (const number of news) chosen.add(number)
  }
  for (const device of devices) choose(restsOf(rules, device))
  const { chain, counting } = rules.recoveryKeys()
  choose(chain)
  const rank = (number: number): number => {
    if (!rules.counts(number)) return 3
    if (counting.has(number) || operations[number]?.operation?.kind === 'movedTo') return 0
    return operations[number]?.operation?.kind === 'removeDevice' ? 1 : 2
  }
  for (const at of operations.map((_, number) => number).toSorted((a, b) => rank(a) - rank(b) || b - a)) choose([at])
  return operations.flatMap(({ id }, number) => (chosen.has(number) ? [id] : []))
}

/** What shows that a device belongs: how the recovery key came to be, and who added whom. */
function restsOf(rules: PersonRules, device: DeviceId): number[] {
  const { chain, counting } = rules.recoveryKeys()
  const found = new Set<number>()
  const seen = new Set<DeviceId>()
  const show = (later: number, earlier: number): void => {
    for (const number of wayTo(rules, later, earlier)) found.add(number)
  }
  for (let open: DeviceId | undefined = device; open !== undefined && !seen.has(open);) {
    seen.add(open)
    const additions = rules.additionsOf(open)
    const addition: number | undefined = additions.find((each) => counting.has(each)) ?? additions[0]
    open = undefined
    if (addition === undefined) break
    found.add(addition)
    const last = chain.findLastIndex((each) => each === addition || rules.order.hasSeen(addition, each))
    const root = chain[last]
    if (root !== undefined) show(addition, root)
    for (let at = last; at > 0; at -= 1) show(chain[at] as number, chain[at - 1] as number)
    if (counting.has(addition) || addition === chain[0]) break
    const author = rules.order.operations[addition]?.header.device
    const before =
      author === undefined ? undefined : rules.additionsOf(author).find((each) => rules.order.hasSeen(addition, each))
    if (before !== undefined) show(addition, before)
    open = author
  }
  return [...found]
}

/** The fewest operations by which one has seen another, both among them. */
function wayTo({ order }: PersonRules, later: number, earlier: number): number[] {
  const from = new Map<number, number>()
  const open = [later]
  for (let number = open.shift(); number !== undefined && number !== earlier; number = open.shift()) {
    for (const cause of order.causes(number)) {
      if (from.has(cause) || (cause !== earlier && !order.hasSeen(cause, earlier))) continue
      from.set(cause, number)
      open.push(cause)
    }
  }
  const way = [earlier]
  for (let at = earlier; at !== later;) {
    const next = from.get(at)
    if (next === undefined) return [later, earlier]
    at = next
    way.push(at)
  }
  return way
}

/** As much of a log as there is room for: all of it, or what shows that these devices belong and what counts most besides. See supportOf(). */
export function partOf(person: PersonId, log: readonly Run[], devices: Iterable<DeviceId>, bounds: Bounds): Run[] {
  const sizes = new Map(
    log.flatMap(({ entries }) => entries.map(({ sealed, slot }) => [sealed.id, entrySize(sealed, slot)] as const)),
  )
  const sizeOf = (id: EntryId): number => sizes.get(id) ?? 0
  const bytes = [...sizes.values()].reduce((sum, each) => sum + each, 0)
  if (log.length <= bounds.operations && bytes <= bounds.bytes) return [...log]
  const chosen = new Set(supportOf(person, operationsOf(log), devices, { ...bounds, sizeOf }))
  return log.filter(({ entries }) => entries.every(({ sealed }) => chosen.has(sealed.id)))
}
