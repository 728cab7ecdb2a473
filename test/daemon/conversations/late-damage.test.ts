/** What was damaged above the row of a feed, and what a start makes of it: numbers that others may know are not used again. */

import t, { type Test } from 'tap'
import type { MemoryRow } from '../../../daemon/store/memory-disk.ts'
import { encodeKey, keyText } from '../../../daemon/store/keys.ts'
import { openMemoryStore } from '../../../daemon/store/memory-store.ts'
import { tables } from '../../../daemon/store/store.ts'
import { entryRows, feedNumber, harm, knownTo, names, ownFeeds, talked } from '../../support/late-rows.ts'
import type { Device, Pair } from '../../support/device.ts'

interface Ended extends Pair {
  /** What both showed. */
  readonly expected: readonly string[]
  /** Harms entries of the feed on the disk of alice. */
  readonly harm: (how: 'lose' | 'damage' | 'hide', seqs: readonly number[]) => void
  /** Puts them back as they were. */
  readonly heal: () => void
}

interface Options {
  readonly author?: 'alice' | 'bob'
  /** Her own rows know of all of it. */
  readonly isSettled?: boolean
  /** Told of what alice logs from her next start on. */
  readonly log?: (text: string, heal: () => void) => void
}

/** Seven messages lie with both, of which a row of alice knows the first; then she ends without a word and is alone. */
async function ended(t: Test, { author = 'alice', isSettled = false, log }: Options = {}): Promise<Ended> {
  let whole: MemoryRow[] = []
  const heal = (): void => pair.alice.disk.apply(whole.map((row) => ({ bytes: row.bytes, row })))
  const pair = await talked(t, { log: (_level, text) => whole.length > 0 && log?.(text, heal) })
  const { alice, chat, place, settle } = pair
  for (const text of names(6)) await pair[author].say(chat, text)
  await settle(isSettled ? 2000 : 20)
  const expected = await pair.bob.texts(chat)
  t.strictSame(await alice.texts(chat), expected)
  t.strictSame(await knownTo(alice, pair[author], pair), [isSettled ? 7 : 1])
  const at = [alice.store.numberOf(chat), await feedNumber(alice, pair[author], pair)] as const
  place.part(alice, pair.bob)
  alice.crash()
  await settle()
  whole = entryRows(alice, ...at, [1, 2, 3, 4, 5, 6, 7])
  t.equal(whole.length, 7)
  return { ...pair, expected, heal, harm: (how, seqs) => t.equal(harm(alice, how, ...at, seqs), seqs.length) }
}

/** What alice says now reaches bob, and both show all. */
async function agree(t: Test, { alice, bob, chat, place, settle, expected }: Ended): Promise<void> {
  await alice.say(chat, 'alone')
  await alice.say(chat, 'alone too')
  place.heal(alice, bob)
  place.greetAll()
  await settle(200_000)
  t.strictSame((await bob.texts(chat)).toSorted(), [...expected, 'alone', 'alone too'].toSorted())
  t.strictSame(await alice.texts(chat), await bob.texts(chat))
  t.notOk(
    [...alice.complaints, ...bob.complaints].some((text) => /fork|came back/.test(text)),
    'and nothing was forked',
  )
}

/** Opened and closed in order by a doctor who finds a damaged row, and so does not open the rooms. */
async function lookedAt({ disk }: Device): Promise<void> {
  const store = await openMemoryStore(disk, { looks: true })
  await store.close()
}

const starts = async ({ alice, settle }: Ended, each: () => void): Promise<void> => {
  for (let start = 0; start < 5; start += 1) {
    await alice.start()
    await settle(2000)
    each()
    alice.crash()
    await settle()
  }
}

t.test('own entries that cannot be read are missed, whoever closed the home in order meanwhile', async (t) => {
  for (const seqs of [[7], [6, 7], [2, 3, 4, 5, 6, 7]]) {
    const home = await ended(t)
    home.harm('damage', seqs)
    await lookedAt(home.alice)
    t.equal(home.alice.disk.closedCleanly, false)
    await (await openMemoryStore(home.alice.disk)).close()
    await home.alice.start()
    t.ok(home.alice.store.closedCleanly)
    t.equal(ownFeeds(home.alice, home).length, 2, 'a new generation')
    await agree(t, home)
  }
})

