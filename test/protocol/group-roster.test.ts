import t from 'tap'
import { GroupRoster } from '../../protocol/group-roster.ts'
import { limits } from '../../protocol/limits.ts'
import { boundary } from '../limits/boundary.ts'
import { actor, conversation } from './cast.ts'
import {
  add,
  end,
  entryIdAt,
  everyone,
  gardeners,
  pictureOf,
  GroupStory,
  out,
  roleIn,
  say,
  someone,
  type Asked,
  type Someone,
} from './group-cast.ts'

/** Whether Erin, a reader, may let Zed in by an invite of Alice's. */
function admitted(changes: object, key = actor(250)): boolean {
  const { alice, erin, zed, story } = gardeners()
  story.admit(erin, zed, story.invite(alice, changes), undefined, key)
  return roleIn(story.roster(), zed) === 'member'
}

t.test('an invite lets in by its key alone, until it expires, is used up or taken back', async (t) => {
  const { alice, erin, zed, story } = gardeners()
  t.ok(admitted({}))
  t.notOk(admitted({}, actor(251)), 'another key')
  t.notOk(admitted({ expiresAt: 1000 }), 'expired')
  const taken = story.invite(alice)
  story.post(alice, { kind: 'revokeInvite', invite: taken.id })
  story.admit(erin, zed, taken)
  t.equal(roleIn(story.roster(), zed), undefined, 'taken back')
  const other = story.invite(alice)
  const { operation } = story.admit(alice, zed, taken)
  if (operation?.kind === 'admit') story.post(erin, { ...operation, invite: other.id })
  t.equal(roleIn(story.roster(), zed), undefined, 'a proof is for one invite')
})

t.test('nobody is let in who did not ask: for this, from a device of theirs, and since they last went', async (t) => {
  const { alice, erin, zed, story } = gardeners()
  const [invite, other] = [story.invite(alice), story.invite(alice)]
  const phone = actor(66)
  zed.log.add(zed.device, phone)
  const asked = { askedAt: story.newestMs }
  const lies: readonly (readonly [string, Asked])[] = [
    ['signed by who lets them in', { ...asked, signer: erin.device }],
    ['from the device of who lets them in', { ...asked, from: erin.device }],
    ['for another group', { ...asked, changes: { group: conversation } }],
    ['for another invite', { ...asked, changes: { invite: other.id } }],
    ['as another person', { ...asked, changes: { person: erin.person } }],
  ]
  for (const [what, lie] of lies) {
    const { id } = story.admitAs(erin, zed, invite, lie)
    t.notOk(story.roster().counts(id), what)
  }
  zed.log.remove(zed.device, phone)
  const removed = story.admitAs(erin, zed, invite, { from: phone })
  t.notOk(story.roster().counts(removed.id), 'by a device that was removed')
  const { operation } = story.admitAs(erin, zed, invite, asked)
  t.equal(roleIn(story.roster(), zed), 'member')
  story.post(zed, { kind: 'leave', cutOffs: [] })
  if (operation?.kind === 'admit') story.post(erin, operation)
  t.equal(roleIn(story.roster(), zed), undefined, 'once more by the same word')
  story.admit(erin, zed, invite)
  t.equal(roleIn(story.roster(), zed), 'member', 'who asks anew comes back')
})

t.test('an admission that has not seen the log of whom it lets in has seen no device of theirs', async (t) => {
  const { alice, zed, story } = gardeners()
  const invite = story.invite(alice)
  const { id, operation } = story.admit(alice, zed, invite, [invite])
  if (operation?.kind !== 'admit') throw new Error('an admission')
  const unseen = story.postFrom(alice.device, operation, [invite], alice.log.operations)
  const roster = story.roster()
  t.strictSame([roster.counts(id), roster.counts(unseen.id)], [true, false])
})

t.test('an invite with one use lets in one, also where two come at one time', async (t) => {
  const people = everyone()
  const { alice, bob, carol, dave } = people
  const story = new GroupStory(alice, [bob, carol, dave]).join(alice, [bob, 'member'])
  const invite = story.invite(alice, { uses: 1 })
  const one = story.admit(alice, carol, invite, [invite])
  const two = story.admit(bob, dave, invite, [invite])
  const roster = story.roster()
  t.strictSame(new Set([roster.counts(one.id), roster.counts(two.id)]), new Set([false, true]))
  t.strictSame(roster.invites, [])
  const late = story.know(someone(9))
  story.admit(alice, late, invite)
  t.notOk(story.roster().members.has(late.person))
})

