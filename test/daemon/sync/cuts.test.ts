/** A link may break after any frame: the next one carries on, nothing is lost and nothing is doubled. */

import fc from 'fast-check'
import t from 'tap'
import { fakeDevice, fakeFeed, fakeScope, chainRuns } from '../../support/fake-device.ts'
import { fakeSync, linkUp, shareScope, type FakeSync } from '../../support/fake-sync.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const scope = fakeScope(1)
const carol = fakeDevice(3)
const shared = chainRuns(carol, fakeFeed(carol, { scope }), { count: 3000 })

function two(seed: number): { time: VirtualTime; alice: FakeSync; bob: FakeSync; told: Map<string, number> } {
  const time = new VirtualTime(seed)
  const [alice, bob] = [fakeSync(time, 1), fakeSync(time, 2)]
  shareScope(scope, alice, bob)
  alice.log.hold(shared)
  alice.log.post({ scope, lane: 0 }, { count: 3 })
  bob.log.post({ scope }, { count: 1500 })
  const told = new Map<string, number>()
  for (const { log, device } of [alice, bob]) {
    log.onAppended(({ runs }) => {
      for (const { sealed, slot } of runs.flatMap(({ entries }) => entries)) {
        const at = `${device.id}/${sealed.id}`
        if (slot.is === 'held') told.set(at, (told.get(at) ?? 0) + 1)
      }
    })
  }
  return { time, alice, bob, told }
}

const done = (alice: FakeSync, bob: FakeSync): boolean =>
  alice.log.contents(scope).join() === bob.log.contents(scope).join()

t.test('a link that breaks after the n-th frame, for every n', async (t) => {
  for (let cutAfter = 0; ; cutAfter += 1) {
    const { time, alice, bob } = two(cutAfter)
    const [link] = linkUp(time, [alice, bob], { cutAfter })
    await time.pass(5000)
    const whole = !link.closed.aborted
    if (!whole) linkUp(time, [alice, bob])
    await time.pass(5000)
    t.ok(done(alice, bob), `after ${cutAfter} frames`)
    t.same([...alice.complaints, ...bob.complaints], [])
    if (whole) break
  }
})

t.test('links that break again and again, while both write', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.array(fc.record({ cutAfter: fc.nat(30), ms: fc.nat(300), posts: fc.nat(4) }), { maxLength: 6 }),
      async (seed, links) => {
        const { time, alice, bob, told } = two(seed)
        for (const { cutAfter, ms, posts } of links) {
          const [link] = linkUp(time, [alice, bob], { cutAfter, bytesPerMs: 2000 })
          for (let post = 0; post < posts; post += 1) {
            alice.log.post({ scope }, { count: 1 })
            bob.log.post({ scope }, { count: 2 })
            await time.pass(ms / posts)
          }
          await time.pass(ms)
          link.wire.cut()
          await time.pass(20)
        }
        linkUp(time, [alice, bob])
        await time.pass(5000)
        const twice = [...told.values()].some((times) => times > 1)
        return done(alice, bob) && !twice && alice.complaints.length + bob.complaints.length === 0
      },
    ),
    { numRuns: 25, seed: 7 },
  )
  t.pass('converged every time')
})
