/** What a large group costs: counted, not timed. */

import fc from 'fast-check'
import t from 'tap'
import { CausalIndex } from '../../protocol/causal-index.ts'
import { circlesOf } from '../../protocol/circles.ts'
import type { GroupRoster } from '../../protocol/group-roster.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import { actor } from './cast.ts'
import { end, GroupStory, out, pictureOf, role, say, someone, type Someone } from './group-cast.ts'

interface Crowd {
  readonly story: GroupStory
  readonly founder: Someone
  readonly people: readonly Someone[]
}

/** A group of `count` persons and about `operations` operations, each on top of the one before. */
function crowdOf(count: number, operations: number): Crowd {
  const people = Array.from({ length: count }, (_, at) => someone(1000 + at))
  const [founder] = people
  if (founder === undefined) throw new Error('a founder')
  const story = new GroupStory(founder, people.slice(1))
  let top: LoggedOperation = story.create
  for (const who of people.slice(1)) {
    top = story.post(founder, { kind: 'add', person: who.person, role: 'member' }, [top])
    top = story.post(who, { kind: 'accept' }, [top])
  }
  for (let at = story.operations.length; at < operations; at += 1) {
    const author = people[at % count] ?? founder
    top = story.post(author, { kind: 'cutOff', cutOffs: [] }, [top])
  }
  return { story, founder, people }
}

const sortedText = (numbers: Iterable<number>): string => [...numbers].toSorted((a, b) => a - b).join()

/** What one more operation costs. */
function costOf(roster: GroupRoster, operation: LoggedOperation): { judged: number; looks: number; settled: number } {
  const before = roster.work
  roster.take([operation])
  const after = roster.work
  return {
    judged: after.judged - before.judged,
    looks: after.looks - before.looks,
    settled: after.settled - before.settled,
  }
}

t.test('one more operation in a group of 500 with 5,000 is judged alone, and looks at little', async (t) => {
  const { story, founder, people } = crowdOf(500, 5000)
  const roster = story.roster([])
  roster.take(story.operations)
  t.equal(roster.members.size, 500)
  t.equal(roster.devices.size, 500)
  t.strictSame([roster.work.judged, roster.work.settled], [story.operations.length, 0], 'each was judged once')
  t.ok(roster.work.looks < 40 * story.operations.length, `${roster.work.looks} looks`)
  const [, victim] = people
  if (victim === undefined) throw new Error('a victim')
  const bounds = [
    [story.post(founder, say([['name', 'Crowd']])), 50],
    [story.mint(founder), 50],
    [story.post(founder, out(victim, end(victim, 1))), 200],
    [story.mint(founder), 50],
  ] as const
  for (const [operation, most] of bounds) {
    const { judged, looks, settled } = costOf(roster, operation)
    t.strictSame([judged, settled], [1, 0], operation.operation?.kind ?? '')
    t.ok(looks <= most, `${operation.operation?.kind}: ${looks} looks`)
  }
  t.equal(roster.devices.size, 499)
  t.strictSame([...roster.epochs.values()].at(-1)?.recipients, roster.devices)
  t.strictSame(pictureOf(roster), pictureOf(story.roster()))
})

t.test('what a removed member floods the group with is judged once each, not all anew each time', async (t) => {
  const { story, founder, people } = crowdOf(20, 200)
  const [, victim] = people
  if (victim === undefined) throw new Error('a victim')
  const roster = story.roster()
  const seen = story.tips
  roster.take([story.post(founder, out(victim), seen)])
  const { settled } = roster.work
  for (let at = 0; at < 50; at += 1) roster.take([story.post(victim, say([['name', 'Mine']]), seen)])
  t.ok(roster.work.settled - settled <= 1, 'the first one meets the fence, the others find it')
  t.equal(roster.settings.name, '')
})

