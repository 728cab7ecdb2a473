/** What forks of operations cost to keep: counted, not timed. */

import t from 'tap'
import { handGroup } from '../../support/group-hand.ts'
import type { Written } from '../../support/pen.ts'

t.test('one more fork at a place costs the same behind few and behind many, and a start knows them all', async (t) => {
  const { alice, bob, group, bobs } = await handGroup(t)
  const [first] = await bobs.say({ kind: 'cutOff', cutOffs: [] })
  const said: Written[] = []
  /** Bob says something else at the place of his first word. Resolves with the reads that it took. */
  const fork = async (): Promise<number> => {
    bobs.goOnFrom(undefined)
    const before = alice.store.counts.reads
    said.push(...(await bobs.say({ kind: 'cutOff', cutOffs: [] })))
    return alice.store.counts.reads - before
  }
  await fork()
  const few = await fork()
  for (let each = 0; each < 200; each += 1) await fork()
  t.equal(await fork(), few)
  await alice.stop()
  await alice.start()
  t.equal(await fork(), few, 'after a start too')
  const ids = [first as Written, ...said].map(({ sealed }) => sealed.id)
  const { peers } = alice.rooms.conversations
  const given = await peers.operations(group, ids, bob.id)
  t.strictSame(new Set(given.map(({ entries }) => entries[0]?.sealed.id)), new Set(ids))
})
