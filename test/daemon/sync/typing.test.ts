import t from 'tap'
import { limits } from '../../../protocol/limits.ts'
import { twoContacts } from '../../support/device.ts'

t.test('who types on after a message is seen typing at once, and not more often than that', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  const seen = (): number => bob.events.filter(({ type }) => type === 'typing').length
  const typing = async (): Promise<number> => {
    alice.rooms.sync.typing(chat)
    await settle(10)
    return seen()
  }
  await alice.say(chat, 'the first word needs a key')
  await settle()
  t.equal(await typing(), 1)
  t.equal(await typing(), 1, 'what was told a moment ago is not told again')
  await alice.say(chat, 'sent')
  await settle(10)
  t.equal(await typing(), 2)
  t.equal(await typing(), 2)
  await settle(limits.typingEveryMs)
  t.equal(await typing(), 3)
})
