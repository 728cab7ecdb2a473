/** The rules that daemons use, against the same rules written out plainly. */

import fc from 'fast-check'
import t from 'tap'
import { historyOf, step } from './group-histories.ts'
import { GroupModel } from './group-model.ts'

const runs = Number(process.env['WARREN_GROUP_RUNS'] ?? 40)
const seed = Number(process.env['WARREN_GROUP_SEED'] ?? 0)
const steps = fc.array(step, { minLength: 10, maxLength: 40, size: 'max' })

t.test('what counts, who belongs with which role and who is the root owner: the same by either', async (t) => {
  let different = 0
  fc.assert(
    fc.property(steps, (given) => {
      const { story, people } = historyOf(given)
      const roster = story.roster()
      const model = new GroupModel(
        story.scope,
        story.operations,
        new Map(people.map(({ person, log }) => [person, log.operations])),
      )
      const counting = story.operations.map(({ id, operation }) => [operation?.kind, model.counts(id)])
      t.strictSame(
        story.operations.map(({ id, operation }) => [operation?.kind, roster.counts(id)]),
        counting,
      )
      if (counting.some(([, counts]) => counts === false)) different += 1
      for (const { person } of people) {
        const { state, role } = model.standingOf(person)
        t.strictSame(roster.members.get(person), state === 'none' ? undefined : { person, role, state })
      }
      t.equal(roster.root, model.root)
    }),
    { seed: 11 + 1000 * seed, numRuns: runs },
  )
  t.ok(different > runs / 2, 'in many of them something does not count')
})