t.test('what somebody does without any right is judged alone, whatever it would void', async (t) => {
  const { story, founder, people } = crowdOf(20, 200)
  const [, reader, other] = people
  if (reader === undefined || other === undefined) throw new Error('two others')
  story.post(founder, role(reader, 'reader'))
  const invite = story.invite(founder, { uses: 1 })
  const seen = story.tips
  const [guest, late] = [story.know(someone(1999)), story.know(someone(1998))]
  story.admit(founder, guest, invite)
  for (let at = 0; at < 100; at += 1) story.post(founder, say([['name', `${at}`]]))
  const top = story.tips
  const roster = story.roster()
  const { heads: headsBefore, ...before } = pictureOf(roster) as { heads: string[] }
  // What the reader gives themselves, to rest more on it.
  const up = story.post(reader, role(reader, 'owner'), seen)
  const friend = story.post(reader, role(other, 'owner'), [up])
  const taken = story.post(reader, { kind: 'transfer', person: reader.person }, [friend])
  const ownInvite = story.invite(reader, { uses: 1 }, actor(2))
  roster.take([up, friend, taken, ownInvite])
  const deeds = [
    ...[seen, [up], [friend], [taken]].flatMap((heads) => [
      () => story.post(reader, out(founder, end(founder)), heads),
      () => story.post(reader, role(founder, 'reader'), heads),
      () => story.post(reader, { kind: 'transfer', person: other.person }, heads),
      () => story.post(reader, { kind: 'cutOff', cutOffs: [end(founder)] }, heads),
      () => story.post(reader, { kind: 'revokeInvite', invite: invite.id }, heads),
      () => story.admit(reader, other, invite, heads, actor(1)),
    ]),
    () => story.post(other, out(founder), [friend]),
    () => story.post(reader, { kind: 'revokeInvite', invite: ownInvite.id }, [ownInvite]),
    () => story.admit(reader, late, ownInvite, [ownInvite], actor(2)),
  ]
  for (const operation of [...deeds, ...deeds, ...deeds].map((deed) => deed())) {
    const { judged, looks, settled } = costOf(roster, operation)
    t.strictSame([judged, settled], [1, 0], operation.operation?.kind ?? '')
    t.ok(looks <= 40, `${operation.operation?.kind}: ${looks} looks`)
  }
  const honest = costOf(roster, story.post(founder, say([['name', '99']]), top))
  t.strictSame([honest.judged, honest.settled], [1, 0], 'what comes next meets none of it')
  const { heads, ...after } = pictureOf(roster) as { heads: string[] }
  t.strictSame(after, before, 'and nothing of it is true')
  t.ok(heads.length > headsBefore.length, 'though all of it is known')
})

t.test('two owners who flood a group with removals of each other are decided in a few rounds', async (t) => {
  const { story, founder, people } = crowdOf(6, 20)
  const [, one, two, three] = people
  if (one === undefined || two === undefined || three === undefined) throw new Error('three victims')
  for (const each of [one, two]) story.post(founder, role(each, 'owner'))
  const seen = story.tips
  const before = story.operations.length
  for (let at = 0; at < 400; at += 1) {
    story.post(one, out(at % 2 === 0 ? two : three), seen)
    story.post(two, out(at % 2 === 0 ? one : three), seen)
  }
  const roster = story.roster(story.operations.slice(0, before))
  const { judged, settled } = roster.work
  roster.take(story.operations)
  t.equal(roster.work.settled - settled, 1)
  t.ok(roster.work.judged - judged <= 8 * story.operations.length, `${roster.work.judged - judged} judged`)
  t.strictSame([roster.members.has(one.person), roster.members.has(two.person)], [true, false])
})

t.test('circlesOf() finds the circles that nothing outside reaches', async (t) => {
  const edges = fc.array(fc.tuple(fc.nat(9), fc.nat(9)), { maxLength: 25 })
  fc.assert(
    fc.property(edges, (list) => {
      const nodes = Array.from({ length: 10 }, (_, node) => node)
      const sources = new Map(nodes.map((node) => [node, list.filter(([, to]) => to === node).map(([from]) => from)]))
      // By hand: all that can reach a node, for each node.
      const reach = new Map(nodes.map((node) => [node, new Set([node])]))
      for (let round = 0; round < nodes.length; round += 1) {
        for (const [from, to] of list) for (const each of reach.get(from) ?? []) reach.get(to)?.add(each)
      }
      const isFirst = (node: number): boolean =>
        [...(reach.get(node) ?? [])].every((each) => reach.get(each)?.has(node) ?? false)
      const expected = new Set(nodes.filter(isFirst).map((node) => sortedText(reach.get(node) ?? [])))
      t.strictSame(new Set(circlesOf(sources).map(sortedText)), expected)
    }),
    { seed: 1, numRuns: 100 },
  )
})

t.test('CausalIndex knows exactly who has seen whom', async (t) => {
  const graph = fc.array(fc.array(fc.nat(4000), { maxLength: 4 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(graph, fc.nat(1100), (causes, before) => {
      const index = new CausalIndex()
      const pasts: Set<number>[] = []
      // Others first, so that the graph stands across the edge of a block.
      for (let at = 0; at < before; at += 1) index.add([])
      for (const [at, named] of causes.entries()) {
        const numbers = at === 0 ? [] : [...new Set(named.map((each) => each % at))]
        t.equal(index.add(numbers.map((each) => before + each)), before + at)
        pasts.push(new Set(numbers.flatMap((each) => [each, ...(pasts[each] ?? [])])))
      }
      for (const [later, past] of pasts.entries()) {
        t.equal(index.sizeOf(before + later), past.size)
        for (const earlier of pasts.keys()) {
          if (index.hasSeen(before + later, before + earlier) !== past.has(earlier)) t.fail(`${later} ${earlier}`)
        }
      }
    }),
    { seed: 1, numRuns: 40 },
  )
})
