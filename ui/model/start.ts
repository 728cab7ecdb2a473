/** Wires the state to the daemon's news and to the window, once, at the start of the page. */

import { effect } from '@preact/signals-core'
import { ApiError, apiErrorCode } from '../client/api-error.ts'
import { Connection } from '../client/connection.ts'
import { forgetPairing, pair } from '../client/session.ts'
import { apply, applyMessage } from './apply.ts'
import { startEnsuringConversations } from './ensure-conversations.ts'
import { flushDrafts, keepDrafts, startDrafts } from './drafts.ts'
import { flushOutbox, startOutbox } from './outbox.ts'
import { startPageTitle } from './page-title.ts'
import { forgetCode, readCode, route, startRouting } from './route.ts'
import { connectionState, pairingFailed, snapshots } from './state.ts'
import { timelines } from './timelines.ts'
import { watchWindow } from './window-size.ts'

const connection = new Connection({
  onEvent: apply,
  onState: (state) => {
    connectionState.value = state
  },
})

export const sendTyping = (conversation: string): void => connection.sendTyping({ type: 'typing', conversation })

/** Do not wait for the next attempt. */
export const reconnectNow = (): void => connection.retryNow()

async function usePairingCode(): Promise<void> {
  const code = readCode()
  if (code === undefined) return
  try {
    await pair(code)
    pairingFailed.value = false
  } catch (error) {
    // No answer, or this page is just being reloaded: the code stays in the address bar, for the next load.
    if (apiErrorCode(error) === 'DAEMON_GONE') return
    pairingFailed.value = error instanceof ApiError
  }
  forgetCode()
  forgetPairing(code)
  connection.retryNow()
}

function watchLink(): void {
  effect(() => {
    if (snapshots.value > 1) void timelines.refreshAll()
  })
  startEnsuringConversations()
  effect(() => {
    if (connectionState.value !== 'online') return queueMicrotask(keepDrafts)
    queueMicrotask(() => {
      flushOutbox()
      flushDrafts()
    })
  })
  effect(() => {
    if (route.value.name !== 'chat') queueMicrotask(() => flushDrafts())
  })
}

function watchPage(): void {
  addEventListener('online', () => connection.retryNow())
  addEventListener('hashchange', () => void usePairingCode())
  addEventListener('pagehide', () => flushDrafts(true))
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') connection.retryNow()
    else flushDrafts(true)
  })
}

/** Call after the elements are defined; the page draws itself from here on. */
export async function start(): Promise<never> {
  watchWindow()
  const paired = usePairingCode() // reads the address bar before the routes do
  startRouting()
  startPageTitle()
  watchLink()
  watchPage()
  await Promise.all([paired, startOutbox(applyMessage), startDrafts()])
  return await connection.run()
}
