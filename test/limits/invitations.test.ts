/** How many people who are no contacts may invite the owner into groups at a time. */

import t from 'tap'
import type { PersonId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Run } from '../../protocol/run.ts'
import { neighbourhood, type Device } from '../support/device.ts'
import { boundary } from './boundary.ts'

const personOf = ({ rooms }: Device): PersonId => rooms.identity.person

t.test('invitations by people who are no contacts: so many wait, and those by contacts do not count', async (t) => {
  const { start, settle } = neighbourhood(t)
  const [alice, bob, carol] = [await start('alice'), await start('bob'), await start('carol')]
  for (const other of [bob, carol]) await alice.befriend(other, settle)
  const shared = await alice.rooms.conversations.groups.create([['name', 'Book club']], [bob, carol].map(personOf))
  await settle()
  for (const each of [bob, carol]) await each.rooms.conversations.groups.accept(shared)
  await settle(3000)
  /** Whether Bob keeps a group that somebody made with him, who hands it over. */
  const isKept = async (by: Device): Promise<boolean> => {
    const { groups, peers } = by.rooms.conversations
    const group = await groups.create([['name', 'Trap']], [personOf(bob)])
    const { runs } = await peers.read(group, peers.vector(group), 1_000_000)
    const gathered = new Map<Scope, readonly Run[]>([[group, runs]])
    return (await bob.rooms.conversations.peers.consider(group, gathered, by.id)).is === 'kept'
  }
  for (const { rooms } of [carol, alice]) await rooms.sync.close()
  for (let at = 1; at < limits.strangerInvitations; at += 1) await isKept(carol)
  await boundary(
    t,
    'strangerInvitations',
    async () => await isKept(carol),
    async () => await isKept(carol),
    'no',
  )
  t.ok(await isKept(alice), 'a contact')
})
