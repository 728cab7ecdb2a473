import fc from 'fast-check'
import t from 'tap'
import type { GroupRoster } from '../../protocol/group-roster.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import { isAtLeast, mayRule, rankOf } from '../../protocol/group-rights.ts'
import { GroupFences } from '../../protocol/group-fences.ts'
import { GroupJudge } from '../../protocol/group-judge.ts'
import { GroupLog } from '../../protocol/group-log.ts'
import { GroupRoster as Roster } from '../../protocol/group-roster.ts'
import { GroupSettling } from '../../protocol/group-settling.ts'
import { GroupStanding } from '../../protocol/group-standing.ts'
import { pictureOf } from './group-cast.ts'
import { bringIn, historyOf, pastOf, rosterBefore, step, type History } from './group-histories.ts'

const runs = Number(process.env['WARREN_GROUP_RUNS'] ?? 60)
/** Other histories than those of every day. */
const otherSeed = Number(process.env['WARREN_GROUP_SEED'] ?? 0)
const steps = fc.array(step, { minLength: 10, maxLength: 40, size: 'max' })
const check = (property: fc.IRawProperty<unknown>, seed: number): void =>
  fc.assert(property as fc.IProperty<unknown>, { seed: seed + 1000 * otherSeed, numRuns: runs })

const kindOf = ({ operation }: LoggedOperation): string => operation?.kind ?? ''

const personOf = ({ people }: History, { header }: LoggedOperation) =>
  people.find(({ device, phone }) => device.device === header.device || phone.device === header.device)

const nextOf = (numbers: Iterator<number, unknown>): number => {
  const { value } = numbers.next()
  return typeof value === 'number' ? value : 0
}

/** One by one, in an order that `keys` gives, each twice; persons' logs in two parts among them. */
function fed({ story, people }: History, keys: () => number): GroupRoster {
  const roster = new Roster(story.scope)
  type Deed = { readonly key: number; readonly deed: () => void }
  const deeds: Deed[] = [...story.operations, ...story.operations].map((each) => ({
    key: keys(),
    deed: () => roster.take([each]),
  }))
  for (const { person, log } of people) {
    const cut = keys() % (log.operations.length + 1)
    deeds.push({ key: keys(), deed: () => roster.learn(person, log.operations.slice(cut)) })
    deeds.push({ key: keys(), deed: () => roster.learn(person, log.operations) })
  }
  for (const { deed } of deeds.toSorted((a, b) => a.key - b.key)) deed()
  return roster
}

t.test('any order, piece by piece, with repeats: the same state', async (t) => {
  check(
    fc.property(steps, fc.infiniteStream(fc.nat(100_000)), (given, mix) => {
      const history = historyOf(given)
      const whole = pictureOf(history.story.roster())
      t.strictSame(pictureOf(fed(history, () => nextOf(mix))), whole)
      t.strictSame(pictureOf(history.story.roster(history.story.operations.toReversed())), whole)
    }),
    1,
  )
})

t.test('what is let go on the way, since too much waits, changes nothing in the end', async (t) => {
  let letGo = 0
  check(
    fc.property(steps, fc.infiniteStream(fc.nat(100_000)), (given, mix) => {
      const history = historyOf(given)
      const { story, people } = history
      // As large as operations may not be, so that little of it may wait.
      const large = story.operations.map((each) => ({ ...each, header: { ...each.header, payloadLength: 3_000_000 } }))
      const byId = new Map(large.map((each) => [each.id, each]))
      const roster = new Roster(story.scope)
      const give = (operations: readonly LoggedOperation[]): void => {
        for (let next = operations; ;) {
          letGo += roster.take(next).length
          next = roster.again().flatMap((id) => byId.get(id) ?? [])
          if (next.length === 0) return
        }
      }
      const order = large.map((each) => ({ each, key: nextOf(mix) })).toSorted((a, b) => a.key - b.key)
      const half = order.length / 2
      for (const { each } of order.slice(0, half)) give([each])
      for (const { person, log } of people) {
        roster.learn(person, log.operations)
        give([])
      }
      for (const { each } of order.slice(half)) give([each])
      t.strictSame(pictureOf(roster), pictureOf(story.roster()))
    }),
    10,
  )
  t.ok(letGo > runs, `${letGo} let go`)
})

