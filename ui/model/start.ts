/** Wires the state to the daemon's news and to the window, once, at the start of the page. */

import { effect } from '@preact/signals-core'
import { ApiError, apiErrorCode } from '../client/api-error.ts'
import { Connection } from '../client/connection.ts'
import { forgetPairing, pair } from '../client/session.ts'
import { watchActivity } from './activity.ts'
import { apply, applyMessage } from './apply.ts'
import { startEnsuringConversations } from './ensure-conversations.ts'
import { flushDrafts, keepDrafts, startDrafts } from './drafts.ts'
import { forgetEverything } from './forget.ts'
import { flushOutbox, startOutbox } from './outbox.ts'
import { startPageTitle } from './page-title.ts'
import { forgetCode, readCode, route, startRouting } from './route.ts'
import { connectionState, pairingFailed, snapshots } from './state.ts'
import { timelines } from './timelines.ts'
import { typedSecret } from '../text/typed-secret.ts'
import { watchWindow } from './window-size.ts'

const connection = new Connection({
  onEvent: apply,
  onState: (state) => {
    connectionState.value = state
  },
})

export const sendTyping = (conversation: string): void => connection.sendTyping({ type: 'typing', conversation })

/** Throws ApiError; nothing secret is sent to anything that cannot prove that it is the daemon. */
export const unlock = async (typed: string): Promise<void> => await connection.unlock(typedSecret(typed))

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

/** Settles once a lock has been drawn into the state. */
let locking: Promise<void> | undefined

async function lockPage(): Promise<void> {
  locking ??= forgetEverything()
  await locking
}

/** The daemon takes words again: those in memory, and those that a lock or a reload left sealed beside the page. */
async function takeUp(): Promise<void> {
  if (locking !== undefined) {
    await locking
    locking = undefined
    await Promise.all([startOutbox(applyMessage), startDrafts()])
  }
  flushOutbox()
  flushDrafts()
}

function watchLink(): void {
  effect(() => {
    if (snapshots.value > 1) void timelines.refreshAll()
  })
  startEnsuringConversations()
  effect(() => {
    if (connectionState.value === 'locked') return queueMicrotask(() => void lockPage())
    if (connectionState.value !== 'online') return queueMicrotask(keepDrafts)
    queueMicrotask(() => void takeUp())
  })
  effect(() => {
    if (route.value.name !== 'chat') queueMicrotask(() => flushDrafts())
  })
}

function watchPage(): void {
  watchActivity(() => connection.sendActive())
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
