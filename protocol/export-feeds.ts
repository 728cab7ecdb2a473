/** The feeds of an export as it is checked: whether each entry continues its feed, and whether a signature vouches for it. */

import type { SealedHeader } from './entry.ts'
import { WarrenError } from './errors.ts'
import type { FeedName } from './export-format.ts'
import type { FeedEnd } from './group-ends.ts'
import type { EntryId } from './ids.ts'
import { limits } from './limits.ts'

interface FeedState {
  /** The number of the entry that has to come. */
  next: number
  /** The one before it; undefined at the start, and behind a gap. */
  above: EntryId | undefined
  /** The one before that. */
  prev: EntryId | undefined
  /** The line of the first entry that no signature has vouched for yet. */
  openSince: number | undefined
  /** Whether another history of it was told of; `word`: without a proof, and then it ends here. */
  fork: 'proven' | 'word' | undefined
  /** Entries were told of as outside of the conversation. */
  isOutside: boolean
  /** The newest end that was met, and the newest entry that counts, as numbers; 0 if there is none. */
  end: number
  last: number
}

const noEnd = { isOutside: false, end: 0, last: 0 }

/** What is said of an entry beside its header. */
interface EntryFacts {
  readonly isSigned: boolean
  readonly isOutside: boolean
  readonly line: number
}

const broken = (message: string): WarrenError => new WarrenError('BAD_HASH', message)

export class ExportFeeds {
  readonly #feeds = new Map<string, FeedState>()
  /** Where feeds end; set before the first entry. */
  endOf: (feed: FeedName) => FeedEnd = () => 'all'

  /** A feed's name as one text. */
  static key({ device, generation }: FeedName): string {
    return `${device}/${generation}`
  }

  /**
   * `isSigned`: its own signature came along, and was checked. `isOutside`: it is said to lie beyond the end of its feed. Throws
   * BAD_HASH.
   */
  entry(feed: FeedName, { id, header }: SealedHeader, { isSigned, isOutside, line }: EntryFacts): void {
    const state = this.#state(feed)
    this.#checkSide(feed, state, id, header.seq, isOutside)
    if (header.seq !== state.next) throw broken('an entry is not the next of its feed')
    if (state.above !== undefined && header.prev !== state.above)
      throw broken('an entry does not continue the one before it')
    state.next += 1
    state.above = id
    state.prev = header.prev
    state.openSince = isSigned ? undefined : (state.openSince ?? line)
  }

  /** All up to the newest end that is here counts, and nothing behind it; all that is here where no end is. */
  #checkSide(feed: FeedName, state: FeedState, id: EntryId, seq: number, isOutside: boolean): void {
    const end = this.endOf(feed)
    const isEnd = typeof end === 'object' && end.includes(id)
    if (isEnd) state.end = seq
    const mayBeOutside = end === 'none' || (typeof end === 'object' && state.end > 0)
    if (isOutside ? isEnd || !mayBeOutside : end === 'none' || state.isOutside)
      throw broken('an entry is said to be on the other side of its feed’s end')
    state.isOutside = isOutside
    state.last = isOutside ? state.last : seq
  }

  /** What stands above the entry before this line vouches for it. Throws BAD_HASH. */
  above(feed: FeedName, lowest: SealedHeader): void {
    const state = this.#state(feed)
    if (state.above === undefined || lowest.header.prev !== state.above || lowest.header.seq !== state.next)
      throw broken('a proof does not stand above the entry before it')
    state.openSince = undefined
  }

  /** Throws BAD_HASH, and BAD_SIGNATURE if nobody vouches for what stands before it. */
  gap(feed: FeedName, first: number, last: number): void {
    const state = this.#state(feed)
    if (first !== state.next || last < first) throw broken('a gap does not fit into its feed')
    checkVouched(state)
    state.next = last + 1
    state.above = undefined
    state.prev = undefined
  }

  /**
   * Another history of this feed, from which `other` is: it cannot be in one with the entry `after`. Without it nothing is proven,
   * and the feed ends at that entry. Throws BAD_HASH.
   */
  fork(feed: FeedName, after: number, other: SealedHeader | undefined): void {
    const state = this.#state(feed)
    if (after !== state.next - 1 || state.fork !== undefined) throw broken('a fork does not fit into its feed')
    if (other !== undefined && !isOther(state, other)) throw broken('a fork that both histories agree on')
    state.fork = other === undefined ? 'word' : 'proven'
  }

  /** Throws BAD_SIGNATURE if there are entries that nobody vouches for, BAD_HASH if some beyond an end were said to count. */
  end(): void {
    for (const state of this.#feeds.values()) {
      checkVouched(state)
      if (state.end > 0 && state.last > state.end)
        throw broken('entries beyond the end of their feed are said to count')
    }
  }

  #state(feed: FeedName): FeedState {
    const key = ExportFeeds.key(feed)
    let state = this.#feeds.get(key)
    if (state === undefined) {
      if (this.#feeds.size >= limits.exportFeeds) throw new WarrenError('TOO_LARGE', 'an export of too many feeds')
      state = { next: 1, above: undefined, prev: undefined, openSince: undefined, fork: undefined, ...noEnd }
      this.#feeds.set(key, state)
    }
    if (state.fork === 'word') throw broken('a feed goes on behind its fork')
    return state
  }
}

/** Whether a header of the feed contradicts the entry before `next`: it has its number, or is said to lie right above or below it. */
function isOther({ next, above, prev }: FeedState, { id, header }: SealedHeader): boolean {
  if (above === undefined) return false
  const distance = header.seq - (next - 1)
  if (distance === 0) return id !== above
  if (distance === 1) return header.prev !== above
  return distance === -1 && id !== prev
}

function checkVouched({ openSince }: FeedState): void {
  if (openSince !== undefined)
    throw new WarrenError('BAD_SIGNATURE', `no signature vouches for the entry of line ${openSince}`)
}
