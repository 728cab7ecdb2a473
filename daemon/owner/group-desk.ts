/** Groups as their owner acts in them: what was asked is read and checked here, and done by the conversations. */

import type { LinkDevice } from '../../protocol/contact-link.ts'
import { readCodePoints } from '../../protocol/codec.ts'
import { publicBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { avatarValue } from '../../protocol/group-settings.ts'
import { encodeGroupLink } from '../../protocol/group-link.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import type {
  GroupAnswer,
  GroupInvite,
  GroupMember,
  GroupPatch,
  MemberPatch,
  NewGroup,
  NewInvite,
  NewMember,
} from '../../protocol/http-groups.ts'
import {
  readConversationId,
  readEntryId,
  readPersonId,
  type ConversationId,
  type PersonId,
} from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Setting } from '../../protocol/operation.ts'
import type { ContactBook } from '../contacts/contact-book.ts'
import type { GroupActions } from '../conversations/group-actions.ts'
import type { OwnerGroups } from '../conversations/owner-groups.ts'
import type { FileDesk } from './file-desk.ts'
import type { GroupViews } from './group-views.ts'

export interface GroupDeskDeps {
  readonly self: { readonly person: PersonId }
  readonly conversations: OwnerGroups
  readonly groups: GroupActions
  readonly groupViews: GroupViews
  readonly book: ContactBook
  readonly files: Pick<FileDesk, 'picturing' | 'refer'>
  /** Devices of members to be named in a link, this one first. */
  readonly linkDevices: (group: ConversationId) => readonly LinkDevice[]
  readonly conversation: (id: string) => Conversation
  readonly now: () => number
  readonly random: (length: number) => Uint8Array
}

const weekSeconds = 7 * 24 * 3600

export class GroupDesk {
  readonly #deps: GroupDeskDeps

  constructor(deps: GroupDeskDeps) {
    this.#deps = deps
  }

  async create({ members, name, ...choices }: NewGroup): Promise<Conversation> {
    const persons = [...new Set(members)].map((each) => this.#contact(each))
    const id = await this.#deps.groups.create(settingsOf({ name, ...choices }), persons)
    return this.#deps.conversation(id)
  }

  async patch(id: string, { picture, ...patch }: GroupPatch): Promise<Conversation> {
    const conversation = readConversationId(id)
    const { rights } = this.#deps.conversations.group(conversation)
    const settings = settingsOf(patch)
    if (picture === null) settings.push(['avatar', avatarValue(undefined)])
    else if (picture !== undefined) {
      if (!rights.change) throw new WarrenError('NOT_ALLOWED', 'you may not change how this group looks')
      await this.#patchWithPicture(conversation, settings, picture)
      return this.#deps.conversation(id)
    }
    if (settings.length > 0) await this.#deps.groups.settings(conversation, settings)
    return this.#deps.conversation(id)
  }

  async #patchWithPicture(
    conversation: ConversationId,
    settings: ReturnType<typeof settingsOf>,
    blob: string,
  ): Promise<void> {
    const { files, groups } = this.#deps
    const picture = await files.picturing(conversation, blob)
    await files.refer(conversation, [picture], async () => {
      await groups.settings(conversation, [...settings, ['avatar', avatarValue({ picture })]])
      return { done: undefined, referred: [picture] }
    })
  }

  async answer(id: string, answer: GroupAnswer['answer']): Promise<Conversation> {
    const conversation = readConversationId(id)
    if (answer === 'accept') await this.#deps.groups.accept(conversation)
    else await this.#deps.groups.decline(conversation)
    return this.#deps.conversation(id)
  }

  async leave(id: string): Promise<void> {
    await this.#deps.groups.leave(readConversationId(id))
  }

  /** Nobody is told anything new by who leaves a group that is closed. */
  async leaveIfClosed(conversation: ConversationId): Promise<void> {
    const { conversations, groups } = this.#deps
    if (conversations.isGroup(conversation) && conversations.group(conversation).standing === 'closed')
      await groups.leave(conversation)
  }

  async close(id: string): Promise<void> {
    await this.#deps.groups.close(readConversationId(id))
  }

