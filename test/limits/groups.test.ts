/** Limits of groups: what waits for something that is not here, members, open invites. */

import t from 'tap'
import { hasRoomFor } from '../../daemon/conversations/branches.ts'
import type { ScopeState } from '../../daemon/conversations/scope-state.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import type { Role } from '../../protocol/operation.ts'
import { actor } from '../protocol/cast.ts'
import {
  add,
  entryIdAt,
  gardeners,
  GroupStory,
  pictureOf,
  roleIn,
  say,
  someone,
  type Gardeners,
  type Someone,
} from '../protocol/group-cast.ts'
import { boundary } from './boundary.ts'

/** An operation that waits for something invented, and costs 64 KiB. */
function waiting({ story }: Gardeners, by: Pick<Someone, 'device'>): LoggedOperation {
  const invented = { ...story.create, id: entryIdAt(99) }
  const logged = story.postFrom(by.device, say([['name', 'Never']]), [invented])
  return { ...logged, header: { ...logged.header, payloadLength: 65_536 - 512 } }
}

const many = (count: number, of: () => LoggedOperation): LoggedOperation[] => Array.from({ length: count }, of)
const personShare = limits.groupPersonWaitingBytes / 65_536

t.test('what waits of one person is bounded, and takes nothing from others', async (t) => {
  const at = gardeners()
  const { alice, bob, story } = at
  const roster = story.roster()
  const laptop = actor(60)
  bob.log.add(bob.device, laptop)
  roster.learn(bob.person, bob.log.operations)
  const isTaken = (operation: LoggedOperation): boolean => roster.take([operation]).length === 0
  roster.take(many(personShare - 1, () => waiting(at, bob)))
  await boundary(
    t,
    'groupPersonWaitingBytes',
    () => isTaken(waiting(at, { device: laptop })),
    () => isTaken(waiting(at, bob)),
    'no',
  )
  t.notOk(isTaken(waiting(at, { device: laptop })), "all of a person's devices together")
  t.ok(isTaken(waiting(at, alice)), 'others have a share of their own')
  const strangers = Array.from({ length: personShare + 3 }, (_, one) => waiting(at, { device: actor(70 + (one % 9)) }))
  const gone = roster.take(strangers)
  t.strictSame(gone, strangers.slice(-3).toReversed(), 'devices that are nobody share one; the newest are let go')
})

t.test('what waits in a group is bounded: the person with most loses it', async (t) => {
  const at = gardeners()
  const { alice, bob, carol, dave, erin, story } = at
  const roster = story.roster()
  const shares = [bob, carol, dave].map((each) => many(personShare, () => waiting(at, each)))
  for (const share of shares) t.strictSame(roster.take(share), [])
  const left = limits.groupWaitingBytes / 65_536 - shares.flat().length
  roster.take(many(left - 1, () => waiting(at, alice)))
  const flooded = roster.missing.length
  await boundary(
    t,
    'groupWaitingBytes',
    () => roster.take([waiting(at, alice)]).length === 0,
    () => roster.take([waiting(at, erin)]).length === 0,
    'no',
  )
  t.equal(roster.missing.length, flooded)
  t.strictSame(roster.take([waiting(at, erin)]), [], 'and there is room again')
})

t.test('what was let go counts once it is given again, and everybody comes to the same', async (t) => {
  const at = gardeners()
  const { alice, bob, story } = at
  const roster = story.roster()
  const seen = story.tips
  roster.take(many(personShare, () => waiting(at, bob)))
  const first = story.post(alice, say([['name', 'First']]), seen)
  const second = story.post(bob, say([['name', 'Second']]), [first])
  t.strictSame(roster.take([second]), [second])
  t.strictSame(roster.again(), [])
  t.strictSame(roster.take([first]), [])
  t.equal(roster.settings.name, 'First')
  t.strictSame([roster.again(), roster.again()], [[second.id], []], 'told once')
  t.strictSame(roster.take([second]), [])
  t.equal(roster.settings.name, 'Second')
  t.strictSame(pictureOf(roster), pictureOf(story.roster()))
})

