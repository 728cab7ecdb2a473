/** Locking: what the page knows goes; words that the daemon has not taken yet stay sealed beside it. */

import { batch } from '@preact/signals-core'
import { announce } from './announcer.ts'
import { forgetChosen } from './attaching.ts'
import { forgetDrafts } from './drafts.ts'
import { forgetAddresses } from './file-addresses.ts'
import { joining } from './joining.ts'
import { members } from './members.ts'
import { forgetTicks } from './message-state.ts'
import { forgetPending } from './outbox.ts'
import { forgetShapes } from './picture-shapes.ts'
import { contacts, conversations, me, peers, typing } from './state.ts'
import { timelines } from './timelines.ts'
import { forgetUploads } from './uploads.ts'

export async function forgetEverything(): Promise<void> {
  batch(() => {
    me.value = undefined
    peers.value = new Map()
    contacts.value = new Map()
    conversations.value = new Map()
    typing.value = new Map()
    members.value = new Map()
    joining.value = []
  })
  timelines.clear()
  forgetTicks()
  forgetAddresses()
  forgetChosen()
  forgetUploads()
  forgetShapes()
  announce('')
  await Promise.all([forgetDrafts(), forgetPending()])
}
