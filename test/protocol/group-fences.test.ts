import t from 'tap'
import { generationOf } from '../../protocol/ids.ts'
import { fill } from './cast.ts'
import { add, end, entryIdAt, gardeners, out, role, roleIn, say } from './group-cast.ts'

t.test('a removal voids what its victim did meanwhile, and all that rests on it', async (t) => {
  const { alice, carol, zed, dave, story, seen } = gardeners()
  const before = story.post(carol, say([['name', 'Before']]), seen)
  const removal = story.post(alice, out(carol), [before])
  const added = story.post(carol, add(zed), [before])
  const accepted = story.post(zed, { kind: 'accept' }, [added])
  story.post(zed, say([['name', 'Zed']]), [accepted])
  story.post(carol, out(dave), [before])
  const roster = story.roster()
  t.equal(roleIn(roster, zed), undefined)
  t.equal(roleIn(roster, dave), 'member')
  t.equal(roster.settings.name, 'Before', 'what the remover had seen stays')
  t.ok(roster.counts(removal.id))
})

t.test('nothing that a removed member does later counts, from whatever old head', async (t) => {
  const { alice, carol, dave, story, seen } = gardeners()
  story.post(alice, out(carol))
  for (const heads of [undefined, seen, [story.create]]) {
    story.post(carol, out(dave), heads)
    story.post(carol, say([['name', 'Mine']]), heads)
    story.post(carol, { kind: 'accept' }, heads)
    story.mint(carol, 9)
  }
  const roster = story.roster()
  t.equal(roleIn(roster, carol), undefined)
  t.equal(roleIn(roster, dave), 'member')
  t.equal(roster.settings.name, '')
  t.equal(roster.epochs.size, 0)
})

t.test('a removal falls with what gave its author the right, also where it would void something itself', async (t) => {
  const { alice, bob, dave, erin, story, seen } = gardeners([['change', 'member']])
  story.post(alice, out(bob), seen)
  const up = story.post(bob, role(erin, 'owner'), seen)
  const removal = story.post(erin, out(dave), [up])
  story.post(dave, say([['name', 'Meanwhile']]), seen)
  const roster = story.roster()
  t.notOk(roster.counts(removal.id))
  t.equal(roleIn(roster, dave), 'member')
  t.equal(roleIn(roster, erin), 'reader')
  t.equal(roster.settings.name, 'Meanwhile')
})

t.test('whose demotion turns out void was an owner all along, also for what they voided meanwhile', async (t) => {
  const { alice, bob, carol, dave, story } = gardeners([['change', 'member']])
  story.post(alice, role(carol, 'owner'))
  const seen = story.tips
  const start = story.operations.length
  const demotion = story.post(carol, role(bob, 'reader'), seen)
  story.post(bob, out(dave), [demotion])
  story.post(dave, say([['name', 'Meanwhile']]), seen)
  t.equal(story.roster().settings.name, 'Meanwhile', 'by what he had seen Bob had no right')
  story.post(alice, out(carol), seen)
  const before = story.operations.slice(0, start)
  const after = story.operations.slice(start)
  for (const order of [after, after.toReversed()]) {
    const roster = story.roster(before)
    for (const each of order) roster.take([each])
    t.equal(roleIn(roster, bob), 'owner')
    t.equal(roleIn(roster, dave), undefined)
    t.equal(roster.settings.name, '')
  }
})

t.test(
  'a member who may invite, and was never more, takes an invite back from those that they had not seen come',
  async (t) => {
    const { alice, dave, erin, zed, story } = gardeners()
    story.post(alice, say([['invite', 'member']]))
    const invite = story.invite(dave)
    const seen = story.tips
    story.post(dave, { kind: 'revokeInvite', invite: invite.id }, seen)
    story.admit(erin, zed, invite, seen)
    for (const order of [story.operations, story.operations.toReversed()]) {
      t.equal(roleIn(story.roster(order), zed), undefined)
    }
  },
)

t.test('a removal outside any circle voids that of a longer-standing owner', async (t) => {
  const { alice, bob, dave, zed, story } = gardeners()
  story.join(alice, [zed, 'owner'])
  const seen = story.tips
  story.post(zed, out(bob), seen)
  story.post(bob, out(dave), seen)
  t.equal(roleIn(story.roster(), bob), undefined)
  t.equal(roleIn(story.roster(), dave), 'member')
})