t.test('as it was made, one after the other: the same as all at once, after each', async (t) => {
  check(
    fc.property(steps, (given) => {
      const { story } = historyOf(given)
      const growing = story.roster([])
      for (const [at, each] of story.operations.entries()) {
        growing.take([each])
        if (at % 5 !== 0 && at !== story.operations.length - 1) continue
        t.strictSame(pictureOf(growing), pictureOf(story.roster(story.operations.slice(0, at + 1))))
      }
    }),
    2,
  )
})

/** The ids of what counts, all judged at once, where every fence is asked, also one whose author could have no right to it. */
function countingByAllFences({ story }: History): Set<string> {
  const log = new GroupLog(story.scope)
  for (const { person, log: known } of story.people) log.people.learn(person, known.operations)
  const standing = new GroupStanding(log)
  const fences = new GroupFences(log, { mayCount: () => true })
  for (const each of story.operations) fences.place(log.place(each))
  new GroupSettling({ log, standing, judge: new GroupJudge(log, standing), fences }).settle()
  return new Set([...standing.counting].map((number) => log.at(number).id))
}

t.test('fences that are left out, because nothing gives a right to them, would have changed nothing', async (t) => {
  check(
    fc.property(steps, fc.infiniteStream(fc.nat(100_000)), (given, mix) => {
      const history = historyOf(given)
      const roster = fed(history, () => nextOf(mix))
      const counting = history.story.operations.map(({ id }) => id).filter((id) => roster.counts(id))
      t.strictSame(new Set(counting), countingByAllFences(history))
    }),
    8,
  )
})

t.test('a part and then the rest: the same state', async (t) => {
  check(
    fc.property(steps, fc.nat(1000), (given, cut) => {
      const { story } = historyOf(given)
      const head = story.operations[cut % story.operations.length]
      if (head === undefined) return
      const roster = story.roster([...pastOf(story, head), head])
      roster.take(story.operations)
      t.strictSame(pictureOf(roster), pictureOf(story.roster()))
    }),
    3,
  )
})

t.test('nothing counts that its author had no right to, by what they had seen', async (t) => {
  check(
    fc.property(steps, (given) => {
      const history = historyOf(given)
      const roster = history.story.roster()
      for (const each of history.story.operations.slice(1)) {
        if (!roster.counts(each.id)) continue
        // Whether it counts if nothing is known but what it had seen: then it rests on its right alone.
        const before = rosterBefore(history.story, each)
        before.take([each])
        const isAlone = before.counts(each.id)
        const author = personOf(history, each)
        const me = author && rosterBefore(history.story, each).members.get(author.person)
        // Somebody who was removed in what they saw may act only if that removal was void.
        if (me !== undefined) t.ok(isAlone || me.state === 'invited' || isVoided(history, roster, each), kindOf(each))
        else t.ok(isVoided(history, roster, each), kindOf(each))
      }
    }),
    4,
  )
})

/** Whether something that an operation had seen counted by that alone and does not count with all. */
function isVoided({ story }: History, roster: GroupRoster, operation: LoggedOperation): boolean {
  const before = rosterBefore(story, operation)
  return pastOf(story, operation).some(({ id }) => before.counts(id) !== roster.counts(id))
}

t.test('what a counting removal had not seen of its victim does not count', async (t) => {
  const own = ['accept', 'decline', 'leave', 'epoch']
  // Two of these may stand beside each other, where a circle was decided.
  const fences = ['remove', 'setRole', 'transfer', 'cutOff', 'revokeInvite']
  let removals = 0
  check(
    fc.property(steps, (given) => {
      const history = historyOf(given)
      const { story, people } = history
      const roster = story.roster()
      for (const removal of story.operations) {
        const { operation } = removal
        if (operation?.kind !== 'remove' || !roster.counts(removal.id)) continue
        removals += 1
        const victim = people.find(({ person }) => person === operation.person)
        const past = new Set(pastOf(story, removal).map(({ id }) => id))
        for (const each of story.operations) {
          if (personOf(history, each) !== victim || past.has(each.id) || !roster.counts(each.id)) continue
          if ([...own, ...fences].includes(kindOf(each))) continue
          const seen = new Set(pastOf(story, each).map(({ id }) => id))
          t.ok(seen.has(removal.id), `${kindOf(each)} of a removed person`)
        }
      }
    }),
    5,
  )
  t.ok(removals > 0, 'some removals count')
})

