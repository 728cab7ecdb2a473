import t from 'tap'
import { limits } from '../../../protocol/limits.ts'
import { twoContacts } from '../../support/device.ts'
import { inPieces, label, someBytes } from '../../support/files.ts'
import { ownerOf } from '../../support/owner-of.ts'
import { pngOf } from '../../support/sample-files.ts'

t.test(
  'files of a message that is refused can be taken back, posted again, and are forgotten after a day',
  async (t) => {
    const { alice, chat, settle } = await twoContacts(t)
    const owner = ownerOf(alice)
    const add = async (): Promise<string> => (await owner.files.add(chat, inPieces(someBytes(10)), label)).id
    const names = async (): Promise<number> => (await alice.disk.files.names()).length
    const long = 'a'.repeat(limits.textBytes + 1)

    const first = await add()
    await t.rejects(owner.post(chat, { text: long, clientId: 'c1', attachments: [first] }), { code: 'TOO_LARGE' })
    await owner.files.cancel(chat, first)
    t.equal(await names(), 0)

    const second = await add()
    await t.rejects(owner.post(chat, { text: long, clientId: 'c2', attachments: [second] }), { code: 'TOO_LARGE' })
    const { message } = await owner.post(chat, { text: '', clientId: 'c2', attachments: [second] })
    t.match(message.attachments, [{ id: second }])
    await t.rejects(owner.files.cancel(chat, second), { code: 'NOT_FOUND' }, 'a message refers to it')

    const third = await add()
    const { created } = await owner.post(chat, { text: '', clientId: 'c2', attachments: [third] })
    t.notOk(created, 'the message was sent before')
    await settle(limits.unpostedFileMs + 3_700_000)
    t.equal(await names(), 1)
    await t.rejects(owner.files.cancel(chat, third), { code: 'NOT_FOUND' })
  },
)

t.test('files of refused messages count as files that wait', async (t) => {
  const { alice, chat } = await twoContacts(t)
  const owner = ownerOf(alice)
  const long = 'a'.repeat(limits.textBytes + 1)
  const refused = async (): Promise<void> => {
    const { id } = await owner.files.add(chat, inPieces(someBytes(1)), label)
    await t.rejects(owner.post(chat, { text: long, clientId: id, attachments: [id] }), { code: 'TOO_LARGE' })
  }
  for (let count = 0; count < limits.unpostedFiles; count += 1) await refused()
  await t.rejects(refused(), { code: 'RATE_LIMITED' })
})

t.test('one file in two messages at once: that one is refused takes nothing from the other', async (t) => {
  const { alice, chat, settle } = await twoContacts(t)
  const owner = ownerOf(alice)
  const { id } = await owner.files.add(chat, inPieces(someBytes(10)), label)
  const posting = owner.post(chat, { text: '', clientId: 'c1', attachments: [id] })
  const refused = owner.post(chat, { text: 'a'.repeat(limits.textBytes + 1), clientId: 'c2', attachments: [id] })
  await t.rejects(refused, { code: 'TOO_LARGE' })
  await posting
  // Nobody has looked at the message yet.
  alice.crash()
  await alice.start()
  await settle(10_000)
  t.equal((await alice.disk.files.names()).length, 1)
})

t.test('a picture that a group does not take can be taken back', async (t) => {
  const { alice } = await twoContacts(t)
  const owner = ownerOf(alice)
  const { id } = await owner.groups.create({ kind: 'group', name: 'Lake', members: [] })
  const picture = (await owner.files.add(id, inPieces(pngOf(64, 64)), label)).id
  // She may while she asks, and not any more once the picture is looked at.
  const closing = owner.groups.close(id)
  await t.rejects(owner.groups.patch(id, { picture }), { code: 'NOT_ALLOWED' })
  await closing
  await owner.files.cancel(id, picture)
  t.strictSame(await alice.disk.files.names(), [])
})
