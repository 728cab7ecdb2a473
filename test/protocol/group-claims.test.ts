/** What is only claimed. A member says in their own log that somebody else's device is theirs, which it never agreed to: in a group that gives no right over it. */

import t from 'tap'
import type { EpochId } from '../../protocol/ids.ts'
import { fill } from './cast.ts'
import { epochCommitment, epochIdFor } from '../../protocol/epoch.ts'
import { add, end, entryIdAt, everyone, gardeners, GroupStory } from './group-cast.ts'

t.test('who names the device of somebody else as their own ends no feed of it, whatever they say', async (t) => {
  for (const way of ['cutOff', 'leave'] as const) {
    const { bob, dave, story } = gardeners()
    const addition = dave.log.addition(bob.device)
    dave.log.post(dave.device, { ...addition, counterSignature: fill(7, 64) })
    const { generation } = end(bob)
    t.equal(story.roster().standingOf(bob.device.device, generation), 'all')
    story.postFrom(dave.device, { kind: way, cutOffs: [end(bob, 5)] })
    t.equal(story.roster().standingOf(bob.device.device, generation), 'all', way)
    t.notOk(
      story.roster().cutOffs.some(({ last }) => last === entryIdAt(5)),
      way,
    )
  }
})

t.test('a group that names somebody else as its founder is of nobody', async (t) => {
  const { alice, bob, zed } = everyone()
  const story = new GroupStory(zed, [alice, bob], [], alice)
  story.post(alice, add(bob))
  story.post(zed, add(bob))
  const roster = story.roster()
  t.notOk(roster.counts(story.create.id))
  t.strictSame([roster.members.size, roster.root], [0, undefined])
})

t.test('an epoch under an id that does not follow from what it says counts for nothing', async (t) => {
  const { alice, bob, story } = gardeners()
  const honest = story.mint(alice)
  const { epoch } = honest.operation as { epoch: EpochId }
  const commitment = epochCommitment(fill(9))
  const said = { kind: 'epoch', epoch, parents: [], commitment, parentKeys: [] } as const
  const forged = story.post(bob, said)
  const own = story.post(bob, { ...said, epoch: epochIdFor(story.scope, [], commitment) })
  const roster = story.roster()
  t.strictSame(
    [honest, forged, own].map(({ id }) => roster.counts(id)),
    [true, false, true],
  )
  t.equal(roster.epochs.get(epoch)?.mintedBy, alice.device.device)
})
