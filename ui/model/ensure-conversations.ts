/** The owner's own notes are there to be opened before the first word. */

import { effect } from '@preact/signals-core'
import { api } from '../client/api.ts'
import { applyConversation } from './apply.ts'
import { connectionState, conversations, snapshots } from './state.ts'

let isAsked = false

/** Asks once per link; what fails is asked again after the next snapshot. */
function look(): void {
  if (isAsked || [...conversations.value.values()].some((each) => each.kind === 'self' && each.former !== true)) return
  isAsked = true
  api.openSelf().then(applyConversation, () => undefined)
}

export function startEnsuringConversations(): void {
  effect(() => {
    if (snapshots.value > 0) isAsked = false
  })
  effect(() => {
    if (snapshots.value > 0 && connectionState.value === 'online') look()
  })
}
