/** Groups of an owner in memory: who belongs and who may what is only as true as pages and shells need. */

import type { Groups } from '../../daemon/api/group-owner.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import type {
  Group,
  GroupAnswer,
  GroupInvite,
  GroupMember,
  GroupPatch,
  GroupRights,
  GroupRole,
  MemberPatch,
  NewGroup,
  NewInvite,
  NewMember,
  Notice,
  NoticePerson,
} from '../../protocol/http-groups.ts'
import type { Contact, Me } from '../../protocol/http-people.ts'
import { conversationIdOf, entryIdOf, fingerprint, type ConversationId } from '../../protocol/ids.ts'
import { bytesOf, deviceOf, find, personOf } from './fake-ids.ts'

/** What the owner in memory lends. */
export interface FakeGroupsDeps {
  me(): Me
  contact(id: string): Contact
  conversation(id: string): Conversation
  /** Puts and publishes. */
  put(conversation: Conversation): void
  notice(id: string, notice: Notice): void
}

interface Kept {
  members: GroupMember[]
  invites: GroupInvite[]
}

const upwards: readonly GroupRole[] = ['reader', 'member', 'admin', 'owner']
const isAtLeast = (role: GroupRole, least: GroupRole): boolean => upwards.indexOf(role) >= upwards.indexOf(least)

export class FakeGroups implements Groups {
  readonly #deps: FakeGroupsDeps
  readonly #groups = new Map<string, Kept>()

  constructor(deps: FakeGroupsDeps) {
    this.#deps = deps
  }

