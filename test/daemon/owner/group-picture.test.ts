import t from 'tap'
import type { DeviceOwner } from '../../../daemon/owner/owner.ts'
import { avatarValue } from '../../../protocol/group-settings.ts'
import { readBlobId, readConversationId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { twoContacts } from '../../support/device.ts'
import { inPieces, label, posted } from '../../support/files.ts'
import { ownerOf } from '../../support/owner-of.ts'
import { dangerous, pngOf } from '../../support/sample-files.ts'

t.test('the picture of a group reaches its members, and goes when another comes', async (t) => {
  const { alice, bob, place, settle } = await twoContacts(t)
  const [hers, his] = [ownerOf(alice), ownerOf(bob)]
  const { id } = await hers.groups.create({ kind: 'group', name: 'Lake', members: [bob.rooms.identity.person] })
  const group = readConversationId(id)
  await settle()
  await his.groups.answer(id, 'accept')
  await settle()
  const add = async (owner: DeviceOwner, bytes: Uint8Array): Promise<string> =>
    (await owner.files.add(id, inPieces(bytes), label)).id
  /** What is not known yet is told a moment later. */
  const shown = async (owner: DeviceOwner): Promise<string | undefined> => {
    owner.conversation(id)
    await settle()
    return owner.conversation(id).group?.picture?.id
  }
  const set = async (picture: string): Promise<void> => {
    await hers.groups.patch(id, { picture })
    await settle(3000)
  }

  const first = await add(hers, pngOf(64, 64))
  await set(first)
  t.strictSame([await shown(hers), await shown(his)], [first, first])
  const { items } = await his.messages(id, { limit: 1 })
  t.match(items[0]?.notice, { is: 'settings', by: { name: 'alice' }, changed: ['picture'] })
  t.equal(bob.rooms.conversations.ownGroups.pictureOf(group)?.name, '', 'what it was called stays where it was')

  const sent = await posted(alice, group, 1000)
  const second = await add(hers, pngOf(32, 32))
  await set(second)
  t.strictSame([await shown(hers), await shown(his)], [second, second])
  for (const { rooms, disk } of [alice, bob]) {
    t.equal(rooms.blobs.state(group, sent).state, 'whole', 'what a message refers to stays')
    t.equal((await disk.files.names()).length, 2, 'the first one is gone')
  }

  bob.crash()
  await bob.start()
  place.greetAll()
  await settle()
  const again = ownerOf(bob)
  t.equal(await shown(again), second, 'after a crash, too')

  await t.rejects(again.groups.patch(id, { picture: await add(again, pngOf(8, 8)) }), { code: 'NOT_ALLOWED' })
  const page = await add(hers, dangerous['html'] ?? new Uint8Array())
  await t.rejects(hers.groups.patch(id, { picture: page }), { code: 'BAD_SHAPE' })
  const large = await add(hers, new Uint8Array(limits.groupPictureBytes + 1))
  await t.rejects(hers.groups.patch(id, { picture: large }), { code: 'TOO_LARGE' })

  // A daemon that does not look says so all the same.
  const [picture] = await alice.rooms.blobs.posting(group, [readBlobId(page)])
  if (picture === undefined) throw new Error('no such file')
  await alice.rooms.conversations.groups.settings(group, [['avatar', avatarValue({ picture })]])
  await settle(3000)
  t.equal(bob.rooms.blobs.state(group, picture).state, 'whole')
  t.equal(await shown(again), undefined, 'colour and initials')

  await hers.groups.patch(id, { color: '#2f62b5' })
  await settle(3000)
  t.match(again.conversation(id).group, { color: '#2f62b5', picture: undefined })
  t.equal(bob.rooms.blobs.find(group, picture.id), undefined)
})
