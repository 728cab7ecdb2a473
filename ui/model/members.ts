/** Who belongs to the groups that are on screen: fetched when asked for, and again when their group changes. */

import { signal } from '@preact/signals-core'
import type { GroupMember } from '../../protocol/http-groups.ts'
import { apiErrorCode, type ApiErrorCode } from '../client/api-error.ts'
import { groupsApi } from '../client/groups-api.ts'
import { conversationOf, withEntry } from './state.ts'

export interface KnownMembers {
  readonly items: readonly GroupMember[]
  /** Why the newest list could not be had. */
  readonly failed?: ApiErrorCode
}

/** By conversation; absent until the first answer. */
export const members = signal<ReadonlyMap<string, KnownMembers>>(new Map())
const mostGroups = 8
const busy = new Set<string>()
/** Closed groups that were looked at since. */
const closed = new Set<string>()
/** Something changed while a list was on its way. */
const again = new Set<string>()

export const memberOf = (conversation: string, person: string): GroupMember | undefined =>
  members.value.get(conversation)?.items.find(({ id }) => id === person)

function keep(conversation: string, known: KnownMembers): void {
  const kept = [...members.value].filter(([id]) => id !== conversation).slice(1 - mostGroups)
  members.value = new Map([...kept, [conversation, known]])
}

/** One request at a time for each group. */
export async function loadMembers(conversation: string): Promise<void> {
  if (busy.has(conversation)) return void again.add(conversation)
  busy.add(conversation)
  do {
    again.delete(conversation)
    if (conversationOf(conversation) === undefined) break // deleted meanwhile
    try {
      const { standing } = conversationOf(conversation)?.group ?? {}
      keep(conversation, { items: await groupsApi.members(conversation) })
      if (standing === 'closed') closed.add(conversation)
    } catch (error) {
      keep(conversation, { items: members.value.get(conversation)?.items ?? [], failed: apiErrorCode(error) })
    }
  } while (again.has(conversation))
  busy.delete(conversation)
}

/**
 * The group has changed, and not only what is said in it: whoever was shown is looked at again. In one that is closed nobody comes
 * any more, and the owner's own going is the beginning of its end here.
 */
export function refreshMembers(conversation: string): void {
  if (closed.has(conversation)) return
  if (members.value.has(conversation) || busy.has(conversation)) void loadMembers(conversation)
}

const later = new Map<string, ReturnType<typeof setTimeout>>()
/** So long nothing more came. */
const quietMs = 1000

/** Lines that tell of members may be among many messages that came. */
export function refreshMembersLater(conversation: string): void {
  clearTimeout(later.get(conversation))
  const refresh = (): void => {
    later.delete(conversation)
    refreshMembers(conversation)
  }
  later.set(conversation, setTimeout(refresh, quietMs))
}

/** Something about a person has changed. */
export function refreshMembersWith(person: string): void {
  for (const [conversation, { items }] of members.value)
    if (items.some(({ id }) => id === person)) refreshMembers(conversation)
}

export function refreshAllMembers(): void {
  for (const conversation of members.value.keys()) void loadMembers(conversation)
}

export function forgetMembers(conversation: string): void {
  closed.delete(conversation)
  members.value = withEntry(members.value, conversation, undefined)
}
