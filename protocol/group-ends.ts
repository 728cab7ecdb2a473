/** Which messages of a group count: all of a feed, none, or those up to some that are named by their ids. */

import type { Feed } from './entry.ts'
import type { GroupRoster } from './group-roster.ts'
import type { EntryId } from './ids.ts'

/** Which messages of a feed count: all, none, or those up to some, of which the ids are known. */
export type FeedEnd = 'all' | 'none' | readonly EntryId[]

type Name = Pick<Feed, 'device' | 'generation'>

const nameOf = ({ device, generation }: Name): string => `${device}/${generation}`

/** As the roster stands when it is made. */
export class GroupEnds {
  readonly #roster: Pick<GroupRoster, 'cutOffs' | 'standingOf'>
  readonly #byFeed = new Map<string, EntryId[]>()

  constructor(roster: Pick<GroupRoster, 'cutOffs' | 'standingOf'>) {
    this.#roster = roster
    for (const each of roster.cutOffs) {
      const ends = this.#byFeed.get(nameOf(each)) ?? []
      this.#byFeed.set(nameOf(each), ends)
      if (each.last !== undefined) ends.push(each.last)
    }
  }

  of(feed: Name): FeedEnd {
    const ends = this.#byFeed.get(nameOf(feed))
    if (ends !== undefined) return ends.length === 0 ? 'none' : ends
    return this.#roster.standingOf(feed.device, feed.generation) === 'all' ? 'all' : 'none'
  }
}
