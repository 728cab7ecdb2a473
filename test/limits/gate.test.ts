/** What may knock, what a stranger's connection may cost, and how long offenders are left alone. */

import t from 'tap'
import { Adverts } from '../../daemon/net/adverts.ts'
import { Knocks } from '../../daemon/net/knocks.ts'
import { Meter } from '../../daemon/net/meter.ts'
import { StreamTalk } from '../../daemon/net/negotiation.ts'
import { Penalties } from '../../daemon/net/penalties.ts'
import { defaultTimes } from '../../daemon/net/times.ts'
import { utf8 } from '../../protocol/bytes.ts'
import { limits } from '../../protocol/limits.ts'
import { boundary } from './boundary.ts'
import { FakeSocket } from './fake-socket.ts'

const host = (at: number): string => `10.1.${at >> 8}.${at & 255}`

function doors(expected: readonly string[] = []) {
  const clock = { now: 1_000_000 }
  const now = (): number => clock.now
  const penalties = new Penalties(now, limits.penaltyFirstMs)
  const knocks = new Knocks({ isExpected: (host) => expected.includes(host), penalties, now })
  /** Comes, is let in or not, and stays. */
  const knock = (from: string): FakeSocket | undefined => {
    const socket = new FakeSocket(from)
    return knocks.admit(socket.asConnection) ? socket : undefined
  }
  /** Comes, and is through the handshake at once. */
  const pass = (from: string): boolean => {
    const socket = knock(from)
    if (socket !== undefined) knocks.done(socket.asConnection)
    return socket !== undefined
  }
  return { clock, penalties, knocks, knock, pass }
}

const repeat = (count: number, act: (at: number) => boolean): boolean =>
  Array.from({ length: count }, (_, at) => act(at)).every(Boolean)

t.test('unfinished handshakes of one address, and of all that nobody knows', async (t) => {
  const one = doors()
  await boundary(
    t,
    'pendingPerAddress',
    () => repeat(limits.pendingPerAddress, () => one.knock('10.0.0.1') !== undefined),
    () => one.knock('10.0.0.1') !== undefined,
    'no',
  )
  const all = doors(['10.9.9.9'])
  await boundary(
    t,
    'pendingStrangers',
    () => repeat(limits.pendingStrangers, (at) => all.knock(host(at)) !== undefined),
    () => {
      all.clock.now += 100
      return all.knock(host(999)) !== undefined
    },
    'no',
  )
  t.ok(all.knock('10.9.9.9'), 'an address where a contact is expected has places of its own')
  all.clock.now += 100
  t.ok(all.knock(host(999)), 'and whoever takes long makes room for a stranger')
  t.equal(all.knocks.pending, limits.pendingStrangers + 1)
})

t.test('knocks: at once and a second, from one address and from all that nobody knows', async (t) => {
  const one = doors(['10.0.0.1'])
  await boundary(
    t,
    'addressKnocks',
    () => repeat(limits.addressKnocks, () => one.pass('10.0.0.1')),
    () => one.pass('10.0.0.1'),
    'no',
  )
  one.clock.now += 1000
  await boundary(
    t,
    'addressKnocksPerSecond',
    () => repeat(limits.addressKnocksPerSecond, () => one.pass('10.0.0.1')),
    () => one.pass('10.0.0.1'),
    'no',
  )
  const all = doors(['10.9.9.9'])
  await boundary(
    t,
    'strangerKnocks',
    () => repeat(limits.strangerKnocks, (at) => all.pass(host(at))),
    () => all.pass(host(999)),
    'no',
  )
  all.clock.now += 1000
  await boundary(
    t,
    'strangerKnocksPerSecond',
    () => repeat(limits.strangerKnocksPerSecond, (at) => all.pass(host(1000 + at))),
    () => all.pass(host(2000)),
    'no',
  )
  t.ok(all.pass('10.9.9.9'), 'contacts are not counted with them')
})

t.test('one address cannot take the last quarter of what all strangers have', async (t) => {
  const { pass } = doors()
  for (let at = 0; at < 2; at += 1) repeat(limits.addressKnocks, () => pass(host(at)))
  t.notOk(pass(host(0)))
  t.ok(pass(host(7)), 'who comes for the first time is let in')
})

t.test('multicast adverts, of one host and of all', async (t) => {
  const one = new Adverts(() => 0)
  await boundary(
    t,
    'hostAdverts',
    () => repeat(limits.hostAdverts, () => one.admits('10.0.0.1')),
    () => one.admits('10.0.0.1'),
    'no',
  )
  const all = new Adverts(() => 0)
  await boundary(
    t,
    'adverts',
    () => repeat(limits.adverts, (at) => all.admits(host(at))),
    () => all.admits(host(9999)),
    'no',
  )
})

const greeting = utf8('\u0013/multistream/1.0.0\n\u0007/noise\n')
const bytes = (count: number, byte = 1): Uint8Array => new Uint8Array(count).fill(byte)

