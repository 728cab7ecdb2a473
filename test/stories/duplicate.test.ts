/** A home was copied and both copies run: a friend who meets both shows each the other, and both stop writing. */

import { cpSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { folderOf, startHere, type Here } from '../support/here.ts'

const knows = async ({ seat }: Here): Promise<void> => {
  await seat.until(async () => ((await seat.me()).duplicate === true ? true : undefined), 'to hear of its copy', 60_000)
}

t.setTimeout(240_000)

t.test('both copies stop writing, and a restart of one begins anew without losing a word', async (t) => {
  const folder = folderOf(t)
  const home = join(folder, 'alice')
  const alice = await startHere(t, home, 'alice')
  const bob = await startHere(t, join(folder, 'bob'), 'bob')
  const { deviceId } = await alice.seat.look(`127.0.0.1:${bob.port}`)
  await alice.seat.client.ask('POST', '/contacts', { deviceId, note: '' })
  const { id } = await bob.seat.contact('incoming')
  await bob.seat.client.ask('PATCH', `/contacts/${id}`, { state: 'accepted' })
  const { port } = alice
  await Promise.all([alice.seat.contact('accepted', true), bob.seat.contact('accepted', true)])
  const chat = (await alice.seat.direct()).id
  await alice.seat.say(chat, 'before')
  await bob.seat.hears(chat, 'before')
  t.equal((await alice.seat.me()).duplicate, undefined)
  await alice.daemon.close()
  cpSync(home, join(folder, 'copy'), { recursive: true })

  const first = await startHere(t, home, 'ignored', { peerPort: port })
  await first.seat.contact('accepted', true)
  const second = await startHere(t, join(folder, 'copy'), 'ignored')
  await Promise.all([knows(first), knows(second)])
  for (const each of [first, second]) {
    await t.rejects(each.seat.say(chat, 'not to be'), { code: 'DUPLICATE_DEVICE' })
    t.strictSame(await each.seat.texts(chat), ['before'], 'reading goes on')
    await each.seat.contact('accepted', false)
  }
  await bob.seat.say(chat, 'where are you?')

  await second.daemon.close()
  await first.daemon.close()
  const again = await startHere(t, home, 'ignored', { peerPort: port })
  await again.seat.contact('accepted', true)
  await again.seat.hears(chat, 'where are you?')
  t.equal((await again.seat.me()).duplicate, undefined)
  await again.seat.say(chat, 'here I am')
  await bob.seat.hears(chat, 'here I am')
  t.strictSame(await bob.seat.texts(chat), ['before', 'where are you?', 'here I am'])
  t.strictSame(await again.seat.texts(chat), await bob.seat.texts(chat))
  await again.daemon.close()
  await bob.daemon.close()
})