t.test(
  'an invite that was taken back lets in nobody whom the taker had not seen, whichever is heard first',
  async (t) => {
    const { alice, erin, zed, story } = gardeners()
    const invite = story.invite(alice)
    const before = story.operations.slice()
    const revoked = story.post(alice, { kind: 'revokeInvite', invite: invite.id }, [invite])
    const late = story.admit(erin, zed, invite, [invite])
    const named = story.post(zed, say([['name', 'Mine']]), [late])
    for (const order of [
      [revoked, late, named],
      [late, named, revoked],
    ]) {
      const roster = story.roster(before)
      for (const each of order) roster.take([each])
      t.equal(roleIn(roster, zed), undefined)
      t.equal(roster.settings.name, '')
    }
  },
)

t.test('an epoch is for the devices that its author had seen belong, and its key for those alone', async (t) => {
  const { alice, bob, dave, zed, story } = gardeners()
  story.mint(alice, 1)
  story.post(alice, out(dave))
  story.mint(bob, 2)
  story.post(alice, add(zed))
  story.mint(bob, 3)
  story.post(zed, { kind: 'accept' })
  story.mint(alice, 4)
  const roster = story.roster()
  const epochs = story.operations.flatMap(({ operation }) => (operation?.kind === 'epoch' ? [operation.epoch] : []))
  const has = (who: Someone) => epochs.map((each) => roster.epochs.get(each)?.recipients.has(who.device.device))
  const may = (who: Someone) => epochs.map((each) => roster.mayHaveKey(who.device.device, each))
  t.strictSame(has(dave), [true, false, false, false])
  t.strictSame(has(zed), [false, false, false, true], 'who was only added gets keys after they accept')
  t.strictSame(may(dave), [false, false, false, false], 'nobody gives keys to somebody outside')
  t.strictSame(may(zed), [false, false, false, true], 'from joining')
  t.strictSame(may(alice), [true, true, true, true])
  t.strictSame([...roster.epochs.values()].at(-1)?.recipients, roster.devices)
  story.post(alice, say([['history', 'everything']]))
  const open = story.roster()
  t.ok(epochs.every((each) => open.mayHaveKey(zed.device.device, each)))
  t.notOk(epochs.some((each) => open.mayHaveKey(dave.device.device, each)))
})

t.test('an epoch of somebody who was removed meanwhile stays readable, and fits nobody any more', async (t) => {
  const { alice, carol, story, seen } = gardeners()
  story.mint(carol, 1, seen)
  story.post(alice, out(carol), seen)
  const [epoch] = story.roster().epochs.values()
  t.ok(epoch?.recipients.has(carol.device.device))
  t.notOk(story.roster().devices.has(carol.device.device))
})

t.test(
  'a new device of a member takes part once its person log is here, and reads what the person could',
  async (t) => {
    const { alice, bob, story } = gardeners()
    story.mint(alice, 1)
    const phone = actor(31)
    bob.log.add(bob.device, phone)
    story.postFrom(phone, { kind: 'cutOff', cutOffs: [] })
    story.mint(alice, 2)
    const roster = story.roster()
    t.ok(roster.posters.has(phone.device))
    const epochs = [...roster.epochs.keys()]
    t.ok(epochs.every((each) => roster.mayHaveKey(phone.device, each)))
    t.strictSame(
      [...roster.epochs.values()].map(({ recipients }) => recipients.has(phone.device)),
      [false, true],
    )
  },
)

t.test(
  'a removed device of a person: another of theirs, or an admin, says where it ends, and voids what it does',
  async (t) => {
    for (const closer of ['bob', 'carol', 'dave'] as const) {
      const at = gardeners()
      const { bob, erin, zed, story } = at
      const phone = actor(31)
      bob.log.add(bob.device, phone)
      story.postFrom(phone, { kind: 'cutOff', cutOffs: [] })
      const seen = story.tips
      const known = bob.log.operations.slice()
      bob.log.remove(bob.device, phone)
      const ends = end({ device: phone }, 5)
      t.equal(story.roster().standingOf(phone.device, ends.generation), 'all', 'nobody has said where it ends')
      const fence = story.postFrom(at[closer].device, { kind: 'cutOff', cutOffs: [ends] }, seen, [
        ...at[closer].log.operations,
        ...bob.log.operations,
      ])
      for (const each of [out(erin), add(zed, 'owner'), { kind: 'leave', cutOffs: [] } as const]) {
        story.postFrom(phone, each, seen, known)
      }
      // What it does is heard after its end, or before.
      const late = [...story.operations.filter(({ id }) => id !== fence.id), fence]
      for (const roster of [story.roster(), story.roster(late)]) {
        t.notOk(roster.devices.has(phone.device))
        t.equal(roster.counts(fence.id), closer !== 'dave', closer)
        t.equal(roleIn(roster, erin), closer === 'dave' ? undefined : 'reader', closer)
        t.equal(roleIn(roster, bob), closer === 'dave' ? undefined : 'owner', closer)
        if (closer !== 'dave') t.strictSame(roster.standingOf(phone.device, ends.generation), { upTo: [entryIdAt(5)] })
      }
    }
  },
)

