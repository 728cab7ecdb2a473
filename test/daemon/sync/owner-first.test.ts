/** What peers send waits while the owner waits for an answer, and never for long. */

import t from 'tap'
import { mostHeldMs, OwnerFirst, perhapsMoreMs } from '../../../daemon/sync/owner-first.ts'
import { fakeScope } from '../../support/fake-device.ts'
import { fakeSync, linkUp, shareScope } from '../../support/fake-sync.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const scope = fakeScope(1)

/** How many messages of the other have come. */
function linked(seed: number) {
  const time = new VirtualTime(seed)
  const [alice, bob] = [fakeSync(time, 1), fakeSync(time, 2)]
  shareScope(scope, alice, bob)
  linkUp(time, [alice, bob])
  const held = (): number => bob.log.count(scope)
  return { time, alice, bob, held }
}

t.test('frames wait until the owner is answered', async (t) => {
  const { time, alice, bob, held } = linked(1)
  await time.pass(100)
  const answered = bob.sync.asked()
  alice.log.post({ scope }, { count: 5 })
  alice.log.post({ scope }, { count: 5 })
  await time.pass(mostHeldMs / 2)
  const meanwhile = held()
  t.ok(meanwhile < 10, `${meanwhile} of 10 came meanwhile`)
  answered()
  answered()
  await time.pass(perhapsMoreMs / 2)
  t.equal(held(), meanwhile, 'they may ask for more')
  await time.pass(perhapsMoreMs + 5)
  t.equal(held(), 10)
})

t.test('an answer that takes long holds up nobody for longer than a moment', async (t) => {
  const { time, alice, bob, held } = linked(2)
  await time.pass(100)
  bob.sync.asked()
  alice.log.post({ scope }, { count: 5 })
  alice.log.post({ scope }, { count: 5 })
  await time.pass(mostHeldMs + 50)
  t.equal(held(), 10)
})

t.test('an owner who asks without a pause lets a frame pass now and then', async (t) => {
  const time = new VirtualTime(3)
  const first = new OwnerFirst(time)
  t.equal(first.turn(), undefined)
  let passed = 0
  const over = new AbortController()
  const peer = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await first.turn()
      passed += 1
      await new Promise<void>((resolve) => void time.after(1, resolve))
    }
  }
  let before = first.asks()
  const running = peer()
  for (let each = 0; each < 100; each += 1) {
    const next = first.asks()
    before()
    before = next
    await time.pass(mostHeldMs / 10)
  }
  t.ok(passed >= 5 && passed <= 20, `${passed} frames in ${(mostHeldMs / 10) * 100} ms`)
  over.abort()
  before()
  await time.pass(perhapsMoreMs + 10)
  await running
  t.equal(first.turn(), undefined)
})
