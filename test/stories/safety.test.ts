/** Safety numbers between real daemons on real sockets: the same on both sides, scanned, kept, and taken back. */

import { join } from 'node:path'
import t from 'tap'
import type { Contact, Safety, Verification } from '../../protocol/http-people.ts'
import { startBarePerson } from '../support/bare-person.ts'
import { folderOf, startHere, type Here } from '../support/here.ts'

const addressOf = ({ daemon }: Here): string => daemon.listen.find((each) => each.startsWith('/ip4/')) ?? ''

const show = async ({ seat }: Here, { id }: Contact): Promise<Safety> =>
  await seat.client.ask('GET', `/contacts/${id}/safety`)
const verify = async ({ seat }: Here, { id }: Contact, what: object): Promise<Verification> =>
  await seat.client.ask('POST', `/contacts/${id}/verification`, what)
const contactOf = async ({ seat }: Here, { id }: Contact): Promise<Contact> =>
  await seat.client.ask('GET', `/contacts/${id}`)

async function ask(from: Here, to: Here): Promise<void> {
  const { deviceId } = await from.seat.look(`127.0.0.1:${to.port}`)
  await from.seat.client.ask('POST', '/contacts', { deviceId })
}

t.test('two people compare, one by scanning and one by the digits; it survives a restart', async (t) => {
  const folder = folderOf(t)
  const alice = await startHere(t, join(folder, 'alice'), 'alice')
  const bob = await startHere(t, join(folder, 'bob'), 'bob')
  await ask(alice, bob)
  const asking = await bob.seat.contact('incoming')
  await bob.seat.client.ask('PATCH', `/contacts/${asking.id}`, { state: 'accepted' })
  const [bobThere, aliceThere] = await Promise.all([
    alice.seat.contact('accepted', true),
    bob.seat.contact('accepted', true),
  ])
  const [seen, shown] = [await show(alice, bobThere), await show(bob, aliceThere)]
  t.equal(seen.number, shown.number, 'both see the same digits')
  t.not(seen.code, shown.code)
  t.match(await verify(alice, bobThere, { code: seen.code }), { result: 'own-code', contact: { verified: false } })
  t.match(await verify(alice, bobThere, { code: shown.code }), { result: 'match', contact: { verified: true } })
  t.match(await verify(bob, aliceThere, { number: seen.number }), { result: 'match', contact: { verified: true } })
  await alice.daemon.close()
  const again = await startHere(t, join(folder, 'alice'), 'alice')
  const { verifiedAt } = await contactOf(again, bobThere)
  t.match(await contactOf(again, bobThere), { verified: true, verifiedAt: Number })
  t.ok((verifiedAt ?? 0) > Date.now() - 600_000)

  const other = await startHere(t, join(folder, 'other'), 'bob')
  await ask(other, again)
  const stranger = await again.seat.contact('incoming')
  t.match(stranger, { verified: false, lookalike: { id: bobThere.id, verified: true } })
  t.not((await show(again, stranger)).number, seen.number, 'another identity has another number')
  t.match(await verify(again, stranger, { code: shown.code }), { result: 'other-person', shownBy: 'bob' })
  t.match(await verify(again, bobThere, { code: shown.code }), { result: 'match' })
})

t.test('a contact who comes back by the recovery key is not verified any more, and pages hear of it', async (t) => {
  const alice = await startHere(t, join(folderOf(t), 'alice'), 'alice')
  const ruth = await startBarePerson('ruth')
  t.teardown(async () => await ruth.stop())
  await ruth.ask(addressOf(alice))
  const asking = await alice.seat.contact('incoming')
  const { number } = await show(alice, asking)
  await alice.seat.client.ask('PATCH', `/contacts/${asking.id}`, { state: 'accepted' })
  t.match(await verify(alice, asking, { number }), { result: 'match' })
  await ruth.recover(addressOf(alice))
  const changed = await alice.seat.until(async () => {
    const contact = await contactOf(alice, asking)
    return contact.verified ? undefined : contact
  }, 'the verification to be taken back')
  t.match(changed, { verified: false, keysChanged: true, verifiedAt: Number })
  t.match(await verify(alice, asking, { number }), { result: 'other-number' }, 'the old number counts no more')
  const after = await show(alice, asking)
  t.not(after.number, number)
  t.match(await verify(alice, asking, { number: after.number }), { result: 'match', contact: { verified: true } })
})
