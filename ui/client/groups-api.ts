/** Every question about groups that the page may ask the daemon, typed. What changes in a conversation comes by events. */

import type {
  Completeness,
  GroupAnswer,
  GroupGlance,
  GroupInvite,
  GroupMember,
  GroupPatch,
  Joining,
  MemberPatch,
  NewGroup,
  NewInvite,
  NewMember,
} from '../../protocol/http-groups.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { request } from './request.ts'

const group = (id: string): string => `/conversations/${encodeURIComponent(id)}`
const member = (id: string, person: string): string => `${group(id)}/members/${encodeURIComponent(person)}`
/** Who takes a right away asks the others first how far the victim's words go: up to two seconds, and a write. */
const timeoutMs = 30_000

export const groupsApi = {
  create: async (body: NewGroup) => await request<Conversation>('POST', '/conversations', { body, timeoutMs }),
  patch: async (id: string, body: GroupPatch) =>
    await request<unknown>('PATCH', `${group(id)}/group`, { body, timeoutMs }),
  answer: async (id: string, body: GroupAnswer) => await request<unknown>('POST', `${group(id)}/answer`, { body }),
  leave: async (id: string) => await request<unknown>('POST', `${group(id)}/leave`, { body: {}, timeoutMs }),
  close: async (id: string) => await request<unknown>('POST', `${group(id)}/close`, { body: {}, timeoutMs }),
  members: async (id: string) => (await request<{ items: GroupMember[] }>('GET', `${group(id)}/members`)).items,
  addMember: async (id: string, body: NewMember) =>
    await request<unknown>('POST', `${group(id)}/members`, { body, timeoutMs }),
  patchMember: async (id: string, person: string, body: MemberPatch) =>
    await request<unknown>('PATCH', member(id, person), { body, timeoutMs }),
  removeMember: async (id: string, person: string) => await request<void>('DELETE', member(id, person), { timeoutMs }),
  invites: async (id: string) => (await request<{ items: GroupInvite[] }>('GET', `${group(id)}/invites`)).items,
  addInvite: async (id: string, body: NewInvite) =>
    await request<GroupInvite>('POST', `${group(id)}/invites`, { body, timeoutMs }),
  revokeInvite: async (id: string, invite: string) =>
    await request<void>('DELETE', `${group(id)}/invites/${encodeURIComponent(invite)}`, { timeoutMs }),
  completeness: async (id: string) => await request<Completeness>('GET', `${group(id)}/completeness`),
  look: async (link: string) => await request<GroupGlance>('POST', '/groups/look', { body: { link } }),
  join: async (link: string) => await request<unknown>('POST', '/groups/join', { body: { link } }),
  joining: async () => (await request<{ items: Joining[] }>('GET', '/groups/joining')).items,
  giveUp: async (conversation: string) =>
    await request<void>('DELETE', `/groups/joining/${encodeURIComponent(conversation)}`),
}
