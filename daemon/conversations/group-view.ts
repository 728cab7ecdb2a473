/** A group as its owner stands in it: what they are, what they may do, and to whom. */

import { isAtLeast, mayGive, mayRule, rankOf, rolesUpwards } from '../../protocol/group-rights.ts'
import type { GroupSettings } from '../../protocol/group-settings.ts'
import type { GroupRights, OwnStanding } from '../../protocol/http-groups.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import type { Role } from '../../protocol/operation.ts'
import type { Member } from '../../protocol/roster.ts'
import type { LiveGroup } from './live-group.ts'
import { isEnding } from './notices.ts'

export interface GroupView {
  readonly settings: GroupSettings
  readonly standing: OwnStanding
  /** The last one, of who belongs no more. */
  readonly role: Role
  readonly rights: GroupRights
  readonly joined: number
  /** Who added the owner, who has not answered. */
  readonly invitedBy: PersonId | undefined
}

/** What the owner may do to a member. */
export interface Sway {
  readonly remove: boolean
  readonly roles: Role[]
  readonly transfer: boolean
}

const noSway: Sway = { remove: false, roles: [], transfer: false }

export interface Own {
  readonly device: DeviceId
  readonly person: PersonId
  /** Whom this home belonged to before. */
  readonly former?: readonly PersonId[]
}

export function viewOf({ roster, notices }: LiveGroup, own: Own): GroupView {
  const member = roster.members.get(own.person)
  const { settings } = roster
  const standing = standingOf({ roster, notices }, own)
  const role = member?.role ?? 'reader'
  const acts = standing === 'joined'
  const may = (least: Role): boolean => acts && isAtLeast(role, least)
  const added = notices.findLast(({ happening }) => happening.is === 'added' && happening.whom === own.person)
  return {
    settings,
    standing,
    role,
    rights: {
      post: acts && roster.posters.has(own.device),
      invite: may(settings.invite),
      change: may(settings.change),
      govern: may('owner'),
      transfer: acts && roster.root === own.person,
      roles: may(settings.invite) ? rolesUpwards.filter((each) => mayGive(role, each)) : [],
    },
    joined: [...roster.members.values()].filter(({ state }) => state === 'joined').length,
    invitedBy: standing === 'invited' ? added?.by : undefined,
  }
}

function standingOf({ roster, notices }: Pick<LiveGroup, 'roster' | 'notices'>, own: Own): OwnStanding {
  const member = roster.members.get(own.person)
  if (member !== undefined) return roster.closed ? 'closed' : member.state
  const former = own.former ?? []
  // Of a group from before, the end of the person who was there.
  if (roster.closed && former.some((person) => roster.members.has(person))) return 'closed'
  const end = notices.findLast((each) => [own.person, ...former].some((person) => isEnding(each, person)))
  return end?.happening.is === 'removed' ? 'removed' : 'left'
}

/** What the owner may do to somebody, as every other device would judge it. */
export function swayOver({ roster }: LiveGroup, { person: own }: Own, other: Member): Sway {
  const member = roster.members.get(own)
  if (member?.state !== 'joined' || roster.closed) return noSway
  const { role } = member
  const isRoot = roster.root === other.person
  const others = rolesUpwards.filter((each) => each !== other.role)
  if (other.person === own)
    return { ...noSway, roles: isRoot ? [] : others.filter((each) => rankOf(each) < rankOf(role)) }
  const rules = !isRoot && mayRule(role, other.role)
  return {
    remove: rules,
    roles: rules ? others.filter((each) => mayGive(role, each)) : [],
    transfer: roster.root === own && other.state === 'joined',
  }
}