t.test('a stranger and a device that its own heads exclude do nothing', async (t) => {
  const { alice, zed, bob, story } = gardeners()
  const phone = actor(31)
  bob.log.add(bob.device, phone)
  bob.log.remove(bob.device, phone)
  story.postFrom(phone, say([['name', 'Mine']]))
  story.postFrom(actor(77), say([['name', 'Mine']]))
  story.post(zed, say([['name', 'Mine']]))
  t.equal(story.roster().settings.name, '')
  t.ok(story.roster().members.has(alice.person))
})

t.test('in a closed group one may leave, and nothing else', async (t) => {
  const { alice, dave, zed, story } = gardeners()
  story.post(alice, { kind: 'close' })
  story.post(alice, add(zed))
  story.post(alice, say([['name', 'Open']]))
  story.post(dave, { kind: 'leave', cutOffs: [] })
  const roster = story.roster()
  t.equal(roleIn(roster, zed), undefined)
  t.equal(roleIn(roster, dave), undefined)
  t.equal(roster.settings.name, '')
  t.equal(roster.standingOf(alice.device.device, end(alice).generation), 'all', 'what was said stays')
})

t.test('an operation waits for what it names, and the roster says what that is', async (t) => {
  const { alice, bob, story } = gardeners()
  const late = story.post(alice, say([['name', 'Late']]))
  const gap = story.operations.at(-2)
  const roster = story.roster(story.operations.filter((each) => each !== gap))
  t.equal(roster.settings.name, '')
  t.strictSame(roster.missing, [{ scope: story.scope, id: gap?.id }])
  roster.take(gap === undefined ? [] : [gap])
  t.equal(roster.settings.name, 'Late')
  t.strictSame([roster.missing, roster.heads], [[], [{ scope: story.scope, id: late.id }]])
  const phone = actor(31)
  bob.log.add(bob.device, phone)
  const fromPhone = story.postFrom(phone, say([['name', 'From my phone']]))
  roster.take([fromPhone])
  t.equal(roster.missing[0]?.scope, bob.person)
  roster.learn(bob.person, bob.log.operations)
  t.equal(roster.settings.name, 'From my phone')
})

t.test('a person log that comes with its beginning last is judged as if it had come in order', async (t) => {
  const { alice, zed, story } = gardeners()
  const phone = actor(31)
  const added = zed.log.add(zed.device, phone)
  story.postFrom(alice.device, add(zed), story.tips, [])
  const accepted = story.postFrom(phone, { kind: 'accept' }, story.tips, [added])
  const roster = new GroupRoster(story.scope)
  for (const { person, log } of story.people) {
    roster.learn(person, person === zed.person ? [added] : log.operations)
  }
  roster.take(story.operations)
  t.strictSame([roster.missing, roster.counts(accepted.id)], [[], false])
  roster.learn(zed.person, zed.log.operations)
  t.ok(roster.counts(accepted.id))
  t.strictSame(pictureOf(roster), pictureOf(story.roster()))
})

t.test('what a new operation has to name: heads of the group, and of logs that nobody named yet', async (t) => {
  const { alice, bob, story } = gardeners()
  t.strictSame(story.roster().news, story.roster().heads)
  const added = bob.log.add(bob.device, actor(31))
  t.strictSame(story.roster().news, [...story.roster().heads, { scope: bob.person, id: added.id }])
  story.post(bob, { kind: 'cutOff', cutOffs: [] })
  t.strictSame(story.roster().news, story.roster().heads)
  t.equal(story.roster().root, alice.person)
})

t.test('a device has as many operations as it may, and others go on', async (t) => {
  const { alice, bob, story } = gardeners()
  const roster = story.roster()
  let [top] = story.tips
  const post = (by: Someone, name: string): boolean => {
    top = story.post(by, say([['name', name]]), top === undefined ? [] : [top])
    roster.take(story.operations.slice(-1))
    return roster.settings.name === name
  }
  // The last that is allowed has seen all others of its device.
  const fill = (): void => {
    const own = story.operations.filter(({ header }) => header.device === bob.device.device).length
    for (let left = limits.groupOperations - own - 1; left > 0; left -= 1) {
      top = story.post(bob, { kind: 'cutOff', cutOffs: [] }, top === undefined ? [] : [top])
    }
    roster.take(story.operations)
  }
  fill()
  await boundary(
    t,
    'groupOperations',
    () => post(bob, `number ${limits.groupOperations}`),
    () => post(bob, 'one more'),
    'no',
  )
  t.ok(post(alice, 'Gardeners'))
})
