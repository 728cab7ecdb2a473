/** What else travels on a link: registers, keys, typing; and how sessions begin and end. */

import t from 'tap'
import { byeCodes, type Frame } from '../../../protocol/frames.ts'
import { WarrenError } from '../../../protocol/errors.ts'
import { epochIdOf } from '../../../protocol/ids.ts'
import { registerKeys, signRegister, type Register } from '../../../protocol/register.ts'
import { fakeScope } from '../../support/fake-device.ts'
import { fakeSync, linkUp, shareScope, type FakeSync } from '../../support/fake-sync.ts'
import { linkPair } from '../../support/link-pair.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const scope = fakeScope(1)
const epoch = epochIdOf(new Uint8Array(32).fill(5))
const key = new Uint8Array(32).fill(6)

const cardOf = ({ device }: FakeSync, wallMs: number): Register =>
  signRegister(device.key, {
    scope,
    device: device.id,
    key: registerKeys.card,
    hlc: { wallMs, count: 0 },
    value: new Uint8Array(8).fill(wallMs % 200),
  })

function some(seed: number, count: number): { time: VirtualTime; all: FakeSync[] } {
  const time = new VirtualTime(seed)
  const all = Array.from({ length: count }, (_, index) => fakeSync(time, index + 1))
  shareScope(scope, ...all)
  return { time, all }
}

t.test('registers are sent on linking, on change, and passed on once', async (t) => {
  const { time, all } = some(1, 3)
  const [alice, bob, carol] = all as [FakeSync, FakeSync, FakeSync]
  await alice.registers.accept([cardOf(alice, 1)])
  const sent: string[] = []
  const onFrame = (frame: Frame): void => void (frame.is === 'registers' && sent.push(frame.is))
  linkUp(time, [alice, bob], { onFrame })
  linkUp(time, [bob, carol], { onFrame })
  await time.pass(100)
  t.equal(carol.registers.kept.size, 1)
  sent.length = 0
  await alice.registers.accept([cardOf(alice, 2)])
  await time.pass(100)
  t.same([...carol.registers.kept.values()], [cardOf(alice, 2)])
  t.equal(sent.length, 2)
})

t.test('registers of a scope that the peer may not see are neither sent nor taken', async (t) => {
  const { time, all } = some(2, 2)
  const [alice, bob] = all as [FakeSync, FakeSync]
  alice.log.unshare(scope, bob.device.id)
  await alice.registers.accept([cardOf(alice, 1)])
  await bob.registers.accept([cardOf(bob, 1)])
  const [link] = linkUp(time, [bob, alice])
  link.send({ is: 'registers', registers: [cardOf(bob, 1)] })
  await time.pass(100)
  t.same(
    [...alice.registers.kept.values()].map(({ device }) => device),
    [alice.device.id],
  )
  t.equal(bob.registers.kept.size, 1)
})

t.test('keys are asked for and given', async (t) => {
  const { time, all } = some(3, 2)
  const [alice, bob] = all as [FakeSync, FakeSync]
  alice.log.needKey(scope, epoch, key)
  bob.log.needKey(scope, epoch)
  linkUp(time, [alice, bob])
  await time.pass(100)
  t.same(bob.log.keyOf(scope, epoch), key)
})

t.test('a key that the peer gets later is given later', async (t) => {
  const { time, all } = some(4, 3)
  const [alice, bob, carol] = all as [FakeSync, FakeSync, FakeSync]
  for (const { log } of [alice, bob]) log.needKey(scope, epoch)
  carol.log.needKey(scope, epoch, key)
  linkUp(time, [alice, bob])
  await time.pass(100)
  linkUp(time, [bob, carol])
  await time.pass(100)
  t.same(alice.log.keyOf(scope, epoch), key)
})

