/** What somebody said last before they left, of which each member holds another part: all members come to the same. */

import t from 'tap'
import { neighbourhood } from '../../support/device.ts'

t.test('who leaves far from everybody ends at what others are known to hold, and all come to hold that', async (t) => {
  const { start, settle, place } = neighbourhood(t)
  const [alice, bob, carol] = [await start('alice'), await start('bob'), await start('carol')]
  for (const each of [bob, carol]) await alice.befriend(each, settle)
  await bob.befriend(carol, settle)
  const persons = [bob, carol].map(({ rooms }) => rooms.identity.person)
  const group = await alice.rooms.conversations.groups.create([['name', 'Gardeners']], persons)
  await settle()
  for (const each of [bob, carol]) await each.rooms.conversations.groups.accept(group)
  await settle(3000)
  await bob.say(group, 'all have this')
  await settle()
  place.part(alice, bob)
  place.part(alice, carol)
  await bob.say(group, 'Carol alone has this')
  await settle()
  place.part(bob, carol)
  await bob.say(group, 'nobody has this')
  await bob.rooms.conversations.groups.leave(group)
  await settle()
  place.heal(alice, bob)
  await settle(3000)
  t.equal(alice.rooms.conversations.ownGroups.group(group).joined, 2)
  place.heal(alice, carol)
  await settle(3000)
  const digests = [alice, carol].map(({ rooms }) => rooms.conversations.peers.digest(group))
  t.strictSame(digests[0], digests[1])
  for (const each of [alice, carol])
    t.strictSame(
      (await each.messages(group)).flatMap(({ text, outside }) => (text === '' ? [] : [[text, outside]])),
      [
        ['all have this', false],
        ['Carol alone has this', false],
      ],
      each.name,
    )
})