t.test(
  'of two removals with different cut-offs both hold, the union counts, and an admin may raise it later',
  async (t) => {
    const { alice, carol, bob, dave, story, seen } = gardeners()
    story.post(alice, out(dave, end(dave, 1), end(alice, 9)), seen)
    story.post(bob, out(dave, end(dave, 2)), seen)
    t.strictSame(story.roster().standingOf(dave.device.device, end(dave).generation), {
      upTo: [entryIdAt(1), entryIdAt(2)],
    })
    const other = generationOf(fill(44, 8))
    t.equal(story.roster().standingOf(dave.device.device, other), 'none')
    story.post(carol, { kind: 'cutOff', cutOffs: [end(dave, 3), end(dave, 4, other)] })
    const roster = story.roster()
    t.strictSame(roster.standingOf(dave.device.device, end(dave).generation), {
      upTo: [entryIdAt(1), entryIdAt(2), entryIdAt(3)],
    })
    t.strictSame(roster.standingOf(dave.device.device, other), { upTo: [entryIdAt(4)] })
    t.equal(roster.standingOf(alice.device.device, end(alice).generation), 'all', 'a removal ends no feed of others')
  },
)

t.test('nobody ends a feed of somebody who may post', async (t) => {
  const { alice, dave, story } = gardeners()
  story.post(alice, { kind: 'cutOff', cutOffs: [end(dave, 1)] })
  story.post(alice, role(dave, 'admin', end(dave, 1)))
  t.strictSame(story.roster().cutOffs, [])
  t.equal(story.roster().standingOf(dave.device.device, end(dave).generation), 'all')
})

t.test('who was removed comes back by being added, with a new generation', async (t) => {
  const { alice, dave, carol, story } = gardeners()
  const invite = story.invite(alice)
  story.post(alice, out(dave, end(dave, 1)))
  story.post(dave, { kind: 'accept' })
  story.admit(carol, dave, invite)
  t.equal(roleIn(story.roster(), dave), undefined, 'not by a link that they still have')
  story.join(carol, [dave, 'member'])
  const roster = story.roster()
  t.equal(roleIn(roster, dave), 'member')
  t.strictSame(roster.standingOf(dave.device.device, end(dave).generation), { upTo: [entryIdAt(1)] })
  t.equal(roster.standingOf(dave.device.device, generationOf(fill(44, 8))), 'all')
})

t.test('out and in again at one time: out holds', async (t) => {
  const { alice, bob, dave, story } = gardeners()
  story.post(dave, { kind: 'leave', cutOffs: [] })
  const seen = story.tips
  story.post(alice, out(dave), seen)
  const again = story.post(bob, add(dave), seen)
  story.post(dave, { kind: 'accept' }, [again])
  t.equal(roleIn(story.roster(), dave), undefined)
})

t.test('a demotion voids what was done meanwhile; against a promotion it holds', async (t) => {
  const { alice, bob, carol, dave, story, seen } = gardeners()
  story.post(alice, role(carol, 'member'), seen)
  story.post(carol, out(dave), seen)
  story.post(bob, role(carol, 'owner'), seen)
  const roster = story.roster()
  t.equal(roleIn(roster, carol), 'member')
  t.equal(roleIn(roster, dave), 'member')
})

t.test('who may let in lowers nobody by adding them again from old heads', async (t) => {
  const { alice, bob, carol, dave, erin, zed, story } = gardeners([['invite', 'member']])
  const old = story.tips
  const link = story.invite(dave, { role: 'reader' })
  story.join(alice, [zed, 'owner'])
  story.post(dave, add(zed, 'reader'), old)
  story.admit(erin, zed, link, [link])
  t.equal(roleIn(story.roster(), zed), 'owner', 'added as one')
  story.post(alice, { kind: 'transfer', person: zed.person })
  story.post(dave, add(zed, 'reader'), old)
  t.equal(story.roster().root, zed.person, 'as the root owner')
  story.post(zed, role(bob, 'reader'))
  story.post(dave, add(bob), [story.create])
  t.equal(roleIn(story.roster(), bob), 'reader', 'and raises nobody above what was set')
  story.post(zed, role(carol, 'member'))
  story.post(zed, out(carol))
  story.join(zed, [carol, 'reader'])
  t.equal(roleIn(story.roster(), carol), 'reader', 'what was set before somebody came back is over')
})

t.test('of additions at one time the higher role holds', async (t) => {
  const { alice, bob, zed, story, seen } = gardeners()
  const one = story.post(alice, add(zed, 'admin'), seen)
  story.post(bob, add(zed, 'reader'), seen)
  story.post(zed, { kind: 'accept' }, [one])
  t.equal(roleIn(story.roster(), zed), 'admin')
})

