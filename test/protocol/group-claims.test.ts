/** A member says in their own log that somebody else's device is theirs, which it never agreed to: in a group that gives no right over it. */

import t from 'tap'
import { fill } from './cast.ts'
import { end, entryIdAt, gardeners } from './group-cast.ts'

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