t.test('how many operations of a device are kept does not depend on what others forked', async (t) => {
  const [alice, mallory] = [actor(1).device, actor(2).device]
  const branches = new Map()
  const held = new Map([[alice, limits.groupOperations - 2]])
  const scope = {
    branches,
    feedsOf: (device: DeviceId) => [{ staged: { ranges: [[1, held.get(device) ?? 1]] } }],
  } as unknown as ScopeState
  const forks = (device: DeviceId, count: number): void => {
    for (let at = 0; at < count; at += 1) branches.set(`${device}/${at}`, { feed: { device } })
  }
  forks(mallory, limits.groupOperations)
  t.strictSame([hasRoomFor(scope, alice, 0), hasRoomFor(scope, mallory, 0)], [true, false])
  await boundary(
    t,
    'groupOperations',
    () => {
      forks(alice, 1)
      return hasRoomFor(scope, alice, 0)
    },
    () => {
      forks(alice, 2)
      return hasRoomFor(scope, alice, 0)
    },
    'no',
  )
})

t.test('a group with so many members and invited takes nobody in, until somebody has left', async (t) => {
  const people = Array.from({ length: limits.groupMembers + 2 }, (_, at) => someone(300 + at))
  const [founder, first] = people
  if (founder === undefined || first === undefined) throw new Error('people')
  const story = new GroupStory(founder, people.slice(1))
  const link = story.invite(founder)
  let top = link
  for (const each of people.slice(1, -3)) top = story.post(founder, add(each), [top])
  const [last, next, other] = people.slice(-3)
  if (last === undefined || next === undefined || other === undefined) throw new Error('three more')
  const roster = story.roster()
  const isIn = (who: Someone, operation: LoggedOperation): boolean => {
    roster.take([operation])
    top = operation
    return roleIn(roster, who) !== undefined
  }
  await boundary(
    t,
    'groupMembers',
    () => isIn(last, story.post(founder, add(last), [top])),
    () => isIn(next, story.post(founder, add(next), [top])),
    'no',
  )
  t.equal(roster.members.size, limits.groupMembers)
  t.notOk(isIn(other, story.admit(founder, other, link, [top])), 'nor by a link')
  t.ok(isIn(first, story.admit(founder, first, link, [top])), 'who is invited has a place')
  const left = story.post(first, { kind: 'leave', cutOffs: [] }, [top])
  roster.take([left])
  t.ok(isIn(next, story.post(founder, add(next), [left])), 'one has left')
  t.strictSame(pictureOf(roster), pictureOf(story.roster()))
})

/** What becomes of somebody who is let in so long after they asked. */
const letIn = (agoMs: number): Role | 'invited' | undefined => {
  const { alice, zed, story } = gardeners()
  const invite = story.invite(alice)
  story.admitAs(alice, zed, invite, { askedAt: story.newestMs + 1 - agoMs })
  return roleIn(story.roster(), zed)
}

t.test('somebody may be let in for so long after they asked', async (t) => {
  await boundary(
    t,
    'joinConsentMs',
    () => letIn(limits.joinConsentMs) === 'member',
    () => letIn(limits.joinConsentMs + 1) === 'member',
    'no',
  )
})

t.test(
  'a person has so many open invites in a group; those that are over, and those of others, are no load',
  async (t) => {
    const { alice, bob, zed, story } = gardeners()
    const roster = story.roster()
    const isOpen = (changes = {}, by = alice): boolean => {
      const invite = story.invite(by, changes)
      roster.take(story.operations)
      return roster.invites.some(({ id }) => id === invite.id)
    }
    for (let at = 1; at < limits.groupPersonInvites; at += 1) isOpen({ uses: 1 })
    await boundary(t, 'groupPersonInvites', isOpen, isOpen, 'no')
    t.ok(isOpen({}, bob))
    const [one, two] = story.operations.filter(({ operation }) => operation?.kind === 'invite')
    if (one === undefined || two === undefined) throw new Error('two invites')
    story.post(alice, { kind: 'revokeInvite', invite: one.id })
    t.strictSame([isOpen(), isOpen()], [true, false], 'one was taken back')
    story.admit(bob, zed, two)
    t.strictSame(
      [isOpen({ expiresAt: 1 }), isOpen(), isOpen()],
      [true, true, false],
      'one is used up; one is over at once',
    )
    t.strictSame(pictureOf(roster), pictureOf(story.roster()))
  },
)
