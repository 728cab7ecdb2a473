/** What contacts see when somebody who had two persons on two machines makes one of them: real daemons on real sockets. */

import { join } from 'node:path'
import t from 'tap'
import type { Contact } from '../../protocol/http-people.ts'
import { folderOf, startHere, type Here } from '../support/here.ts'
import { befriend, link } from '../support/linking.ts'
import { warren } from '../support/warren-process.ts'

// A bound: the machine may be busy.
t.setTimeout(240_000)

/** The contact, once it is as wished. */
const known = async ({ seat }: Here, what: string, wish: (contact: Contact) => boolean): Promise<Contact> =>
  await seat.until(async () => (await seat.contacts()).find((each) => wish(each)), what)

t.test('contacts follow, one by the shell, one who was off, and the history stays', async (t) => {
  const folder = folderOf(t)
  const desk = await startHere(t, join(folder, 'desk'), 'Alice')
  const lap = await startHere(t, join(folder, 'lap'), 'Alice at home')
  const bob = await startHere(t, join(folder, 'bob'), 'Bob')
  const carol = await startHere(t, join(folder, 'carol'), 'Carol')
  await befriend(lap, bob)
  const { id } = await bob.seat.direct()
  await bob.seat.say(id, 'said before')
  await lap.seat.hears(id, 'said before')
  const old = await bob.seat.contact('accepted')
  await bob.seat.client.ask('PATCH', `/contacts/${old.id}`, { petname: 'Allie' })
  await lap.seat.client.ask('POST', '/contacts', {
    deviceId: (await lap.seat.look(`127.0.0.1:${carol.port}`)).deviceId,
  })
  const asking = await carol.seat.contact('incoming')
  await carol.seat.client.ask('PATCH', `/contacts/${asking.id}`, { state: 'accepted' })
  await carol.seat.contact('accepted', true)
  await carol.daemon.close()

  await link(desk, lap)
  const { personId } = await desk.seat.me()
  const left = await known(bob, 'the offer', ({ movedTo }) => movedTo?.answer === 'open')
  t.match(left, { id: old.id, state: 'accepted', movedTo: { id: personId } })
  t.notOk(left.mismatches, 'no warning that another device answers at that address')
  const asks = await known(bob, 'the request', ({ state }) => state === 'incoming')
  t.match(asks, { id: personId, cameFrom: { id: old.id, name: 'Allie' } })
  t.notOk(asks.lookalike)

  const { home } = bob.seat
  const listed = await warren(['contacts'], { home })
  t.match(listed.stdout, /Allie .*goes on as Alice: warren accept or decline/)
  const accepted = await warren(['accept', 'allie'], { home })
  t.match(accepted.stdout, /^Allie goes on as Alice: .*verified does not go along/)
  const next = await known(
    bob,
    'the new contact',
    (each) => each.id === personId && each.state === 'accepted' && each.online,
  )
  t.match(next, { petname: 'Allie', verified: false })
  t.match(await known(bob, 'the old one', (each) => each.id === old.id), {
    movedTo: { id: personId, answer: 'followed' },
  })
  t.match((await warren(['contacts'], { home })).stdout, /went on as Allie/)
  const chat = next.conversation ?? ''
  await bob.seat.say(chat, 'and after')
  for (const each of [lap, desk]) await each.seat.hears(chat, 'and after')
  t.ok((await bob.seat.texts(id)).includes('said before'), 'what was said stays')

  // The desk is off as well: the device that moved is enough.
  await desk.daemon.close()
  const later = await startHere(t, join(folder, 'carol'), 'Carol', { peerPort: carol.port })
  const offered = await known(later, 'the offer', ({ movedTo }) => movedTo?.answer === 'open')
  t.match(offered.movedTo, { id: personId })
  await later.seat.client.ask('PATCH', `/contacts/${offered.id}`, { follow: true })
  await known(later, 'the new contact', (each) => each.id === personId && each.state === 'accepted' && each.online)
})