t.test('who was invited, and comes by a link, has the role of the invitation', async (t) => {
  const { alice, carol, dave, zed, story } = gardeners()
  const link = story.invite(carol, { role: 'reader' })
  const added = story.post(alice, add(zed, 'admin'), [link])
  const answer = story.admit(dave, zed, link, [added])
  t.equal(roleIn(story.roster(), zed), 'admin')
  t.ok(story.roster().devices.has(zed.device.device))
  story.post(zed, { kind: 'leave', cutOffs: [] }, [answer])
  story.admit(dave, zed, link)
  t.equal(roleIn(story.roster(), zed), 'reader', 'and who comes back has that of the link')
})

t.test('what somebody joins, declines or leaves is their own, whatever their role becomes meanwhile', async (t) => {
  const { alice, bob, zed, dave, story } = gardeners()
  const added = story.post(alice, add(zed, 'admin'))
  story.post(bob, role(zed, 'reader'), [added])
  story.post(zed, { kind: 'accept' }, [added])
  story.post(alice, role(dave, 'reader'), [added])
  story.post(dave, { kind: 'leave', cutOffs: [] }, [added])
  t.equal(roleIn(story.roster(), zed), 'reader')
  t.equal(roleIn(story.roster(), dave), undefined)
})

t.test('the root owner is not removed or lowered, hands over, and may leave', async (t) => {
  const { alice, bob, story } = gardeners()
  story.post(bob, out(alice))
  story.post(bob, role(alice, 'reader'))
  story.post(alice, role(alice, 'reader'))
  story.post(bob, { kind: 'transfer', person: bob.person })
  t.equal(story.roster().root, alice.person)
  t.equal(roleIn(story.roster(), alice), 'owner')
  story.post(alice, { kind: 'transfer', person: bob.person })
  t.equal(story.roster().root, bob.person)
  story.post(alice, out(bob))
  t.equal(roleIn(story.roster(), bob), 'owner')
  story.post(bob, out(alice))
  t.equal(roleIn(story.roster(), alice), undefined, 'who handed over is an owner like others')
  story.post(bob, { kind: 'leave', cutOffs: [] })
  t.equal(story.roster().root, undefined)
})

t.test('a group whose last owner left goes on with what admins may do', async (t) => {
  const { alice, bob, carol, zed, story } = gardeners()
  story.post(alice, out(bob))
  story.post(alice, { kind: 'leave', cutOffs: [] })
  story.post(carol, say([['post', 'admin']]))
  story.post(carol, role(carol, 'owner'))
  story.post(carol, add(zed))
  const roster = story.roster()
  t.equal(roster.settings.post, 'member')
  t.equal(roleIn(roster, carol), 'admin')
  t.equal(roleIn(roster, zed), 'invited')
})

t.test('handed over to two at one time: one is the root owner, and both are owners', async (t) => {
  const { alice, carol, dave, erin, story, seen } = gardeners()
  const one = story.post(alice, { kind: 'transfer', person: carol.person }, seen)
  const two = story.post(alice, { kind: 'transfer', person: dave.person }, seen)
  const [winner, other] = one.id < two.id ? [carol, dave] : [dave, carol]
  t.equal(story.roster().root, winner.person)
  t.equal(roleIn(story.roster(), other), 'owner')
  story.post(other, { kind: 'transfer', person: erin.person }, [one.id < two.id ? two : one])
  t.equal(story.roster().root, winner.person, 'what the other hands on was never theirs')
})

t.test('a removal does not meet somebody who becomes the root owner meanwhile', async (t) => {
  const { alice, bob, carol, story, seen } = gardeners()
  story.post(bob, out(carol), seen)
  story.post(bob, role(carol, 'reader'), seen)
  story.post(alice, { kind: 'transfer', person: carol.person }, seen)
  t.equal(story.roster().root, carol.person)
  t.equal(roleIn(story.roster(), carol), 'owner')
})

t.test('a root owner who left and comes back as a member is one', async (t) => {
  const { alice, bob, story } = gardeners()
  story.post(alice, { kind: 'leave', cutOffs: [] })
  story.join(bob, [alice, 'member'])
  t.equal(story.roster().root, undefined)
  story.post(alice, { kind: 'transfer', person: bob.person })
  t.equal(story.roster().root, undefined)
  story.post(bob, out(alice))
  t.equal(roleIn(story.roster(), alice), undefined)
})
