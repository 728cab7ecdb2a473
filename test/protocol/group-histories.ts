/** Random histories of a group: several people who act apart, some of whom keep to no rule. */

import fc from 'fast-check'
import { causalPast } from '../../protocol/causality.ts'
import { rolesUpwards } from '../../protocol/group-rights.ts'
import type { GroupRoster } from '../../protocol/group-roster.ts'
import type { EntryId } from '../../protocol/ids.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import type { Role } from '../../protocol/operation.ts'
import { actor, type Actor } from './cast.ts'
import { add, end, GroupStory, out, role, say, someone, type Asked, type Someone } from './group-cast.ts'

export interface Step {
  readonly by: number
  readonly whom: number
  readonly what: (typeof deeds)[number]
  readonly given: Role
  /** How many of the newest operations the author has not seen. */
  readonly blind: number
  /** Whether the author acts with a second device. */
  readonly isPhone: boolean
}

const deeds = [
  'add',
  'add',
  'accept',
  'accept',
  'leave',
  'remove',
  'remove',
  'remove',
  'setRole',
  'setRole',
  'setRole',
  'setRole',
  'settings',
  'invite',
  'admit',
  'revoke',
  'cutOff',
  'epoch',
  'transfer',
  'close',
  'removeDevice',
] as const

export const step: fc.Arbitrary<Step> = fc.record({
  by: fc.nat(4),
  whom: fc.nat(4),
  what: fc.constantFrom(...deeds),
  given: fc.constantFrom(...rolesUpwards),
  blind: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(12)),
  isPhone: fc.integer({ min: 0, max: 3 }).map((number) => number === 0),
})

export interface Player extends Someone {
  readonly phone: Actor
}

const players = (): Player[] =>
  [1, 2, 3, 4, 5].map((byte) => {
    const who = someone(byte)
    const phone = actor(100 + byte)
    who.log.add(who.device, phone)
    return { ...who, phone }
  })

export interface History {
  readonly story: GroupStory
  readonly people: readonly Player[]
}

/** A group of the founder, two more owners and an admin, with one person outside, and what the steps do to it. */
export function historyOf(steps: readonly Step[]): History {
  const people = players()
  const [alice, bob, carol, dave, erin] = people
  if (!alice || !bob || !carol || !dave || !erin) throw new Error('five people')
  const story = new GroupStory(alice, [bob, carol, dave, erin])
  story.join(alice, [bob, 'owner'], [carol, 'owner'], [dave, 'admin'])
  for (const each of steps) takeStep(story, people, each)
  return { story, people }
}

/** The operations that one has seen who lacks the `blind` newest: a set that is whole, as everybody's is. */
function seenBy(story: GroupStory, blind: number): LoggedOperation[] {
  const known = story.operations.slice(0, Math.max(1, story.operations.length - blind))
  const named = new Set(
    known.flatMap(({ header, operation }) => [header.prev, ...(operation?.heads ?? []).map(({ id }) => id)]),
  )
  return known.filter(({ id }) => !named.has(id))
}

function takeStep(story: GroupStory, people: readonly Player[], { by, whom, what, given, blind, isPhone }: Step): void {
  const [author, other] = [people[by], people[whom]]
  if (author === undefined || other === undefined) return
  const device = isPhone ? author.phone : author.device
  const seen = seenBy(story, blind)
  // A phone that was removed knows its log as it was before.
  const known = [author, other].flatMap(({ log }) =>
    isPhone ? log.operations.filter(({ operation }) => operation?.kind !== 'removeDevice') : log.operations,
  )
  const post = (bare: Parameters<GroupStory['post']>[1]): unknown => story.postFrom(device, bare, seen, known)
  const invites = story.operations.filter(({ operation }) => operation?.kind === 'invite')
  const invite = invites[(by + whom) % Math.max(1, invites.length)]
  const ends = [end(other, by), end({ device: other.phone }, whom)]
  const done: Record<(typeof deeds)[number], () => unknown> = {
    add: () => post(add(other, given)),
    accept: () => post({ kind: 'accept' }),
    leave: () => isPhone && post({ kind: 'leave', cutOffs: [end(author, whom)] }),
    remove: () => post(out(other, ...ends)),
    setRole: () => post(role(other, given, ...ends)),
    settings: () =>
      post(
        say([
          [given === 'owner' ? 'post' : 'invite', given],
          ['name', `${by}${whom}`],
        ]),
      ),
    invite: () => story.invite(author, { uses: whom % 3, role: given }),
    admit: () => invite && story.admitAs(author, other, invite, askedBy(other, by + blind), seen),
    revoke: () => invite && post({ kind: 'revokeInvite', invite: invite.id }),
    cutOff: () => post({ kind: 'cutOff', cutOffs: [end({ device: other.phone }, by)] }),
    epoch: () => story.mint(author, by + 5 * whom, seen),
    transfer: () => post({ kind: 'transfer', person: other.person }),
    close: () => given === 'reader' && post({ kind: 'close' }),
    removeDevice: () => other.log.remove(other.device, other.phone),
  }
  done[what]()
}

/** Of five who ask two do so as they may; else long ago, before they may have left, or from a phone. */
function askedBy({ phone }: Player, number: number): Asked {
  const times = [undefined, undefined, 0, 1_800_000_000_020, undefined]
  const askedAt = times[number % times.length]
  return { ...(askedAt === undefined ? {} : { askedAt }), ...(number % times.length === 4 ? { from: phone } : {}) }
}

/** Somebody brings somebody in once more, having seen what they say they had: an add, or an admit if `isByLink`. */
export function bringIn(
  { story, people }: History,
  { by, whom, given, blind }: Step,
  isByLink: boolean,
): LoggedOperation[] {
  const [author, other] = [people[by], people[whom]]
  if (author === undefined || other === undefined) return []
  const invite = story.operations.find(({ operation }) => operation?.kind === 'invite' && operation.uses === 0)
  if (isByLink && invite === undefined) return []
  const seen = seenBy(story, blind)
  return [isByLink && invite ? story.admit(author, other, invite, seen) : story.post(author, add(other, given), seen)]
}

/** An operation's causes, all of them, without itself. */
export function pastOf(story: GroupStory, { id }: LoggedOperation): LoggedOperation[] {
  const byId = new Map<EntryId, LoggedOperation>(story.operations.map((each) => [each.id, each]))
  const past = causalPast(byId, [id])
  return story.operations.filter((each) => past.has(each.id) && each.id !== id)
}

/** What a roster of one's own says of the past of an operation, of itself alone. */
export const rosterBefore = (story: GroupStory, operation: LoggedOperation): GroupRoster =>
  story.roster(pastOf(story, operation))
