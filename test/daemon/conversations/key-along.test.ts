import t from 'tap'
import { epochMaxAgeMs } from '../../../daemon/conversations/epochs.ts'
import type { Device } from '../../support/device.ts'
import { twoContacts, type Pair } from '../../support/device.ts'

/** Notes, whenever a tick tells Alice that a message was delivered, whether Bob can read all that he holds. */
function watch({ alice, bob, chat }: Pair): { readonly readable: boolean[] } {
  const readable: boolean[] = []
  alice.rooms.bus.subscribe((event) => {
    if (event.type === 'ticks' && event.delivered > 0)
      readable.push(bob.rooms.conversations.peers.missingKeys(chat).length === 0)
  })
  return { readable }
}

const stateOfLast = async (device: Device, { chat }: Pair): Promise<string | undefined> =>
  (await device.messages(chat)).at(-1)?.state

t.test('the first message of a conversation is not delivered before it can be read', async (t) => {
  const pair = await twoContacts(t)
  const { readable } = watch(pair)
  await pair.alice.say(pair.chat, 'hello')
  await pair.settle()
  t.ok(readable.length > 0)
  t.notOk(readable.includes(false))
  t.equal(await stateOfLast(pair.alice, pair), 'delivered')
  t.strictSame(await pair.bob.texts(pair.chat), ['hello'])
})

t.test('nor is one that waited for the other side, nor one under a key that has grown old', async (t) => {
  const pair = await twoContacts(t)
  const { alice, bob, chat, place, settle, time } = pair
  const { readable } = watch(pair)
  place.part(alice, bob)
  await alice.say(chat, 'while you are away')
  place.heal(alice, bob)
  await settle()
  t.equal(await stateOfLast(alice, pair), 'delivered')
  place.part(alice, bob)
  await time.pass(epochMaxAgeMs + 1000)
  place.heal(alice, bob)
  await settle()
  await alice.say(chat, 'a month later')
  await settle()
  t.equal(await stateOfLast(alice, pair), 'delivered')
  t.ok(readable.length > 1)
  t.notOk(readable.includes(false))
})