/** A socket behind a meter, on which the greeting was said. */
function metered(established: boolean) {
  const socket = new FakeSocket()
  const clock = { now: 0 }
  const meter = new Meter(socket.asConnection, () => clock.now)
  socket.onData(greeting)
  if (established) meter.established()
  return { socket, meter, clock, left: greeting.length }
}

t.test('bytes before the handshake is over, and before a device is a contact', async (t) => {
  const early = metered(false)
  await boundary(
    t,
    'handshakeBytes',
    () => (early.socket.onData(bytes(limits.handshakeBytes - early.left)), early.socket.isOpen),
    () => (early.socket.onData(bytes(1)), early.socket.isOpen),
    'no',
  )
  t.equal(early.socket.endedWith, 'RATE_LIMITED')
  t.equal(early.socket.taken, limits.handshakeBytes, 'nothing of what was too much is handed on')
  const stranger = metered(true)
  await boundary(
    t,
    'strangerBytes',
    () => (stranger.socket.onData(bytes(limits.strangerBytes - stranger.left)), stranger.socket.isOpen),
    () => (stranger.socket.onData(bytes(1)), stranger.socket.isOpen),
    'no',
  )
  const slow = metered(true)
  slow.socket.onData(bytes(limits.strangerBytes - slow.left))
  slow.clock.now += 1000
  await boundary(
    t,
    'strangerBytesPerSecond',
    () => (slow.socket.onData(bytes(limits.strangerBytesPerSecond)), slow.socket.isOpen),
    () => (slow.socket.onData(bytes(1)), slow.socket.isOpen),
    'no',
  )
  const contact = metered(true)
  contact.meter.lift()
  contact.socket.onData(bytes(10 * limits.strangerBytes))
  t.ok(contact.socket.isOpen, 'a contact is not counted so')
  const other = new FakeSocket()
  const meter = new Meter(other.asConnection, () => 0)
  other.onData(bytes(1, 0xa5))
  t.ok(meter !== undefined && other.taken === 0, 'other first words end it before they are read')
  t.equal(other.endedWith, 'NOT_WARREN')
})

t.test('bytes that wait for a peer that asks and does not read', async (t) => {
  const { socket } = metered(true)
  const holding = (length: number): boolean => {
    socket.writeBufferLength = length
    socket.onData(bytes(1))
    return socket.isOpen
  }
  await boundary(
    t,
    'connectionBacklogBytes',
    () => holding(limits.connectionBacklogBytes),
    () => holding(limits.connectionBacklogBytes + 1),
    'no',
  )
})

t.test('words on a stream before its protocol is agreed on', async (t) => {
  const asked = new StreamTalk(false)
  await boundary(
    t,
    'negotiationBytes',
    () => asked.check(bytes(limits.negotiationBytes)),
    () => asked.check(bytes(1)),
    'RATE_LIMITED',
  )
  t.throws(() => new StreamTalk(false).check(Uint8Array.of(0x80)), { code: 'RATE_LIMITED' }, 'a length without end')
  const answer = utf8('\u0013/multistream/1.0.0\n')
  t.doesNotThrow(() => new StreamTalk(true).check(Buffer.concat([answer, Buffer.of(3), bytes(9000, 0xff)])))
  t.throws(() => new StreamTalk(true).check(Buffer.concat([answer, Buffer.of(0xff)])), { code: 'RATE_LIMITED' })
  t.throws(() => new StreamTalk(true).check(bytes(1, 0xff)), { code: 'RATE_LIMITED' })
})

t.test('offenders: the first wait, twice as long each time, the longest, and peace', async (t) => {
  const clock = { now: 5 }
  const penalties = new Penalties(() => clock.now, defaultTimes.penaltyFirstMs)
  const isLeftAlone = (): boolean => penalties.waitMs('mallory') > 0
  penalties.offend('mallory')
  clock.now += limits.penaltyFirstMs - 1
  await boundary(t, 'penaltyFirstMs', isLeftAlone, () => ((clock.now += 1), isLeftAlone()), 'no')
  const waits = Array.from({ length: 12 }, () => {
    penalties.offend('mallory')
    return penalties.waitMs('mallory')
  })
  t.same(
    waits.slice(0, 4),
    [2, 4, 8, 16].map((times) => times * limits.penaltyFirstMs),
  )
  clock.now += limits.penaltyMostMs - 1
  await boundary(t, 'penaltyMostMs', isLeftAlone, () => ((clock.now += 1), isLeftAlone()), 'no')
  const longer = (): boolean => {
    penalties.offend('mallory')
    return penalties.waitMs('mallory') > limits.penaltyFirstMs
  }
  clock.now += limits.penaltyForgetMs - limits.penaltyMostMs - 1
  await boundary(t, 'penaltyForgetMs', longer, () => ((clock.now += limits.penaltyForgetMs), longer()), 'no')
  t.equal(penalties.waitMs('bob'), 0)
  for (let at = 0; at < 5000; at += 1) penalties.offend(`device ${at}`)
  t.equal(penalties.size, 4096, 'and only so many are remembered')
})