  async create({ kind, name, members, ...choices }: NewGroup): Promise<Conversation> {
    if (name.trim() === '') throw new WarrenError('BAD_SHAPE', 'a group needs a name')
    const mine: GroupMember = { ...this.#member(this.#deps.me(), 'owner'), state: 'joined', root: true, mine: true }
    const added = members.map((each) => this.#member(this.#deps.contact(each), 'member'))
    const id = conversationIdOf(bytesOf(`group ${name} ${this.#groups.size}`))
    this.#groups.set(id, { members: [mine, ...added], invites: [] })
    const rules = { post: 'member', invite: 'admin', change: 'admin', history: 'joining' } as const
    const about = { description: '', color: '#3366cc', ...rules, ...choices }
    const group: Group = {
      ...about,
      standing: 'joined',
      role: 'owner',
      rights: noRights,
      members: 1,
      broadcast: about.post !== 'member',
    }
    const plain = { unread: 0, readUpTo: '', muted: false, draft: '' }
    this.#put({ id, kind, title: name, ...plain, group })
    this.#deps.notice(id, { is: 'created', by: this.#me() })
    for (const { id: whom, name: called } of added)
      this.#deps.notice(id, { is: 'added', by: this.#me(), whom: { id: whom, name: called } })
    return this.#deps.conversation(id)
  }

  /** Somebody else adds the owner to a group of theirs. */
  async invited(by: string, name: string): Promise<ConversationId> {
    const { id } = await this.create({ kind: 'group', name, members: [] })
    const kept = this.#kept(id)
    const founder = this.#member({ id: personOf(by), name: by }, 'owner')
    const mine: GroupMember = { ...this.#member(this.#deps.me(), 'member'), mine: true }
    kept.members = [{ ...founder, state: 'joined', root: true }, mine]
    const invitedBy = { id: personOf(by), name: by, isContact: false }
    this.#change(id, { standing: 'invited', role: 'member', invitedBy })
    return id as ConversationId
  }

  async patch(id: string, { name, picture, ...change }: GroupPatch): Promise<Conversation> {
    const { rights } = this.#group(id)
    const isRule = ['post', 'invite', 'change', 'history'].some((each) => each in change)
    if (!(isRule ? rights.govern : rights.change)) throw notAllowed()
    if (name !== undefined) {
      this.#put({ ...this.#deps.conversation(id), title: name })
      this.#deps.notice(id, { is: 'named', by: this.#me(), name })
    }
    const changed = Object.keys(change) as Extract<Notice, { is: 'settings' }>['changed']
    if (changed.length > 0) this.#deps.notice(id, { is: 'settings', by: this.#me(), changed })
    if (picture !== undefined && picture !== null) this.#change(id, { picture: { id: picture } })
    const { post } = { ...this.#group(id), ...change }
    this.#change(id, { ...change, broadcast: post !== 'member' })
    return this.#deps.conversation(id)
  }

  async answer(id: string, answer: GroupAnswer['answer']): Promise<Conversation> {
    if (this.#group(id).standing !== 'invited') throw new WarrenError('CONFLICT', 'nobody added you')
    const kept = this.#kept(id)
    const isIn = answer === 'accept'
    kept.members = kept.members.flatMap((each) =>
      each.mine === true ? (isIn ? [{ ...each, state: 'joined' as const }] : []) : [each],
    )
    this.#change(id, { standing: isIn ? 'joined' : 'left' })
    this.#deps.notice(id, { is: isIn ? 'accepted' : 'declined', by: this.#me() })
    return this.#deps.conversation(id)
  }

  async leave(id: string): Promise<void> {
    if (this.#mine(id).root === true) throw new WarrenError('NOT_ALLOWED', 'hand the group over first')
    const kept = this.#kept(id)
    kept.members = kept.members.filter(({ mine }) => mine !== true)
    this.#change(id, { standing: 'left' })
    this.#deps.notice(id, { is: 'left', by: this.#me() })
  }

  async close(id: string): Promise<void> {
    if (!this.#group(id).rights.govern) throw notAllowed()
    this.#change(id, { standing: 'closed' })
    this.#deps.notice(id, { is: 'closed', by: this.#me() })
  }

  /** A member of some group. */
  known(person: string): GroupMember | undefined {
    return [...this.#groups.values()].flatMap(({ members }) => members).find(({ id }) => id === person)
  }

  memberIds(id: string): string[] {
    return this.members(id).map((each) => each.id)
  }

  members(id: string, only?: readonly string[]): GroupMember[] {
    const { rights } = this.#group(id)
    return this.#kept(id)
      .members.toSorted((a, b) => upwards.indexOf(b.role) - upwards.indexOf(a.role))
      .map((each) => {
        const isRuled = rights.govern && each.mine !== true && each.root !== true
        const roles = isRuled ? upwards.filter((role) => role !== each.role) : []
        const transfer = rights.transfer && each.mine !== true && each.state === 'joined'
        return { ...each, may: { remove: isRuled, roles, transfer } }
      })
      .filter((each) => only?.includes(each.id) ?? true)
  }

  async add(id: string, { id: person, role = 'member' }: NewMember): Promise<GroupMember> {
    if (!this.#group(id).rights.invite) throw notAllowed()
    const contact = this.#deps.contact(person)
    const kept = this.#kept(id)
    if (kept.members.some((each) => each.id === person)) throw new WarrenError('CONFLICT', 'they belong already')
    kept.members.push(this.#member(contact, role))
    this.#deps.notice(id, { is: 'added', by: this.#me(), whom: { id: person, name: contact.name } })
    this.#change(id, {})
    return this.#one(id, person)
  }

  /** Who was added, or let in by a link, has joined. */
  joins(id: string, name: string): void {
    const kept = this.#kept(id)
    const known = kept.members.find((each) => each.id === personOf(name))
    const member = known ?? this.#member({ id: personOf(name), name }, 'member')
    kept.members = [...kept.members.filter((each) => each !== known), { ...member, state: 'joined' }]
    this.#deps.notice(id, { is: 'accepted', by: { id: member.id, name } })
    this.#change(id, {})
  }

  async change(id: string, person: string, { role, transfer }: MemberPatch): Promise<GroupMember> {
    const { may, name } = this.#one(id, person)
    if (role === undefined ? !may.transfer : !may.roles.includes(role)) throw notAllowed()
    const kept = this.#kept(id)
    kept.members = kept.members.map(({ root, ...each }) => {
      const isRoot = transfer === true ? each.id === person : root === true
      const changed = each.id === person ? { role: role ?? 'owner' } : {}
      return { ...each, ...(isRoot ? { root: true } : {}), ...changed }
    })
    const whom = { id: person, name }
    const by = this.#me()
    this.#deps.notice(id, role === undefined ? { is: 'transferred', by, whom } : { is: 'role', by, whom, role })
    this.#change(id, {})
    return this.#one(id, person)
  }

  async remove(id: string, person: string): Promise<void> {
    const { may, name } = this.#one(id, person)
    if (!may.remove) throw notAllowed()
    const kept = this.#kept(id)
    kept.members = kept.members.filter((each) => each.id !== person)
    this.#deps.notice(id, { is: 'removed', by: this.#me(), whom: { id: person, name } })
    this.#change(id, {})
  }

  invites(id: string): GroupInvite[] {
    this.#group(id)
    return this.#kept(id).invites
  }

  async invite(id: string, { role = 'member', uses = 1, seconds = 604_800 }: NewInvite): Promise<GroupInvite> {
    if (!this.#group(id).rights.invite) throw notAllowed()
    const kept = this.#kept(id)
    const invite: GroupInvite = {
      id: entryIdOf(bytesOf(`invite ${id} ${kept.invites.length}`)),
      link: `warren:into-${id.slice(0, 8)}-${kept.invites.length}`,
      by: { id: this.#deps.me().personId, name: this.#deps.me().name },
      role,
      uses,
      used: 0,
      expiresAt: seconds === 0 ? 0 : 1_760_000_000_000 + seconds * 1000,
    }
    kept.invites.push(invite)
    return invite
  }

  async revoke(id: string, invite: string): Promise<void> {
    const kept = this.#kept(id)
    if (!kept.invites.some((each) => each.id === invite)) throw new WarrenError('NOT_FOUND', 'no such invite')
    kept.invites = kept.invites.filter((each) => each.id !== invite)
  }

  #kept(id: string): Kept {
    return find(this.#groups, id, 'group')
  }

  #group(id: string): Group {
    const { group } = this.#deps.conversation(id)
    if (group === undefined) throw new WarrenError('NOT_FOUND', 'no such group')
    return group
  }

  #one(id: string, person: string): GroupMember {
    const found = this.members(id).find((each) => each.id === person)
    if (found === undefined) throw new WarrenError('NOT_FOUND', 'no such member')
    return found
  }

  #mine(id: string): GroupMember {
    return this.#one(id, this.#deps.me().personId)
  }

  #me(): NoticePerson {
    const { personId, name } = this.#deps.me()
    return { id: personId, name, mine: true }
  }

  #change(id: string, change: Partial<Group>): void {
    const conversation = this.#deps.conversation(id)
    this.#put({ ...conversation, group: { ...this.#group(id), ...change } })
  }

  #put(conversation: Conversation): void {
    const { group } = conversation
    if (group === undefined) return
    const { members } = this.#kept(conversation.id)
    const mine = members.find((each) => each.mine === true)
    const role = mine?.role ?? group.role
    const may = (least: GroupRole): boolean => group.standing === 'joined' && isAtLeast(role, least)
    const rights: GroupRights = {
      post: may(group.post),
      invite: may(group.invite),
      change: may(group.change),
      govern: may('owner'),
      transfer: may('owner') && mine?.root === true,
      roles: !may(group.invite) ? [] : role === 'owner' ? [...upwards] : ['reader', 'member'],
    }
    const joined = members.filter(({ state }) => state === 'joined').length
    this.#deps.put({ ...conversation, group: { ...group, role, rights, members: joined } })
  }

  #member(who: Contact | Me | { readonly id: string; readonly name: string }, role: GroupRole): GroupMember {
    const device = deviceOf(who.name)
    return {
      id: 'personId' in who ? who.personId : who.id,
      name: who.name,
      petname: 'petname' in who ? who.petname : '',
      role,
      state: 'invited',
      online: 'online' in who ? who.online : false,
      lastSeenAt: 0,
      color: '#884400',
      fingerprint: fingerprint(device),
      verified: 'verified' in who ? who.verified : false,
      ...('state' in who ? { contact: who.state } : {}),
      may: { remove: false, roles: [], transfer: false },
      devices: [{ deviceId: device, fingerprint: fingerprint(device), online: false }],
    }
  }
}

const noRights: GroupRights = {
  post: false,
  invite: false,
  change: false,
  govern: false,
  transfer: false,
  roles: [],
}

const notAllowed = (): WarrenError => new WarrenError('NOT_ALLOWED', 'your role does not allow that')
