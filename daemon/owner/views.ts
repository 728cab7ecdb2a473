/** How what the rooms know looks to the owner: names joined, shapes of the local API. */

import {
  fingerprint,
  selfId,
  type ConversationId,
  type DeviceId,
  type PersonId,
  type Scope,
} from '../../protocol/ids.ts'
import type { DeviceClass } from '../../protocol/device-record.ts'
import type { Contact, Lookalike, Peer } from '../../protocol/http-people.ts'
import type { Conversation, Fork as ForkView, Message, Reached, Waking } from '../../protocol/http-conversations.ts'
import type { Status } from '../../protocol/http.ts'
import type { Card } from '../../protocol/register.ts'
import { mutedFields } from '../../protocol/mute.ts'
import type { Bus } from '../bus.ts'
import type { Arriving } from './arriving.ts'
import type { ContactBook } from '../contacts/contact-book.ts'
import type { ContactRecord } from '../contacts/contact-record.ts'
import type { Standing } from '../contacts/safety.ts'
import type { Counts } from '../conversations/delivery.ts'
import type { Fork } from '../conversations/forks.ts'
import type { OwnerGroups } from '../conversations/owner-groups.ts'
import type { OwnerView } from '../conversations/owner-view.ts'
import type { Shown } from '../conversations/reader.ts'
import type { ScopeRecord } from '../conversations/rows.ts'
import type { Presence } from '../presence/presence.ts'
import type { Registers } from '../registers/registers.ts'
import { ContactViews } from './contact-views.ts'
import { displayLine } from './display-text.ts'
import type { FileDesk } from './file-desk.ts'
import { GroupViews } from './group-views.ts'
import { Lookalikes } from './lookalikes.ts'
import { newestCard } from './newest-card.ts'
import type { Seen } from './peer-list.ts'
import { defaultColor, type Profile } from './profile.ts'

export interface ViewsDeps {
  readonly self: { readonly device: DeviceId; readonly person: PersonId }
  readonly book: ContactBook
  readonly registers: Registers
  readonly presence: Presence
  readonly conversations: OwnerView
  readonly ownGroups: OwnerGroups
  readonly profile: Profile
  readonly arriving: Pick<Arriving, 'of'>
  readonly files: Pick<FileDesk, 'shown' | 'groupPicture'>
  readonly bus: Bus
  readonly asksAgain: (record: ContactRecord) => boolean
  /** See Moves.stands(). */
  readonly moveStands: (record: ContactRecord) => boolean
  readonly standing: (record: ContactRecord) => Standing
  readonly devicesOf: (person: PersonId) => ReadonlySet<DeviceId>
  readonly isLinked: (device: DeviceId) => boolean
  /** Devices of others that sleep and are being woken for what is in a conversation. */
  readonly waking: (scope: Scope) => readonly DeviceId[]
  /** What a device of somebody's is, by its own word. */
  readonly classOf: (person: PersonId, device: DeviceId) => DeviceClass | undefined
  readonly personOf: (device: DeviceId) => PersonId | undefined
  /** They gave this device the right to wake one of theirs. */
  readonly isWakeable: (person: PersonId) => boolean
  /** Epoch milliseconds. */
  readonly now: () => number
}

export class Views {
  readonly #deps: ViewsDeps
  readonly #lookalikes: Lookalikes
  readonly #contacts: ContactViews
  readonly groups: GroupViews