t.test('keys go only to those who are entitled', async (t) => {
  const { time, all } = some(5, 2)
  const [alice, bob] = all as [FakeSync, FakeSync]
  alice.log.needKey(scope, epoch, key)
  alice.log.authors = new Set([alice.device.id])
  bob.log.needKey(scope, epoch)
  linkUp(time, [alice, bob])
  await time.pass(100)
  t.equal(bob.log.keyOf(scope, epoch), undefined)
  alice.log.authors = undefined
  alice.log.post({ scope, lane: 0 }, { count: 1 })
  await time.pass(100)
  t.same(bob.log.keyOf(scope, epoch), key)
})

t.test('typing reaches linked members at most every three seconds', async (t) => {
  const { time, all } = some(6, 2)
  const [alice, bob] = all as [FakeSync, FakeSync]
  linkUp(time, [alice, bob])
  await time.pass(100)
  for (let keys = 0; keys < 40; keys += 1) {
    alice.sync.typing(scope)
    await time.pass(100)
  }
  t.equal(bob.presence.lives.length, 2)
})

t.test('a device is present from its first link to its last', async (t) => {
  const { time, all } = some(7, 2)
  const [alice, bob] = all as [FakeSync, FakeSync]
  const [first] = linkUp(time, [alice, bob])
  const [second] = linkUp(time, [alice, bob])
  await time.pass(100)
  t.equal(alice.sync.links().length, 2)
  await first.close(byeCodes.replaced)
  await time.pass(100)
  t.ok(alice.presence.online.has(bob.device.id))
  alice.log.post({ scope }, { count: 1 })
  await time.pass(100)
  t.equal(bob.log.count(scope), 1)
  second.wire.cut()
  await time.pass(100)
  t.same([...alice.presence.online, ...bob.presence.online], [])
  t.same(alice.sync.links(), [])
})

t.test('a store that fails closes the link, and the peer keeps its entries for the next one', async (t) => {
  const { time, all } = some(8, 2)
  const [alice, bob] = all as [FakeSync, FakeSync]
  const [link] = linkUp(time, [alice, bob])
  await time.pass(100)
  bob.log.failure = new WarrenError('STORE_FULL', 'the disk is full')
  alice.log.post({ scope }, { count: 1 })
  await time.pass(100)
  t.equal(link.closedWith?.code, byeCodes.closing)
  t.notOk(alice.log.holders.get(bob.device.id)?.size)
  linkUp(time, [alice, bob])
  await time.pass(100)
  t.equal(bob.log.count(scope), 1)
})

t.test('have comes only once entries are durable', async (t) => {
  const { time, all } = some(9, 2)
  const [alice, bob] = all as [FakeSync, FakeSync]
  const durable = Promise.withResolvers<void>()
  bob.log.durable = () => durable.promise
  linkUp(time, [alice, bob])
  await time.pass(100)
  alice.log.post({ scope }, { count: 1 })
  await time.pass(1000)
  t.notOk(alice.log.holders.get(bob.device.id)?.size)
  durable.resolve()
  await time.pass(100)
  t.equal(alice.log.holders.get(bob.device.id)?.size, 1)
})

t.test('an error of unknown cause drops one frame and is reported', async (t) => {
  const { time, all } = some(10, 2)
  const [alice, bob] = all as [FakeSync, FakeSync]
  linkUp(time, [alice, bob])
  await time.pass(100)
  bob.log.failure = new TypeError('a mistake')
  alice.log.post({ scope }, { count: 1 })
  await time.pass(80_000)
  t.same(bob.complaints, ['a frame is dropped: INTERNAL'])
  t.equal(bob.log.count(scope), 1)
})

t.test('nothing more is given to a peer that may not see a scope any more', async (t) => {
  const { time, all } = some(11, 2)
  const [alice, bob] = all as [FakeSync, FakeSync]
  alice.log.post({ scope }, { count: 20_000 })
  linkUp(time, [alice, bob], { bytesPerMs: 1000 })
  await time.pass(500)
  alice.log.unshare(scope, bob.device.id)
  await time.pass(1500)
  const before = bob.log.count(scope)
  alice.log.post({ scope }, { count: 1 })
  await time.pass(100_000)
  t.ok(before < 20_000)
  t.equal(bob.log.count(scope), before)
})

