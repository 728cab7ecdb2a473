/** All orders in which the last operations of a history can come, with repeats, and all that one can know of them meanwhile. */

import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import { pictureOf, type GroupStory } from './group-cast.ts'

/** All orders of a list. */
function* ordersOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  if (items.length === 0) yield []
  for (const [at, item] of items.entries()) {
    for (const rest of ordersOf(items.toSpliced(at, 1))) yield [item, ...rest]
  }
}

export interface Orders {
  readonly orders: number
  /** How many sets of operations somebody can hold on the way. */
  readonly sets: number
  /** Sets that came to more than one state, in whatever order they came. */
  readonly disagreements: readonly string[]
  readonly final: string
}

/**
 * Feeds a roster, which holds all before `from`, with the others in every order, each again behind the next; and compares
 * what it says after each with what other orders of the same set say, and with a roster that gets this set at once.
 */
export function inEveryOrder(story: GroupStory, from: number): Orders {
  const before = story.operations.slice(0, from)
  const last = story.operations.slice(from)
  const states = new Map<string, string>()
  const disagreements = new Set<string>()
  let orders = 0
  const compare = (held: ReadonlySet<LoggedOperation>, state: string): void => {
    const which = last.flatMap((each, at) => (held.has(each) ? [at] : [])).join()
    let known = states.get(which)
    if (known === undefined) {
      known = JSON.stringify(pictureOf(story.roster([...held, ...before])))
      states.set(which, known)
    }
    if (known !== state) disagreements.add(which)
  }
  for (const order of ordersOf(last)) {
    orders += 1
    const roster = story.roster(before)
    const held = new Set<LoggedOperation>()
    for (const each of order) {
      roster.take([...held].slice(-1))
      roster.take([each])
      held.add(each)
      compare(held, JSON.stringify(pictureOf(roster)))
    }
  }
  const final = states.get(last.map((_, at) => at).join()) ?? ''
  return { orders, sets: states.size, disagreements: [...disagreements], final }
}
