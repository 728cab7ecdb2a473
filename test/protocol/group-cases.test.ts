/** The cases in which groups without a server go wrong, each in every order in which its operations can come. */

import fc from 'fast-check'
import t from 'tap'
import type { GroupRoster } from '../../protocol/group-roster.ts'
import { generationOf } from '../../protocol/ids.ts'
import type { Role } from '../../protocol/operation.ts'
import { fill } from './cast.ts'
import { add, end, entryIdAt, gardeners, out, role, roleIn, say, someone, type Gardeners } from './group-cast.ts'
import { historyOf, step } from './group-histories.ts'
import { inEveryOrder } from './group-orders.ts'

interface Case {
  readonly name: string
  /** What all have seen. */
  readonly before?: (at: Gardeners) => void
  /** What is done then; returns what has to be true in the end. */
  readonly race: (at: Gardeners) => (roster: GroupRoster) => unknown
  readonly wanted: unknown
}

const rolesOf =
  (at: Gardeners, ...names: readonly ('alice' | 'bob' | 'carol' | 'dave' | 'erin' | 'zed')[]) =>
  (roster: GroupRoster): (Role | 'invited' | undefined)[] =>
    names.map((name) => roleIn(roster, at[name]))

const cases: readonly Case[] = [
  {
    name: 'mutual removal: that of the longer-standing owner holds',
    before: ({ story, alice, carol }) => story.post(alice, role(carol, 'owner')),
    race: (at) => {
      const seen = at.story.tips
      const removal = at.story.post(at.carol, out(at.bob, end(at.bob, 1)), seen)
      at.story.post(at.bob, out(at.carol, end(at.carol, 2)), seen)
      at.story.post(at.carol, add(at.zed, 'owner'), [removal])
      at.story.post(at.bob, role(at.dave, 'admin'), seen)
      return rolesOf(at, 'bob', 'carol', 'dave', 'zed')
    },
    wanted: ['owner', undefined, 'admin', undefined],
  },
  {
    name: 'cyclic removal: the longest-standing owner stays, and the others are judged without whom they removed',
    before: ({ story, alice, carol, dave }) => {
      story.post(alice, role(carol, 'owner'))
      story.post(alice, role(dave, 'owner'))
    },
    race: (at) => {
      const seen = at.story.tips
      at.story.post(at.dave, out(at.bob), seen)
      at.story.post(at.carol, out(at.dave), seen)
      at.story.post(at.bob, out(at.carol), seen)
      at.story.post(at.carol, say([['name', 'Mine']]), seen)
      return (roster) => [...rolesOf(at, 'bob', 'carol', 'dave')(roster), roster.settings.name]
    },
    wanted: ['owner', undefined, 'owner', ''],
  },
  {
    name: 'two removals with different cut-offs: both hold, and what either let count counts',
    race: (at) => {
      const seen = at.story.tips
      at.story.post(at.alice, out(at.dave, end(at.dave, 1)), seen)
      const other = at.story.post(at.carol, out(at.dave, end(at.dave, 2)), seen)
      at.story.post(at.bob, { kind: 'cutOff', cutOffs: [end(at.dave, 3)] }, [other])
      at.story.mint(at.dave, 9, seen)
      const { device, generation } = end(at.dave)
      return (roster) => {
        const standing = roster.standingOf(device, generation)
        return [typeof standing === 'object' ? standing.upTo.toSorted() : standing, roster.devices.has(device)]
      }
    },
    wanted: [[1, 2, 3].map(entryIdAt).toSorted(), false],
  },
  {
    name: 'added again: what was cut off stays cut off, and a new generation begins',
    race: (at) => {
      const seen = at.story.tips
      const removal = at.story.post(at.alice, out(at.dave, end(at.dave, 1)), seen)
      const again = at.story.post(at.bob, add(at.dave), [removal])
      at.story.post(at.dave, { kind: 'accept' }, [again])
      at.story.post(at.dave, { kind: 'leave', cutOffs: [end(at.dave, 4)] }, seen)
      at.story.post(at.carol, role(at.dave, 'reader'), seen)
      const { device, generation } = end(at.dave)
      return (roster) => [
        roleIn(roster, at.dave),
        roster.standingOf(device, generation),
        roster.standingOf(device, generationOf(fill(44, 8))),
      ]
    },
    // He had left on one device while he was removed: the addition had not seen that, so he is out.
    wanted: [undefined, { upTo: [entryIdAt(1), entryIdAt(4)] }, 'none'],
  },
  {
    name: 'added again by two who had seen the removal',
    race: (at) => {
      const removal = at.story.post(at.alice, out(at.dave, end(at.dave, 1)))
      const one = at.story.post(at.bob, add(at.dave, 'admin'), [removal])
      at.story.post(at.carol, add(at.dave, 'reader'), [removal])
      at.story.post(at.dave, { kind: 'accept' }, [one])
      at.story.post(at.dave, say([['name', "Dave's"]]), [one])
      const { device, generation } = end(at.dave)
      return (roster) => [
        roleIn(roster, at.dave),
        roster.standingOf(device, generation),
        roster.standingOf(device, generationOf(fill(44, 8))),
      ]
    },
    wanted: ['admin', { upTo: [entryIdAt(1)] }, 'all'],
  },
  {
    name: 'demotion against promotion: the demotion holds, and voids what was done meanwhile',
    race: (at) => {
      const seen = at.story.tips
      at.story.post(at.alice, role(at.carol, 'member'), seen)
      const up = at.story.post(at.bob, role(at.carol, 'owner'), seen)
      at.story.post(at.carol, out(at.dave), [up])
      at.story.post(at.carol, add(at.zed), seen)
      at.story.post(at.alice, role(at.erin, 'member'), seen)
      return rolesOf(at, 'carol', 'dave', 'zed', 'erin')
    },
    wanted: ['member', 'member', undefined, 'member'],
  },
  {
    name: 'a removed admin acts from an old head: nothing of it counts, nor what others did upon it',
    race: (at) => {
      const seen = at.story.tips
      at.story.post(at.alice, out(at.carol), seen)
      const friend = at.story.post(at.carol, add(at.zed), seen)
      const accepted = at.story.post(at.zed, { kind: 'accept' }, [friend])
      at.story.post(at.zed, say([['name', 'Ours']]), [accepted])
      at.story.post(at.carol, out(at.dave), [friend])
      at.story.post(at.carol, { kind: 'accept' }, seen)
      return (roster) => [...rolesOf(at, 'carol', 'zed', 'dave')(roster), roster.settings.name]
    },
    wanted: [undefined, undefined, 'member', ''],
  },
  {
    name: 'ownership handed over on two devices at one time, while one heir is removed',
    race: (at) => {
      const seen = at.story.tips
      const one = at.story.post(at.alice, { kind: 'transfer', person: at.carol.person }, seen)
      const two = at.story.post(at.alice, { kind: 'transfer', person: at.dave.person }, seen)
      at.story.post(at.bob, out(at.carol), seen)
      at.story.post(at.bob, role(at.dave, 'reader'), seen)
      at.story.post(at.dave, { kind: 'transfer', person: at.erin.person }, [two])
      // What the other hands on was never theirs alone: the line goes on from the transfer with the lower id.
      const heir = one.id < two.id ? at.carol : at.erin
      return (roster) => [roster.root === heir.person, ...rolesOf(at, 'carol', 'dave', 'erin')(roster)]
    },
    wanted: [true, 'owner', 'owner', 'owner'],
  },
  {
    name: 'an invite with one use is used twice, and a third time by who was in',
    race: (at) => {
      const invite = at.story.invite(at.alice, { uses: 1 })
      const late = at.story.know(someone(9))
      at.story.admit(at.bob, at.zed, invite, [invite])
      at.story.admit(at.erin, late, invite, [invite])
      at.story.admit(at.carol, at.dave, invite, [invite])
      at.story.post(at.zed, say([['name', 'Mine']]), [invite])
      return (roster) => [
        [at.zed, late].filter((each) => roster.members.has(each.person)).length,
        roleIn(roster, at.dave),
        roster.invites.length,
      ]
    },
    wanted: [1, 'member', 0],
  },
  {
    name: 'removal of the last owner: by nobody, not even by themselves',
    before: ({ story, alice, bob }) => story.post(alice, out(bob)),
    race: (at) => {
      const seen = at.story.tips
      at.story.post(at.carol, out(at.alice), seen)
      at.story.post(at.carol, role(at.alice, 'reader'), seen)
      at.story.post(at.bob, out(at.alice), at.seen)
      at.story.post(at.alice, role(at.alice, 'reader'), seen)
      at.story.post(at.alice, out(at.alice), seen)
      at.story.post(at.carol, add(at.alice, 'reader'), [at.story.create])
      return (roster) => [roster.root === at.alice.person, ...rolesOf(at, 'alice', 'bob')(roster)]
    },
    wanted: [true, 'owner', undefined],
  },
  {
    name: 'the last owner leaves while somebody is to become one: nobody who had seen it is made one',
    before: ({ story, alice, bob }) => story.post(alice, out(bob)),
    race: (at) => {
      const seen = at.story.tips
      const left = at.story.post(at.alice, { kind: 'leave', cutOffs: [] }, seen)
      at.story.post(at.alice, role(at.carol, 'owner'), [left])
      at.story.post(at.carol, role(at.carol, 'owner'), [left])
      at.story.post(at.carol, say([['post', 'admin']]), [left])
      at.story.post(at.carol, add(at.zed), [left])
      return (roster) => [roster.root, ...rolesOf(at, 'alice', 'carol', 'zed')(roster), roster.settings.post]
    },
    wanted: [undefined, undefined, 'admin', 'invited', 'member'],
  },
]

