/** Work per message and per operation of a group does not grow with its history: counted, not timed. */

import t from 'tap'
import { limits } from '../../../protocol/limits.ts'
import type { Store } from '../../../daemon/store/store.ts'
import { handGroup } from '../../support/group-hand.ts'

t.setTimeout(240_000)

interface Size {
  readonly messages: number
  readonly operations: number
}

/** What each kind of work costs Alice behind so much history. */
async function costs(
  t: Parameters<typeof handGroup>[0],
  { messages, operations }: Size,
): Promise<Record<string, Store['counts']>> {
  const world = await handGroup(t)
  const { alice, bob, group, bobs, settle } = world
  const { peers, groups, owner } = alice.rooms.conversations
  await groups.settings(group, [['change', 'member']])
  for (let each = 0; each < operations; each += 1)
    await bobs.say({ kind: 'settings', settings: [['description', `${each}`]], cutOffs: [] })
  for (let at = 0; at < messages; at += limits.runEntries)
    await bobs.post(bobs.messages.writeMany(Math.min(limits.runEntries, messages - at)))
  await alice.say(group, 'a key is there')
  await settle()
  const found: Record<string, Store['counts']> = {}
  const count = async (what: string, act: () => unknown): Promise<void> => {
    const before = { ...alice.store.counts }
    await act()
    await settle()
    const { batches, reads, writes } = alice.store.counts
    found[what] = { batches: batches - before.batches, reads: reads - before.reads, writes: writes - before.writes }
  }
  const page = { before: undefined, after: undefined, limit: 20 }
  await count('arrival', async () => await bobs.post([bobs.messages.write('one more')]))
  await count('post', async () => await alice.say(group, 'posted'))
  await count(
    'operation',
    async () => await bobs.say({ kind: 'settings', settings: [['description', 'x']], cutOffs: [] }),
  )
  await count('own operation', async () => await groups.settings(group, [['description', 'y']]))
  await count('newest page', async () => await owner.page(group, page))
  await count('have', () => peers.peerHolds(group, bob.id, peers.vector(group)))
  await count('vector, digest', () => [peers.vector(group), peers.digest(group)])
  return found
}

t.test('a message and an operation cost the same behind little and behind much', async (t) => {
  const few = await costs(t, { messages: 100, operations: 10 })
  const many = await costs(t, { messages: 20_000, operations: 300 })
  t.comment(JSON.stringify(many))
  t.strictSame(many, few)
  t.strictSame(many['arrival'], { batches: 3, reads: 0, writes: 6 }, 'and the register that tells Bob, who has no link')
})
