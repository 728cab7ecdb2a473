/** Work per message does not grow with history: counted, not timed. */

import t from 'tap'
import { encodeReadPosition, registerKeys, signRegister } from '../../../protocol/register.ts'
import { readOrderKey } from '../../../protocol/order.ts'
import type { Store } from '../../../daemon/store/store.ts'
import { limits } from '../../../protocol/limits.ts'
import { twoContacts, type Pair } from '../../support/device.ts'
import { Pen } from '../../support/pen.ts'

type Costs = Record<string, Store['counts']>

/** What each kind of work costs Alice behind so many messages. There is no link: nothing else happens meanwhile. */
async function costs(pair: Pair, history: number): Promise<Costs> {
  const { alice, bob, chat, place, settle } = pair
  place.part(alice, bob)
  const { conversations, registers } = alice.rooms
  const { owner, peers } = conversations
  const pen = new Pen(bob.rooms.identity, chat)
  for (let at = 0; at < history; at += limits.runEntries)
    await peers.accept(chat, [pen.run(pen.writeMany(Math.min(limits.runEntries, history - at)))], bob.id)
  const orders: string[] = []
  for (let each = 0; each < 40; each += 1) orders.push(await alice.say(chat, `${each}`))
  // What is told later of all that came is no part of what one more costs.
  await settle(60_000)
  const found: Costs = {}
  const count = async (what: string, act: () => unknown): Promise<void> => {
    const before = { ...alice.store.counts }
    await act()
    await settle()
    const { batches, reads, writes } = alice.store.counts
    found[what] = { batches: batches - before.batches, reads: reads - before.reads, writes: writes - before.writes }
  }
  const arriving = pen.run([pen.write('one more')])
  const long = pen.run([pen.write('long enough to refer to a file, by its size. '.repeat(5))])
  conversations.filesCame = () => {
    throw new Error('no message refers to a file')
  }
  const own = peers.vector(chat).find(({ device, lane }) => device === alice.id && lane === 1)
  if (own === undefined) throw new Error('nothing was posted')
  const { device, lane, generation } = own
  const read = (order: string): Promise<unknown> => {
    const { identity } = bob.rooms
    const value = encodeReadPosition(readOrderKey(order))
    const hlc = { wallMs: 1_900_000_000_000, count: 0 }
    const place = { scope: chat, device: identity.device, key: registerKeys.read, hlc, value }
    return registers.accept([signRegister(identity.signingKey, place)], bob.id)
  }
  const page = { before: undefined, after: undefined, limit: 50 }
  await count('post', async () => await alice.say(chat, 'posted'))
  await count('post again', async () => await alice.say(chat, 'posted'))
  await count('arrival', async () => await peers.accept(chat, [arriving], bob.id))
  await count('long arrival', async () => await peers.accept(chat, [long], bob.id))
  await count('replay', async () => await peers.accept(chat, [arriving], bob.id))
  await count('tick', () => peers.peerHolds(chat, bob.id, [{ device, lane, generation, ranges: [[1, 30]] }]))
  await count('their mark', async () => await read(orders[20] ?? ''))
  await count('tick behind a mark', () =>
    peers.peerHolds(chat, bob.id, [{ device, lane, generation, ranges: [[1, 40]] }]),
  )
  await count('newest page', async () => await owner.page(chat, page))
  await count('page in the middle', async () => await owner.page(chat, { ...page, before: orders[0] }))
  await count('mark read', async () => await owner.markRead(chat, owner.record(chat).lastOrder))
  await count('last', () => owner.last(chat))
  await count('vector, digest, scopes', () => [peers.vector(chat), peers.digest(chat), peers.scopesFor(bob.id)])
  return found
}

t.setTimeout(240_000)

/** What grows shows well before: `make bench` and the long form look at more. */
const history = process.env['WARREN_LONG'] === '1' ? 100_000 : 30_000

t.test(`a message costs the same at 1,000 and at ${history}`, async (t) => {
  const few = await costs(await twoContacts(t), 1000)
  const many = await costs(await twoContacts(t), history)
  t.comment(JSON.stringify(many))
  t.strictSame(many, few)
  t.strictSame(
    many['arrival'],
    { batches: 2, reads: 0, writes: 4 },
    'entry and place on screen; later feed and counters',
  )
  t.equal(many['long arrival']?.reads, 0, 'it is not read again for files')
  t.strictSame(many['post'], { batches: 2, reads: 0, writes: 5 }, 'and the client id')
  t.equal(many['tick behind a mark']?.reads, 0)
})