t.test('close() ends every session and all that runs in it', async (t) => {
  const { time, all } = some(12, 3)
  const [alice, bob, carol] = all as [FakeSync, FakeSync, FakeSync]
  alice.log.post({ scope }, { count: 5000 })
  linkUp(time, [alice, bob], { bytesPerMs: 100 })
  linkUp(time, [alice, carol])
  await time.pass(50)
  await alice.sync.close()
  t.same(alice.sync.links(), [])
  await time.pass(20_000)
  t.same([...bob.sync.links(), ...carol.sync.links()], [])
  const [late] = linkPair({ timers: time, devices: [alice.device.id, bob.device.id] })
  alice.sync.addLink(late)
  t.ok(late.closed.aborted)
})

t.test('a peer that asked about a scope before it was its own is offered it again', async (t) => {
  const { time, all } = some(13, 2)
  const [alice, bob] = all as [FakeSync, FakeSync]
  bob.log.unshare(scope, alice.device.id)
  const [, ours] = linkUp(time, [alice, bob])
  // Bob does not know it, so nothing that he was offered was heard: he asks, as one who holds nothing.
  await time.pass(100)
  ours.send({ is: 'vector', scope, rows: [], more: false })
  await time.pass(100)
  bob.log.share(scope, alice.device.id)
  await time.pass(100)
  bob.log.post({ scope }, { count: 1 })
  await time.pass(100)
  t.equal(alice.log.count(scope), 1, 'and not with the next digest')
})

t.test('a peer that keeps nothing of a scope is told what is held each time it asks', async (t) => {
  const { time, all } = some(15, 2)
  const [alice, bob] = all as [FakeSync, FakeSync]
  alice.log.post({ scope, lane: 0 }, { count: 3 })
  bob.log.unshare(scope, alice.device.id)
  const told: number[] = []
  const onFrame = (frame: Frame): void => void (frame.is === 'vector' && told.push(frame.rows.length))
  const [, bobs] = linkUp(time, [alice, bob], { onFrame })
  await time.pass(100)
  for (let asks = 0; asks < 2; asks += 1) {
    bobs.send({ is: 'vector', scope, rows: [], more: false })
    await time.pass(100)
  }
  t.strictSame(told, [0, 1, 0, 1])
})

t.test('two who hold nothing of a scope do not tell each other so for ever', async (t) => {
  const { time, all } = some(16, 2)
  let vectors = 0
  const onFrame = ({ is }: Frame): void => void (is === 'vector' && (vectors += 1))
  const ends = linkUp(time, all as [FakeSync, FakeSync], { onFrame })
  // Before either has heard what the other offers, and after.
  for (let times = 0; times < 2; times += 1) {
    for (const end of ends) end.send({ is: 'vector', scope, rows: [], more: false })
    await time.pass(100)
    const before = vectors
    t.ok(before > 0)
    await time.pass(1000)
    t.equal(vectors, before)
  }
})

t.test('what a peer asked for is given to it, also if it may see more of the scope by then', async (t) => {
  const { time, all } = some(14, 2)
  const [alice, bob] = all as [FakeSync, FakeSync]
  alice.log.post({ scope, lane: 0 }, { count: 3 })
  alice.log.parts.set(bob.device.id, 'roster')
  const read = alice.log.read.bind(alice.log)
  alice.log.read = async (...wanted) => {
    alice.log.parts.set(bob.device.id, 'all')
    return await read(...wanted)
  }
  linkUp(time, [alice, bob])
  await time.pass(2000)
  t.equal(bob.log.count(scope), 3, 'and not after its patience is over')
})