t.test(
  'there is a root owner until they leave, and whoever has a role has it from somebody who may give it',
  async (t) => {
    check(
      fc.property(steps, (given) => {
        const history = historyOf(given)
        const { story } = history
        const roster = story.roster()
        const hasLeft = story.operations.some(({ operation, id }) => operation?.kind === 'leave' && roster.counts(id))
        t.ok(hasLeft || (roster.root !== undefined && roster.members.get(roster.root)?.role === 'owner'))
        for (const each of story.operations) {
          const { operation } = each
          if (operation?.kind !== 'remove' || !roster.counts(each.id)) continue
          const before = rosterBefore(story, each)
          const author = personOf(history, each)
          const [me, them] = [author?.person, operation.person].map((who) => who && before.members.get(who))
          if (isVoided(history, roster, each) || !me || !them) continue
          t.ok(isAtLeast(me.role, 'admin') && mayRule(me.role, them.role))
          t.not(before.root, operation.person)
        }
      }),
      6,
    )
  },
)

t.test(
  'devices are those of members who joined, posters among them, and a fitting epoch is for exactly these',
  async (t) => {
    check(
      fc.property(steps, (given) => {
        const { story, people } = historyOf(given)
        const [alice] = people
        if (alice === undefined) return
        story.post(alice, { kind: 'cutOff', cutOffs: [] })
        const known = people.flatMap(({ log }) => log.operations)
        story.postFrom(alice.device, { kind: 'cutOff', cutOffs: [] }, story.tips, known)
        const minted = story.mint(alice, 200)
        const roster = story.roster()
        const joined = people.filter(({ person }) => roster.members.get(person)?.state === 'joined')
        const present = joined.flatMap(({ device, phone, log }) =>
          log.operations.some(({ operation }) => operation?.kind === 'removeDevice')
            ? [device.device]
            : [device.device, phone.device],
        )
        t.strictSame(roster.devices, new Set(present))
        t.ok([...roster.posters].every((each) => roster.devices.has(each)))
        const epoch = minted.operation?.kind === 'epoch' ? roster.epochs.get(minted.operation.epoch) : undefined
        // Alice may have left: then what she mints is none.
        if (roster.counts(minted.id)) t.strictSame(epoch?.recipients, roster.devices)
        for (const { epoch: id } of roster.epochs.values()) {
          for (const { device } of people) {
            if (roster.mayHaveKey(device.device, id)) t.ok(roster.devices.has(device.device))
          }
        }
      }),
      7,
    )
  },
)

t.test('whoever brings somebody in, from whatever old head, lowers nobody', async (t) => {
  let counted = 0
  check(
    fc.property(steps, fc.array(fc.tuple(step, fc.nat(1000)), { minLength: 8, maxLength: 8 }), (given, more) => {
      const history = historyOf(given)
      for (const [at, age] of more) {
        const before = history.story.roster()
        const [last] = bringIn(history, { ...at, blind: age % history.story.operations.length }, at.isPhone)
        const after = history.story.roster()
        if (last !== undefined && after.counts(last.id)) counted += 1
        // A root owner who had left, and whom an owner brings in as one, is the root owner again.
        if (before.root !== undefined) t.equal(after.root, before.root)
        for (const { person, role: had, state } of before.members.values()) {
          const now = after.members.get(person)
          if (now === undefined || rankOf(now.role) < rankOf(had)) t.fail(`${had} became ${now?.role}`)
          if (state === 'joined' && now?.state !== 'joined') t.fail('somebody is out')
        }
      }
    }),
    9,
  )
  t.ok(counted > runs / 4, `${counted} of them count`)
})
