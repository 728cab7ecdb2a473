/** What a repair of a home leaves to its next start. */

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Bus } from '../../daemon/bus.ts'
import { Conversations } from '../../daemon/conversations/conversations.ts'
import { examineHome } from '../../daemon/examine-home.ts'
import { openIdentity } from '../../daemon/identity/identity.ts'
import { random } from '../../daemon/random.ts'
import { openStore } from '../../daemon/store/level-store.ts'
import { systemTimers } from '../../daemon/timers.ts'
import { selfId, type Generation } from '../../protocol/ids.ts'
import { shortFolder } from '../support/running-api.ts'

/** Says something in Notes to self; resolves with the generations that all own messages there belong to. */
async function sayIn(home: string, text: string): Promise<Generation[]> {
  const store = await openStore(home, {}, { randomBytes: random })
  const self = await openIdentity({ store, random, now: () => systemTimers.now() })
  const deps = { store, self, bus: new Bus(), log: () => {}, timers: systemTimers, random }
  const conversations = await Conversations.open(deps, self.log)
  const notes = selfId(self.person)
  await conversations.owner.post(notes, text, text)
  const generations = conversations.peers
    .vector(notes)
    .flatMap(({ lane, generation }) => (lane === 1 ? generation : []))
  await conversations.close()
  await store.close()
  return generations
}

t.test('where files were put together anew, new messages go to a new generation', async (t) => {
  const home = join(shortFolder(t), 'home')
  const [first] = await sayIn(home, 'one')
  t.strictSame(await sayIn(home, 'two'), [first])
  const options = { home, signal: new AbortController().signal, progress: () => {} }
  t.match(await examineHome({ ...options, repair: true }), { findings: [] })
  t.strictSame(await sayIn(home, 'three'), [first], 'a home that is well goes on')
  rmSync(join(home, 'store', 'CURRENT'))
  t.match(await examineHome({ ...options, repair: true }), { findings: [{ kind: 'database', outcome: 'mended' }] })
  const both = await sayIn(home, 'four')
  t.equal(both.length, 2, 'nobody knows what was lost of the old one')
  t.ok(both.includes(first as Generation))
  t.strictSame((await sayIn(home, 'five')).toSorted(), both.toSorted(), 'once')
})
