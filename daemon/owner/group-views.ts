/** How a group and its people look to the owner: names joined, shapes of the local API. */

import {
  fingerprint,
  idBytes,
  type ConversationId,
  type DeviceId,
  type PersonId,
  type Scope,
} from '../../protocol/ids.ts'
import { sha256 } from '../../protocol/crypto.ts'
import { rankOf } from '../../protocol/group-rights.ts'
import type { Group, GroupMember, GroupPicture, LeastRole, Notice, NoticePerson } from '../../protocol/http-groups.ts'
import type { Member } from '../../protocol/roster.ts'
import type { ContactBook } from '../contacts/contact-book.ts'
import type { GroupNotice } from '../conversations/notices.ts'
import type { OwnerGroups } from '../conversations/owner-groups.ts'
import type { Presence } from '../presence/presence.ts'
import { displayLine, displayLines } from './display-text.ts'
import { palette } from './profile.ts'
import type { FileDesk } from './file-desk.ts'
import type { Views } from './views.ts'

export interface GroupViewsDeps {
  readonly self: { readonly device: DeviceId; readonly person: PersonId }
  readonly conversations: OwnerGroups
  readonly book: ContactBook
  readonly presence: Presence
  readonly devicesOf: (person: PersonId) => ReadonlySet<DeviceId>
  readonly isLinked: (device: DeviceId) => boolean
  readonly files: Pick<FileDesk, 'groupPicture'>
  readonly names: Pick<Views, 'nameOf' | 'chosenName' | 'colorOf' | 'lookalikeOf' | 'isVerified'>
}

/** A person by the name that the owner calls them; by the beginning of their id where nothing is known. */
export class GroupViews {
  readonly #deps: GroupViewsDeps

  constructor(deps: GroupViewsDeps) {
    this.#deps = deps
  }

  title(id: Scope): string {
    return displayLine(this.#deps.conversations.group(id).settings.name)
  }

  group(id: Scope): Group {
    const { conversations, book } = this.#deps
    const { settings, standing, role, rights, joined, invitedBy: inviter } = conversations.group(id)
    // Whom the owner blocked invites them to nothing, also not back to where they were.
    const isRefused = inviter !== undefined && book.get(inviter)?.state === 'blocked'
    const invitedBy = isRefused ? undefined : inviter
    const unaware = conversations.unaware(id)
    const picture = this.#picture(id)
    return {
      description: displayLines(settings.description),
      color: settings.avatar !== undefined && 'color' in settings.avatar ? settings.avatar.color : colorOf(id),
      ...(picture === undefined ? {} : { picture }),
      standing: isRefused ? 'left' : standing,
      role,
      rights,
      members: joined,
      post: settings.post as LeastRole,
      invite: settings.invite as LeastRole,
      change: settings.change as LeastRole,
      history: settings.history,
      broadcast: settings.isBroadcast,
      ...(invitedBy === undefined
        ? {}
        : { invitedBy: { ...this.named(invitedBy), isContact: book.get(invitedBy)?.state === 'accepted' } }),
      ...(unaware.length === 0
        ? {}
        : { unaware: unaware.map(({ removed, devices }) => ({ removed: this.named(removed), devices })) }),
    }
  }

  #picture(id: Scope): GroupPicture | undefined {
    const picture = this.#deps.conversations.pictureOf(id)
    const isShown = picture !== undefined && this.#deps.files.groupPicture(id as ConversationId, picture)
    return isShown ? { id: picture.id } : undefined
  }

  /** Everybody, those with most rights first. */
  memberIds(id: Scope): PersonId[] {
    const members = this.#deps.conversations.members(id).map((each) => ({ each, name: this.#nameOf(each.person) }))
    const sorted = members.toSorted(
      (a, b) =>
        rankOf(b.each.role) - rankOf(a.each.role) ||
        a.name.localeCompare(b.name) ||
        (a.each.person < b.each.person ? -1 : 1),
    )
    return sorted.map(({ each }) => each.person)
  }

  /** As memberIds(), or `only` these as far as they belong or are invited. */
  members(id: Scope, only: readonly PersonId[] = this.memberIds(id)): GroupMember[] {
    return only.flatMap((person) => this.member(id, person) ?? [])
  }

  /** Undefined if nobody of that id belongs or is invited. */
  member(id: Scope, person: PersonId): GroupMember | undefined {
    const found = this.#deps.conversations.member(id, person)
    return found === undefined ? undefined : this.#member(id, found)
  }

  #member(id: Scope, member: Member): GroupMember {
    const { conversations, self, book, presence, devicesOf, isLinked, names } = this.#deps
    const { person, role, state } = member
    const record = book.get(person)
    const petname = displayLine(record?.petname ?? '')
    const devices = [...devicesOf(person)]
    const [first] = devices
    const isMine = person === self.person
    const lookalike = isMine ? undefined : names.lookalikeOf(person)
    return {
      id: person,
      name: displayLine(names.chosenName(person)),
      petname,
      role,
      state,
      ...(conversations.rootOf(id) === person ? { root: true } : {}),
      ...(isMine ? { mine: true } : {}),
      online: isMine || presence.isOnline(person),
      lastSeenAt: record?.lastSeenAt ?? 0,
      color: names.colorOf(person),
      fingerprint: first === undefined ? '' : fingerprint(first),
      verified: record !== undefined && names.isVerified(record),
      ...(record === undefined || record.hidden ? {} : { contact: record.state }),
      may: conversations.swayOver(id, member),
      devices: devices.map((device) => ({
        deviceId: device,
        fingerprint: fingerprint(device),
        online: device === self.device || isLinked(device),
      })),
      ...(lookalike === undefined ? {} : { lookalike }),
    }
  }

  notice({ by, happening }: GroupNotice): Notice {
    const author = this.#person(by)
    switch (happening.is) {
      case 'created':
      case 'closed':
      case 'accepted':
      case 'declined':
      case 'left':
        return { is: happening.is, by: author }
      case 'added':
      case 'removed':
      case 'transferred':
      case 'admitted':
        return { is: happening.is, by: author, whom: this.#person(happening.whom) }
      case 'role':
        return { is: 'role', by: author, whom: this.#person(happening.whom), role: happening.role }
      case 'named':
        return { is: 'named', by: author, name: displayLine(happening.name) }
      case 'settings':
        return { is: 'settings', by: author, changed: happening.changed.flatMap((name) => changedAs(name)) }
      case 'device-added':
      case 'device-removed':
        return { is: happening.is, by: author, fingerprint: fingerprint(happening.device) }
    }
    return happening satisfies never
  }

  named(person: PersonId): { id: string; name: string } {
    return { id: person, name: this.#nameOf(person) }
  }

  #person(person: PersonId): NoticePerson {
    return { ...this.named(person), ...(person === this.#deps.self.person ? { mine: true } : {}) }
  }

  #nameOf(person: PersonId): string {
    return this.#deps.names.nameOf(person)
  }
}

/** The colour of a group that has none. */
const colorOf = (id: Scope): string => palette[(sha256(idBytes(id))[0] ?? 0) % palette.length] ?? '#5c6370'

type Changed = Extract<Notice, { is: 'settings' }>['changed'][number]
const changeNames: Readonly<Record<string, Changed>> = {
  description: 'description',
  avatar: 'color',
  picture: 'picture',
  post: 'post',
  invite: 'invite',
  change: 'change',
  history: 'history',
}

const changedAs = (name: string): Changed[] => {
  const known = Object.hasOwn(changeNames, name) ? changeNames[name] : undefined
  return known === undefined ? [] : [known]
}