for (const { name, before, race, wanted } of cases) {
  t.test(name, async (t) => {
    const at = gardeners()
    before?.(at)
    const from = at.story.operations.length
    const found = race(at)
    t.strictSame(found(at.story.roster()), wanted)
    const { disagreements, sets } = inEveryOrder(at.story, from)
    t.strictSame(disagreements, [])
    t.equal(sets, 2 ** (at.story.operations.length - from) - 1, 'whatever of it somebody holds')
  })
}

t.test('six operations of four devices that do not know of each other: one state in all 720 orders', async (t) => {
  const { alice, bob, carol, dave, erin, zed, story } = gardeners()
  story.post(alice, role(carol, 'owner'))
  const invite = story.invite(alice, { uses: 1 })
  const from = story.operations.length
  const seen = story.tips
  story.post(bob, out(carol, end(carol, 1)), seen)
  story.post(carol, out(bob, end(bob, 2)), seen)
  story.post(alice, { kind: 'transfer', person: carol.person }, seen)
  story.post(dave, { kind: 'leave', cutOffs: [] }, seen)
  story.admit(alice, zed, invite, seen)
  story.admit(erin, story.know(someone(9)), invite, seen)
  const { orders, sets, disagreements, final } = inEveryOrder(story, from)
  t.strictSame([orders, sets, disagreements], [720, 63, []])
  const roster = story.roster()
  t.equal(roster.root, carol.person)
  t.strictSame(roster.invites, [])
  t.equal(roster.members.size, 4, 'one of two by the invite')
  t.notOk(roster.members.has(bob.person))
  t.match(final, carol.person)
})

/** How many random histories are fed in every order, and which. */
const runs = Number(process.env['WARREN_GROUP_ORDERS'] ?? 2)
const seed = Number(process.env['WARREN_GROUP_SEED'] ?? 0)

t.test(
  'random operations of four devices and more, with any knowledge of each other: one state in every order',
  async (t) => {
    let most = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 12, maxLength: 30, size: 'max' }), (steps) => {
        const { story } = historyOf(steps)
        const from = Math.max(7, story.operations.length - 6)
        const { disagreements, orders } = inEveryOrder(story, from)
        most = Math.max(most, orders)
        t.strictSame(disagreements, [])
      }),
      { seed: 10 + 1000 * seed, numRuns: runs },
    )
    t.equal(most, 720)
  },
)

t.test('a state that depends on the order would be found', async (t) => {
  const { alice, dave, story } = gardeners()
  const from = story.operations.length
  story.post(alice, say([['name', 'One']]))
  story.post(dave, say([['name', 'Two']]))
  const honest = story.roster.bind(story)
  let made = 0
  // Each second roster knows less.
  story.roster = (operations) => honest((made += 1) % 2 === 0 ? operations : operations?.slice(0, 3))
  t.not(inEveryOrder(story, from).disagreements.length, 0)
})
