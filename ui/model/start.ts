/** Wires the state to the daemon's news and to the window, once, at the start of the page. */

import { effect } from '@preact/signals-core'
import { apiErrorCode, isPassing } from '../client/api-error.ts'
import { Connection, type ConnectionState } from '../client/connection.ts'
import { forgetPairing, pair } from '../client/session.ts'
import { watchActivity } from './activity.ts'
import { apply, applyMessage } from './apply.ts'
import { startEnsuringConversations } from './ensure-conversations.ts'
import { flushDrafts, keepDrafts, startDrafts } from './drafts.ts'
import { forgetEverything } from './forget.ts'
import { startJoining } from './joining.ts'
import { flushOutbox, startOutbox } from './outbox.ts'
import { startNotifications } from './notifications.ts'
import { startPageTitle } from './page-title.ts'
import { forgetCode, readCode, route, startRouting } from './route.ts'
import { connectionState, isSealed, pairingFailed, snapshots } from './state.ts'
import { timelines } from './timelines.ts'
import { guardUploads, resumeUploads } from './uploads.ts'
import { typedSecret } from '../text/typed-secret.ts'
import { watchWindow } from './window-size.ts'

/** The newest state, which may be drawn a moment later. */
let told: ConnectionState = 'starting'
/** Settles once nothing is left in memory; undefined unless the page was locked. */
let locking: Promise<void> | undefined

const connection = new Connection({
  onEvent: apply,
  onState: (state) => {
    told = state
    // Behind a lock nothing is drawn before the words that were left are there again.
    if (state === 'online' && locking !== undefined) void takeUp(locking)
    else connectionState.value = state
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
    // No answer, not now, or this page is just being reloaded: the code stays in the address bar, for the next load.
    if (isPassing(apiErrorCode(error))) return
    pairingFailed.value = true
  }
  forgetCode()
  forgetPairing(code)
  connection.retryNow()
}

/** The lock screen comes once all words are sealed: whoever sees it may close or reload the page. */
function lockPage(): void {
  locking ??= forgetEverything().then(() => {
    isSealed.value = true
    return undefined
  })
}

/** Takes the words again that the lock left sealed beside the page. */
async function takeUp(lock: Promise<void>): Promise<void> {
  await lock
  if (locking !== lock) return
  await Promise.all([startOutbox(applyMessage), startDrafts()])
  locking = undefined
  isSealed.value = false
  if (told === 'locked') lockPage() // once more, meanwhile
  connectionState.value = told
}

function watchLink(): void {
  effect(() => {
    if (snapshots.value > 1) void timelines.refreshAll()
  })
  startEnsuringConversations()
  startJoining()
  effect(() => {
    if (connectionState.value === 'locked') return queueMicrotask(lockPage)
    if (connectionState.value !== 'online') return queueMicrotask(keepDrafts)
    queueMicrotask(() => {
      resumeUploads()
      flushOutbox()
      flushDrafts()
    })
  })
  effect(() => {
    void route.value // another conversation is another place, too
    queueMicrotask(() => flushDrafts())
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
  startNotifications((conversation) => connection.sendLooking(conversation))
  watchLink()
  watchPage()
  guardUploads()
  await Promise.all([paired, startOutbox(applyMessage), startDrafts()])
  return await connection.run()
}
