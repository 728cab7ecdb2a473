/** Links into groups that lead nowhere yet. No event tells of them: the page asks, as long as somebody is waiting. */

import { effect, signal } from '@preact/signals-core'
import type { Joining } from '../../protocol/http-groups.ts'
import { groupsApi } from '../client/groups-api.ts'
import { connectionState, snapshots } from './state.ts'

export const joining = signal<readonly Joining[]>([])
const askEveryMs = 3000
let timer: ReturnType<typeof setTimeout> | undefined

/** Asks now, and later again while a link still looks for members. */
export async function loadJoining(): Promise<void> {
  clearTimeout(timer)
  timer = undefined
  if (connectionState.value !== 'online') return
  joining.value = await groupsApi.joining().catch(() => joining.value)
  if (joining.value.some(({ state }) => state === 'asking')) timer = setTimeout(() => void loadJoining(), askEveryMs)
}

export function startJoining(): void {
  effect(() => {
    if (snapshots.value > 0 && connectionState.value === 'online') queueMicrotask(() => void loadJoining())
  })
}

/** A conversation is there: what led to it is over. */
export function arrived(conversation: string): void {
  if (joining.value.some((each) => each.conversation === conversation)) {
    joining.value = joining.value.filter((each) => each.conversation !== conversation)
  }
}