  constructor(deps: ViewsDeps) {
    this.#deps = deps
    const { self, book, bus } = deps
    const chosenName = (person: PersonId): string => this.chosenName(person)
    this.groups = new GroupViews({ ...deps, conversations: deps.ownGroups, names: this })
    this.#lookalikes = new Lookalikes({ self, book, bus, standing: deps.standing, chosenName })
    this.#contacts = new ContactViews({
      ...deps,
      groups: this.groups,
      lookalikes: this.#lookalikes,
      card: (person) => this.#card(person),
      nameOf: (person) => this.nameOf(person),
    })
  }

  /** The newest card among a person's devices. */
  #card(person: PersonId): Card | undefined {
    const { registers, devicesOf } = this.#deps
    return newestCard(registers, person, devicesOf(person))
  }

  /** What the owner calls a person: petname, else their own name; may be empty. */
  nameOf(person: PersonId): string {
    if (person === this.#deps.self.person) return this.#deps.profile.data.name
    const record = this.#deps.book.get(person)
    const petname = displayLine(record?.petname ?? '')
    return petname === '' ? this.chosenName(person) : petname
  }

  /** The name that a person gave to themselves; may be empty. */
  chosenName(person: PersonId): string {
    const { self, profile, book } = this.#deps
    if (person === self.person) return profile.data.name
    return displayLine(this.#card(person)?.name ?? book.get(person)?.name ?? '')
  }

  /** The colour that a person chose, or else is shown in. */
  colorOf(person: PersonId): string {
    const { self, profile } = this.#deps
    return person === self.person ? profile.data.color : (this.#card(person)?.color ?? defaultColor(person))
  }

  /** Whom the owner may take a person for, who is no contact perhaps. */
  lookalikeOf(person: PersonId): Lookalike | undefined {
    const petname = displayLine(this.#deps.book.get(person)?.petname ?? '')
    const name = petname || this.chosenName(person)
    return this.#lookalikes.of({ person, name, isNamed: petname !== '', addresses: [] })
  }

  isOnline(person: PersonId): boolean {
    return this.#deps.presence.isOnline(person)
  }

  isVerified(record: ContactRecord): boolean {
    return this.#deps.standing(record) === 'verified'
  }

  contact(record: ContactRecord): Contact {
    return this.#contacts.contact(record)
  }

  conversation(record: ScopeRecord): Conversation {
    const last = this.#deps.conversations.last(record.scope)
    const forks = this.#deps.conversations.forks(record.scope)
    const arriving = this.#deps.arriving.of(record.scope)
    const waking = this.#waking(record.scope)
    const isDirect = record.kind === 'direct'
    return {
      id: record.scope,
      kind: record.kind === 'person' ? 'self' : record.kind,
      title: isDirect ? this.nameOf(record.person) : record.kind === 'group' ? this.groups.title(record.scope) : '',
      ...(isDirect ? { contactId: record.person } : {}),
      unread: record.unread,
      readUpTo: record.readUpTo,
      ...this.#mutedFields(record),
      draft: record.draft,
      ...(last === undefined ? {} : { last: this.message(record.scope as ConversationId, last) }),
      ...(record.kind === 'group' ? { group: this.groups.group(record.scope) } : {}),
      ...(forks.length === 0 ? {} : { forks: forks.map((fork) => this.#fork(fork)) }),
      ...(this.#deps.conversations.isFormer(record.scope) ? { former: true } : {}),
      ...(arriving === undefined ? {} : { arriving }),
      ...(waking.length === 0 ? {} : { waking }),
    }
  }

  #waking(scope: Scope): Waking[] {
    const { waking, personOf, classOf } = this.#deps
    const phones = new Map<PersonId, boolean>()
    for (const device of waking(scope)) {
      const person = personOf(device)
      if (person === undefined) continue
      phones.set(person, (phones.get(person) ?? true) && classOf(person, device) === 'phone')
    }
    return [...phones].map(([person, phone]) => ({ id: person, name: this.nameOf(person), phone }))
  }

  #mutedFields({ mutedUntil }: { readonly mutedUntil: number }): ReturnType<typeof mutedFields> {
    return mutedFields(mutedUntil, this.#deps.now())
  }

  #fork({ from, ...fork }: Fork): ForkView {
    return { ...fork, from: { id: from, name: this.nameOf(from) } }
  }

  /** Undefined for what the owner does not want to see: in a group, what somebody writes whom they blocked. */
  shown(conversation: ConversationId, shown: Shown): Message | undefined {
    const isBlocked = shown.notice === undefined && this.#deps.book.get(shown.from)?.state === 'blocked'
    const isGroup = isBlocked && this.#deps.conversations.record(conversation).kind === 'group'
    return isGroup ? undefined : this.message(conversation, shown)
  }

  message(conversation: ConversationId, shown: Shown): Message {
    const { id, mine, text, files, at, order, feed, seq, state, counts } = shown
    return {
      id,
      conversation,
      from: { id: shown.from, name: this.nameOf(shown.from) },
      mine,
      text,
      ...(files.length === 0 ? {} : { attachments: files.map((each) => this.#deps.files.shown(conversation, each)) }),
      at,
      order,
      feed,
      seq,
      state,
      ...(counts === undefined || this.#isSelf(conversation) ? {} : { reached: reachedOf(counts) }),
      ...(mine && shown.clientId !== '' ? { clientId: shown.clientId } : {}),
      ...(shown.clockWrong ? { clockWrong: true } : {}),
      ...(shown.newer ? { newer: true } : {}),
      ...(shown.unreadable ? { unreadable: true } : {}),
      ...(shown.outside ? { outside: true } : {}),
      ...(this.#isHidden(conversation, shown) ? { fromBlocked: true } : {}),
      ...(shown.notice === undefined ? {} : { notice: this.groups.notice(shown.notice) }),
    }
  }

  #isSelf(conversation: ConversationId): boolean {
    return conversation === selfId(this.#deps.self.person)
  }

  /** In a direct conversation nothing of theirs comes, and what they said before stays. */
  #isHidden(conversation: ConversationId, { from, notice }: Shown): boolean {
    const { book, conversations } = this.#deps
    if (notice !== undefined || book.get(from)?.state !== 'blocked') return false
    return conversations.has(conversation) && conversations.record(conversation).kind === 'group'
  }

  link(device: DeviceId, address: string, person: PersonId | undefined): Status['links'][number] {
    return { deviceId: device, personId: person ?? '', name: person === undefined ? '' : this.nameOf(person), address }
  }

  peer(seen: Seen): Peer {
    const { person, addresses } = seen
    const known = this.nameOf(person)
    const name = known === '' ? displayLine(seen.name) : known
    const record = this.#deps.book.get(person)
    const isNamed = (record?.petname ?? '') !== ''
    const lookalike =
      person === this.#deps.self.person
        ? undefined
        : this.#lookalikes.of({ person, name, isNamed, addresses: byHand(seen) })
    return {
      deviceId: seen.device,
      personId: seen.person,
      fingerprint: fingerprint(seen.device),
      name,
      source: record?.state === 'accepted' ? 'contact' : seen.source,
      addresses: [...addresses],
      linked: this.#deps.isLinked(seen.device),
      ...(lookalike === undefined ? {} : { lookalike }),
    }
  }
}

const reachedOf = ({ held, devices, delivered, read, persons }: Counts): Reached => ({
  held,
  devices,
  delivered,
  read,
  persons,
})

/** The addresses at which the owner looked for a device. */
export const byHand = ({ source, addresses }: Seen): readonly string[] =>
  source === 'manual' || source === 'tailnet' ? addresses : []
