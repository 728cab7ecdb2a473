/** What shut somebody out is enough to know it, whatever they had held; and is nobody's who belongs. */

import fc from 'fast-check'
import t from 'tap'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import { add, everyone, gardeners, GroupStory, out, role, roleIn } from './group-cast.ts'
import { historyOf, pastOf, step } from './group-histories.ts'

const runs = Number(process.env['WARREN_GROUP_RUNS'] ?? 30)
const otherSeed = Number(process.env['WARREN_GROUP_SEED'] ?? 0)

t.test('who hears what shut them out, and held whatever, holds themselves to be out', async (t) => {
  let told = 0
  const steps = fc.array(step, { minLength: 10, maxLength: 40, size: 'max' })
  fc.assert(
    fc.property(steps, (given) => {
      const { story, people } = historyOf(given)
      const roster = story.roster()
      for (const { person, device, phone } of people) {
        const partings = new Set(roster.partings(person))
        if (roster.members.has(person)) {
          t.equal(partings.size, 0)
          continue
        }
        const named = story.operations.filter(({ id }) => partings.has(id))
        const heard = new Set([...named, ...named.flatMap((each) => pastOf(story, each))])
        const own = story.operations.filter(({ header }) =>
          [device, phone].some((each) => each.device === header.device),
        )
        const withPast = (each: LoggedOperation): LoggedOperation[] => [...pastOf(story, each), each]
        for (let length = 0; length <= story.operations.length; length += 3) {
          const held = new Set([...story.operations.slice(0, length), ...own.flatMap(withPast)])
          const before = story.roster([...held])
          if (!before.members.has(person)) continue
          told += 1
          t.notOk(story.roster([...new Set([...held, ...heard])]).members.has(person), `${person} with ${length}`)
        }
      }
    }),
    { seed: 1 + 1000 * otherSeed, numRuns: runs },
  )
  t.ok(told > runs, `${told} were told`)
})

t.test('who came by an invite that another had used up is told of the other', async (t) => {
  const { alice, bob, zed, carol } = everyone()
  const story = new GroupStory(alice, [bob, zed, carol]).join(alice, [bob, 'member'])
  const invite = story.invite(alice, { uses: 1 })
  const [one, two] = [story.admit(alice, carol, invite, [invite]), story.admit(bob, zed, invite, [invite])]
  const roster = story.roster()
  const [first, second] = roster.counts(one.id) ? [carol, zed] : [zed, carol]
  t.strictSame(roster.partings(first.person), [])
  t.strictSame(roster.partings(second.person), [roster.counts(one.id) ? one.id : two.id])
})

t.test('who was never brought in by anybody who could is told nothing', async (t) => {
  const { alice, erin, zed, dave, story, seen } = gardeners()
  story.post(erin, add(zed), seen)
  story.post(alice, out(erin), seen)
  t.strictSame(story.roster().partings(zed.person), [], 'a reader cannot add')
  const lowered = story.post(alice, role(dave, 'reader'))
  t.strictSame(story.roster().partings(dave.person), [], 'who was lowered belongs')
  t.equal(roleIn(story.roster(), dave), 'reader', lowered.id)
})
