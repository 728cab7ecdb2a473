/** The lines that tell what happened in a group: one for each thing that is news to people. */

import t from 'tap'
import { deviceNoticeOf, noticeOf } from '../../../daemon/conversations/notices.ts'
import { reducePerson } from '../../../protocol/roster.ts'
import { actor } from '../../protocol/cast.ts'
import { add, everyone, gardeners, out, role, say } from '../../protocol/group-cast.ts'

t.test('who came, went, was let in, sent away or given a role; names, rules, a new owner and the end', async (t) => {
  const { alice, bob, carol, dave, erin, zed, story } = gardeners()
  const from = story.operations.length
  story.post(carol, { kind: 'leave', cutOffs: [] })
  story.post(alice, add(zed))
  story.post(zed, { kind: 'decline' })
  const invite = story.invite(alice)
  story.admit(bob, zed, invite)
  story.post(alice, role(dave, 'admin'))
  story.post(alice, say([['name', 'Growers']]))
  story.post(
    alice,
    say([
      ['description', 'We grow'],
      ['avatar', '#112233'],
    ]),
  )
  story.mint(alice)
  story.post(alice, out(erin))
  story.post(alice, { kind: 'transfer', person: bob.person })
  story.post(bob, { kind: 'revokeInvite', invite: invite.id })
  story.post(bob, { kind: 'close' })
  const roster = story.roster()
  const lines = story.operations.map((each) => noticeOf(each, roster))
  t.strictSame(
    lines.slice(0, 3).map((line) => [line?.by, line?.happening]),
    [
      [alice.person, { is: 'created' }],
      [alice.person, { is: 'added', whom: bob.person }],
      [bob.person, { is: 'accepted' }],
    ],
  )
  t.strictSame(
    lines.slice(from).map((line) => line && [line.by, line.happening]),
    [
      [carol.person, { is: 'left' }],
      [alice.person, { is: 'added', whom: zed.person }],
      [zed.person, { is: 'declined' }],
      undefined, // a link
      [bob.person, { is: 'admitted', whom: zed.person }],
      [alice.person, { is: 'role', whom: dave.person, role: 'admin' }],
      [alice.person, { is: 'named', name: 'Growers' }],
      [alice.person, { is: 'settings', changed: ['description', 'avatar'] }],
      undefined, // a key
      [alice.person, { is: 'removed', whom: erin.person }],
      [alice.person, { is: 'transferred', whom: bob.person }],
      undefined,
      [bob.person, { is: 'closed' }],
    ],
  )
})

t.test('a device that came, and one that was removed; of one that agreed to nothing there is no line', async (t) => {
  const { alice, bob } = everyone()
  const { log, person, device } = alice
  const phone = actor(60)
  const added = log.add(device, phone)
  const removed = log.remove(device, phone)
  const claimed = log.post(device, { ...log.addition(bob.device), counterSignature: new Uint8Array(64) })
  const state = reducePerson(person, log.operations)
  t.strictSame(
    [added, removed, claimed].map((each) => deviceNoticeOf(each, state)?.happening),
    [{ is: 'device-added', device: phone.device }, { is: 'device-removed', device: phone.device }, undefined],
  )
  t.equal(deviceNoticeOf(added, state)?.by, person)
})
