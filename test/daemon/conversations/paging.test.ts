import t from 'tap'
import type { Shown } from '../../../daemon/conversations/reader.ts'
import type { Device } from '../../support/device.ts'
import { twoContacts } from '../../support/device.ts'
import { Pen } from '../../support/pen.ts'
import type { ConversationId } from '../../../protocol/ids.ts'

/** All pages in one direction, newest first. */
async function walk(device: Device, chat: ConversationId, limit: number, from?: string): Promise<Shown[]> {
  const { owner } = device.rooms.conversations
  const all: Shown[] = []
  for (;;) {
    const cursor = from === undefined ? all.at(-1)?.order : (all[0]?.order ?? from)
    const asked = from === undefined ? { before: cursor, after: undefined } : { before: undefined, after: cursor }
    const page = await owner.page(chat, { ...asked, limit })
    if (from === undefined) all.push(...page.items)
    else all.unshift(...page.items)
    if (page.items.length > limit) throw new Error('a page is too long')
    if (!(from === undefined ? page.older : page.newer)) return all
  }
}

t.test('pages in both directions say the same, also where many messages share one clock reading', async (t) => {
  const { alice, bob, chat } = await twoContacts(t)
  const { peers } = alice.rooms.conversations
  // Five generations that write at the same readings, 7 to 40 messages each.
  for (let each = 0; each < 5; each += 1) {
    const pen = new Pen(bob.rooms.identity, chat, { generation: `g${each}` })
    const written = Array.from({ length: 40 }, (_, at) =>
      pen.write(`${each} ${at}`, { hlc: { wallMs: 1_800_000_000_000 + Math.floor(at / 8), count: at % 8 } }),
    )
    await peers.accept(chat, [pen.run(written)], bob.id)
  }
  const expected = (await alice.messages(chat)).map(({ id }) => id).toReversed()
  t.equal(new Set(expected).size, 200)
  const oldest = (await alice.messages(chat))[0]?.order ?? ''
  for (const limit of [1, 2, 3, 7, 39, 40, 41, 199, 200, 201]) {
    t.strictSame(
      (await walk(alice, chat, limit)).map(({ id }) => id),
      expected,
      `before, ${limit} a page`,
    )
    t.strictSame(
      (await walk(alice, chat, limit, oldest)).map(({ id }) => id),
      expected.slice(0, -1),
      `after, ${limit} a page`,
    )
  }
  const orders = (await walk(alice, chat, 50)).map(({ order }) => order)
  t.strictSame(orders, orders.toSorted().toReversed())
})

t.test('the ends of a conversation', async (t) => {
  const { alice, chat } = await twoContacts(t)
  const { owner } = alice.rooms.conversations
  const page = async (before?: string, after?: string, limit = 2): Promise<unknown> => {
    const { items, older, newer } = await owner.page(chat, { before, after, limit })
    return [items.map(({ text }) => text), older, newer]
  }
  t.strictSame(await page(), [[], false, false])
  const orders = []
  for (const text of ['1', '2', '3', '4']) orders.push(await alice.say(chat, text))
  t.strictSame(await page(), [['4', '3'], true, false])
  t.strictSame(await page(orders[2]), [['2', '1'], false, true])
  t.strictSame(await page(orders[0]), [[], false, true])
  t.strictSame(await page(undefined, orders[0]), [['3', '2'], true, true])
  t.strictSame(await page(undefined, orders[1]), [['4', '3'], true, false])
  t.strictSame(await page(undefined, orders[3]), [[], true, false])
  await t.rejects(page('not an order key'), { code: 'BAD_SHAPE' })
  await t.rejects(page(undefined, 'f'.repeat(109)), { code: 'BAD_SHAPE' })
  t.throws(() => owner.message(chat, 'nonsense'), { code: 'BAD_SHAPE' })
  t.equal(owner.last(chat)?.text, '4')
})
