/** The messages that a device of a simulated group holds, feed by feed, and which of them count. */

import type { GroupRoster } from '../../protocol/group-roster.ts'
import type { DeviceId, EntryId, Generation } from '../../protocol/ids.ts'

/** A message: only its place in its feed matters here. */
export interface Post {
  readonly device: DeviceId
  readonly generation: Generation
  readonly seq: number
  readonly id: EntryId
}

type Name = Pick<Post, 'device' | 'generation'>

export const nameOf = ({ device, generation }: Name): string => `${device}/${generation}`

export class GroupPosts {
  readonly #roster: GroupRoster
  /** By feed, oldest first, without gaps. */
  readonly #feeds = new Map<string, Post[]>()

  constructor(roster: GroupRoster) {
    this.#roster = roster
  }

  of(feed: Name): readonly Post[] {
    return this.#feeds.get(nameOf(feed)) ?? []
  }

  /** The newest of each feed. */
  tops(): Post[] {
    return [...this.#feeds.values()].flatMap((feed) => feed.slice(-1))
  }

  /** The oldest of each feed. */
  bottoms(): Post[] {
    return [...this.#feeds.values()].flatMap((feed) => feed.slice(0, 1))
  }

  clear(): void {
    this.#feeds.clear()
  }

  /** Takes what hangs together and may be taken, and returns it: the rest comes again. */
  take(posts: readonly Post[]): Post[] {
    return [...Map.groupBy(posts, nameOf).values()].flatMap((some) => this.#takeRun(some))
  }

  #takeRun(posts: readonly Post[]): Post[] {
    const run = posts.toSorted((a, b) => a.seq - b.seq)
    const [lowest] = run
    if (lowest === undefined) return []
    const feed = this.#feeds.get(nameOf(lowest)) ?? []
    this.#feeds.set(nameOf(lowest), feed)
    const taken: Post[] = []
    for (const each of run.slice(0, this.#admits(run))) {
      if (each.seq !== feed.length + 1) continue
      feed.push(each)
      taken.push(each)
    }
    return taken
  }

  /** How many of a run may be taken: nothing of a feed that has ends, but what lies up to one of these in the run. */
  #admits(run: readonly Post[]): number {
    const [lowest] = run
    if (lowest === undefined) return 0
    const standing = this.#roster.standingOf(lowest.device, lowest.generation)
    if (standing === 'none') return 0
    if (standing === 'all') return run.length
    return run.findLastIndex(({ id }) => standing.upTo.includes(id)) + 1
  }

  /** Whether a message counts, as far as is known here. */
  counts(post: Post): boolean {
    return post.seq <= this.counting(post)
  }

  /** How many messages of a feed count, from its beginning; all that are here, where none is here of the ends that it has. */
  counting(feed: Name): number {
    const standing = this.#roster.standingOf(feed.device, feed.generation)
    const posts = this.of(feed)
    if (standing === 'none') return 0
    if (standing === 'all') return posts.length
    const ends = posts.filter(({ id }) => standing.upTo.includes(id))
    return ends.at(-1)?.seq ?? (standing.upTo.length === 0 ? 0 : posts.length)
  }
}