  memberIds(id: string): PersonId[] {
    return this.#deps.groupViews.memberIds(readConversationId(id))
  }

  members(id: string, only?: readonly string[]): GroupMember[] {
    return this.#deps.groupViews.members(
      readConversationId(id),
      only?.map((each) => readPersonId(each)),
    )
  }

  async add(id: string, { id: person, role = 'member' }: NewMember): Promise<GroupMember> {
    const conversation = readConversationId(id)
    const who = readPersonId(person)
    // Who belonged once need not be a contact: their log is here.
    const added = this.#deps.conversations.wasMember(conversation, who) ? who : this.#contact(person)
    await this.#deps.groups.add(conversation, added, role)
    return this.#member(conversation, added)
  }

  async change(id: string, person: string, { role, transfer }: MemberPatch): Promise<GroupMember> {
    const conversation = readConversationId(id)
    const who = readPersonId(person)
    if (transfer === true) await this.#deps.groups.transfer(conversation, who)
    if (role !== undefined) await this.#deps.groups.setRole(conversation, who, role)
    return this.#member(conversation, who)
  }

  async remove(id: string, person: string): Promise<void> {
    await this.#deps.groups.remove(readConversationId(id), readPersonId(person))
  }

  invites(id: string): GroupInvite[] {
    const conversation = readConversationId(id)
    const now = this.#deps.now()
    return this.#deps.conversations
      .invites(conversation)
      .filter(({ expiresAt }) => expiresAt === 0 || expiresAt > now)
      .map(({ id: invite, by, role, uses, used, expiresAt, secret }) => ({
        id: invite,
        ...(secret === undefined ? {} : { link: this.#link(conversation, { invite, secret, expiresAt }) }),
        by: this.#deps.groupViews.named(by),
        role,
        uses,
        used,
        expiresAt,
      }))
  }

  async invite(id: string, { role = 'member', uses = 1, seconds = weekSeconds }: NewInvite): Promise<GroupInvite> {
    const conversation = readConversationId(id)
    const { groups, random, now } = this.#deps
    const secret = random(32)
    const expiresAt = seconds === 0 ? 0 : now() + seconds * 1000
    const inviteKey = publicBytes(signingKeyFromSeed(secret))
    const made = await groups.invite(conversation, { inviteKey, role, uses, expiresAt, secret })
    const invite = this.invites(id).find((each) => each.id === made)
    if (invite === undefined) throw new WarrenError('NOT_FOUND', 'the invite was taken back')
    return invite
  }

  async revoke(id: string, invite: string): Promise<void> {
    await this.#deps.groups.revoke(readConversationId(id), readEntryId(invite))
  }

  #link(
    conversation: ConversationId,
    invite: {
      readonly invite: ReturnType<typeof readEntryId>
      readonly secret: Uint8Array
      readonly expiresAt: number
    },
  ): string {
    const name = this.#deps.groupViews.title(conversation)
    return encodeGroupLink({ conversation, name, devices: this.#deps.linkDevices(conversation), ...invite })
  }

  #member(conversation: ConversationId, person: PersonId): GroupMember {
    const member = this.#deps.groupViews.member(conversation, person)
    if (member === undefined) throw new WarrenError('NOT_FOUND', 'no such member')
    return member
  }

  /** Throws NOT_FOUND for who is no contact. */
  #contact(id: string): PersonId {
    const person = readPersonId(id)
    if (this.#deps.book.get(person)?.state !== 'accepted')
      throw new WarrenError('NOT_FOUND', 'that person is no contact')
    return person
  }
}

/** Throws BAD_SHAPE, TOO_LARGE. */
function settingsOf({ name, description, color, ...rules }: Partial<NewGroup>): Setting[] {
  if (name !== undefined && name.trim() === '') throw new WarrenError('BAD_SHAPE', 'a group needs a name')
  if (name !== undefined) readCodePoints(name, limits.nameCodePoints)
  if (description !== undefined) readCodePoints(description, limits.noteCodePoints)
  const said = {
    name,
    description,
    avatar: color,
    post: rules.post,
    invite: rules.invite,
    change: rules.change,
    history: rules.history,
  }
  return Object.entries(said).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const]))
}