t.test('own entries that lie in a block that cannot be read', async (t) => {
  for (const seqs of [[7], [4, 5, 6, 7], [3]]) {
    const home = await ended(t)
    home.harm('hide', seqs)
    await lookedAt(home.alice)
    await home.alice.start()
    t.equal(ownFeeds(home.alice, home).length, 2, 'a new generation')
    await home.alice.say(home.chat, 'meanwhile')
    home.alice.disk.unreadable.clear()
    await agree(t, { ...home, expected: [...home.expected, 'meanwhile'] })
  }
})

t.test('a place that cannot be read, and may hide own entries, begins one generation', async (t) => {
  const home = await ended(t)
  const { alice, chat, settle } = home
  home.harm('hide', [7])
  const number = alice.store.numberOf(chat) ?? 0
  await alice.start()
  t.equal(ownFeeds(alice, home).length, 2)
  // The block reaches behind the end of every feed.
  for (const { at } of await alice.store.range(tables.feed, { prefix: [number], under: number }))
    alice.disk.unreadable.add(keyText(encodeKey(tables.entry, [number, at[1] ?? 0, 2 ** 30])))
  const said: string[] = []
  for (let start = 0; start < 3; start += 1) {
    await alice.stop()
    await settle()
    await alice.start()
    t.ok(alice.store.closedCleanly)
    t.equal(ownFeeds(alice, home).length, 2, 'what was written before lies in plain sight')
    await alice.say(chat, `start ${start}`)
    said.push(`start ${start}`)
    await settle(2000)
  }
  alice.crash()
  await settle()
  await alice.start()
  t.equal(ownFeeds(alice, home).length, 3, 'nobody knows what was said last')
  alice.disk.unreadable.clear()
  await agree(t, { ...home, expected: [...home.expected, ...said] })
})

t.test('an own entry that stays damaged is lost once, however often the home is opened after a crash', async (t) => {
  for (const isSettled of [true, false]) {
    const home = await ended(t, { isSettled })
    home.harm('damage', [7])
    await starts(home, () => t.equal(ownFeeds(home.alice, home).length, 2))
    t.equal(home.alice.complaints.filter((text) => text === 'entries are gone from the store').length, 1)
    await home.alice.start()
    await agree(t, home)
  }
})

t.test('all entries above the row stay damaged', async (t) => {
  const home = await ended(t)
  home.harm('damage', [1, 2, 3, 4, 5, 6, 7])
  await starts(home, () => t.strictSame(home.alice.complaints, ['entries are gone from the store'], 'only once'))
  await home.alice.start()
  await agree(t, home)
})

t.test('what could not be read for a moment is lost, and comes back by itself', async (t) => {
  const taken = 'messages were there that no row had counted yet'
  for (const when of ['between two looks', 'later']) {
    const log = (text: string, heal: () => void): void => void (when !== 'later' && text === taken && heal())
    const home = await ended(t, { log })
    home.harm('damage', [6, 7])
    await home.alice.start()
    t.equal(ownFeeds(home.alice, home).length, 2, 'others may know more')
    t.strictSame(ownFeeds(home.alice, home)[0]?.ranges, [[1, 5]])
    home.heal()
    await home.settle(2000)
    home.alice.crash()
    await home.settle()
    await starts(home, () => t.equal(ownFeeds(home.alice, home).length, 2))
    await home.alice.start()
    t.strictSame(await home.alice.texts(home.chat), home.expected)
    await agree(t, home)
  }
})

t.test('foreign entries that cannot be read are wanted again', async (t) => {
  for (const seqs of [[7], [3, 7], [6, 7]]) {
    const home = await ended(t, { author: 'bob' })
    home.harm('damage', seqs)
    await lookedAt(home.alice)
    await starts(home, () => t.strictSame(home.alice.complaints, ['entries are gone from the store']))
    await home.alice.start()
    await agree(t, home)
    t.equal(ownFeeds(home.alice, home).length, 1, 'no new generation for what others said')
  }
})
