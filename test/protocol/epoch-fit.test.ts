/** A writer uses no key that anybody else may have been given, however much those who belong are those for whom it was made. */

import t from 'tap'
import { kinds, lanes } from '../../protocol/entry.ts'
import { epochCommitment, epochIdFor } from '../../protocol/epoch.ts'
import type { GroupRoster } from '../../protocol/group-roster.ts'
import { directId, type EpochId } from '../../protocol/ids.ts'
import { loggedOperation, type LoggedOperation } from '../../protocol/logged-operation.ts'
import { encodeOperation } from '../../protocol/operation.ts'
import { areSame, fixedRoster, type RosterState } from '../../protocol/roster.ts'
import { actor, alice as alicesDevice, bob as bobsDevice, entryOf, fill, PersonLog } from './cast.ts'
import { add, gardeners, GroupStory, out, role, someone } from './group-cast.ts'

const phone = actor(31)

const epochsOf = ({ operations }: GroupStory): EpochId[] =>
  operations.flatMap(({ operation }) => (operation?.kind === 'epoch' ? [operation.epoch] : []))

/** For each epoch of a story whether it is for exactly the present devices, and whether it fits. */
const looks = (story: GroupStory, roster: GroupRoster): [isForThem: boolean, fits: boolean][] =>
  epochsOf(story).map((epoch) => {
    const recipients = roster.epochs.get(epoch)?.recipients ?? new Set()
    return [areSame(recipients, roster.devices), roster.fits(epoch)]
  })

t.test('of two persons: none that a device of theirs may have that is removed by now', async (t) => {
  const [alices, bobs] = [new PersonLog(alicesDevice, 1), new PersonLog(bobsDevice, 2)]
  const scope = directId(alices.person, bobs.person)
  const mint = (key: number): { epoch: EpochId; logged: LoggedOperation } => {
    const commitment = epochCommitment(fill(key))
    const epoch = epochIdFor(scope, [], commitment)
    const heads = [...alices.heads, ...bobs.heads]
    const payload = encodeOperation({ kind: 'epoch', heads, epoch, parents: [], commitment, parentKeys: [] })
    const place = { lane: lanes.roster, scope, kind: kinds.epoch, epoch: undefined, seq: 1, prev: undefined } as const
    return { epoch, logged: loggedOperation(entryOf(place, payload, alicesDevice).sealed, payload) }
  }
  const roster = (...minted: ReturnType<typeof mint>[]): RosterState =>
    fixedRoster([alices.person, bobs.person])(
      minted.map(({ logged }) => logged),
      new Map([alices, bobs].map((each) => [each.person, each.operations])),
    )
  const before = mint(1)
  const fits = (...minted: ReturnType<typeof mint>[]): boolean[] => {
    const state = roster(...minted)
    return [...state.epochs.keys()].map((each) => state.fits(each))
  }
  t.strictSame(fits(before), [true])
  alices.add(alicesDevice, phone)
  t.strictSame(fits(before), [false], 'the phone is to read what follows')
  const meanwhile = mint(2)
  alices.remove(alicesDevice, phone)
  const after = mint(3)
  const state = roster(before, meanwhile, after)
  t.strictSame(state.epochs.get(before.epoch)?.recipients, state.devices, 'it was for those who are left')
  t.strictSame(
    [before, meanwhile, after].map(({ epoch }) => state.fits(epoch)),
    [false, false, true],
  )
})

t.test('of a group: none that a device may have that came and went after it was made', async (t) => {
  const { alice, bob, story } = gardeners()
  story.mint(alice)
  t.strictSame(looks(story, story.roster()), [[true, true]])
  bob.log.add(bob.device, phone)
  story.post(bob, { kind: 'cutOff', cutOffs: [] })
  t.ok(story.roster().mayHaveKey(phone.device, epochsOf(story)[0] as EpochId), 'it reads what the person could')
  bob.log.remove(bob.device, phone)
  story.post(bob, { kind: 'cutOff', cutOffs: [] })
  t.strictSame(looks(story, story.roster()), [[true, false]])
  story.mint(alice)
  t.strictSame(looks(story, story.roster()), [
    [true, false],
    [true, true],
  ])
})

for (const end of ['leave', 'remove'] as const)
  t.test(`nor one that somebody may have been given before their ${end}, where all may read everything`, async (t) => {
    const { alice, zed, story } = gardeners([['history', 'everything']])
    story.mint(alice)
    story.join(alice, [zed, 'member'])
    const [epoch] = epochsOf(story)
    t.ok(epoch !== undefined && story.roster().mayHaveKey(zed.device.device, epoch))
    if (end === 'leave') story.post(zed, { kind: 'leave', cutOffs: [] })
    else story.post(alice, out(zed))
    t.strictSame(looks(story, story.roster()), [[true, false]])
    story.mint(alice)
    t.strictSame(looks(story, story.roster()).at(-1), [true, true])
  })

t.test('nor one of those who held a removal to be void that counts', async (t) => {
  const { alice, bob, carol, dave, story, seen } = gardeners()
  const raised = story.post(alice, role(carol, 'owner'), seen)
  const removal = story.post(bob, out(dave), [raised])
  story.mint(bob, 1, [removal])
  const lowering = story.post(carol, role(bob, 'reader'), [raised])
  const believed = story.roster(story.operations)
  const [epoch] = epochsOf(story)
  if (epoch === undefined) throw new Error('an epoch')
  t.ok(believed.mayHaveKey(dave.device.device, epoch), 'who knows no more than that gives the key')
  const stronger = story.post(alice, role(carol, 'member'), [raised])
  const roster = story.roster()
  t.strictSame(
    [removal, lowering, stronger].map(({ id }) => roster.counts(id)),
    [true, false, true],
  )
  t.notOk(roster.devices.has(dave.device.device))
  t.strictSame(looks(story, roster), [[true, false]])
  story.mint(alice)
  t.strictSame(looks(story, story.roster()).at(-1), [true, true])
})

t.test('nor one of somebody who seemed to have come first by an invite for one', async (t) => {
  const { alice, bob, story, zed } = gardeners()
  const other = someone(7)
  const late = new GroupStory(alice, [...story.people.slice(1), other])
  late.join(alice, [bob, 'owner'])
  const invite = late.invite(alice, { uses: 1 })
  const added = late.post(alice, add(other), [invite])
  const accepted = late.post(other, { kind: 'accept' }, [added])
  const second = late.admit(bob, zed, invite, [accepted])
  late.mint(bob, 1, [second])
  const [epoch] = epochsOf(late)
  if (epoch === undefined) throw new Error('an epoch')
  t.ok(late.roster().mayHaveKey(zed.device.device, epoch))
  const first = late.admit(alice, other, invite, [invite])
  const roster = late.roster()
  t.strictSame(
    [first, second].map(({ id }) => roster.counts(id)),
    [true, false],
  )
  t.strictSame(looks(late, roster), [[true, false]])
  late.mint(alice)
  t.strictSame(looks(late, late.roster()).at(-1), [true, true])
})

t.test(
  'what somebody does without any right makes no new key needed, and what all have seen does not either',
  async (t) => {
    const { alice, bob, carol, erin, zed, story } = gardeners()
    story.post(alice, role(carol, 'member'))
    story.join(alice, [zed, 'member'])
    story.mint(alice)
    const { tips } = story
    story.post(erin, out(bob), tips)
    story.post(bob, add(someone(8)), tips)
    t.strictSame(looks(story, story.roster()), [[true, true]])
  },
)
