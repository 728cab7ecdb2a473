/** Opens the notifications of one house: what browsers get them, what the owner asks of them, and who sends them. */

import { deriveBytes } from '../protocol/crypto.ts'
import { utf8 } from '../protocol/bytes.ts'
import type { Bus } from './bus.ts'
import type { Log } from './log.ts'
import { Notifier } from './notify/notifier.ts'
import { Subscriptions } from './notify/subscriptions.ts'
import { createSender } from './notify/web-push.ts'
import type { DeviceOwner } from './owner/owner.ts'
import { PushDesk } from './owner/push-desk.ts'
import type { Store } from './store/store.ts'
import { random } from './random.ts'
import { systemTimers } from './timers.ts'

export interface NotifyDeps {
  readonly bus: Bus
  readonly log: Log
  readonly owner: Pick<DeviceOwner, 'conversation' | 'messages'>
  readonly isLookedAt: (conversation: string) => boolean
}

export interface OpenPush {
  readonly desk: PushDesk
  /** Tells browsers from now on, until the function that it answers is called. */
  notify(deps: NotifyDeps): () => void
}

/** Of so many newest messages the one that is news is told; what lies behind them is told by the next. */
const newestLookedAt = 30

/** `seed`: of the device; the key by which push services know this daemon follows from it. Rejects with STORE_…. */
export async function openPush(store: Store, seed: Uint8Array, bus: Bus): Promise<OpenPush> {
  const subscriptions = await Subscriptions.open(store)
  const sender = createSender(deriveBytes(seed, new Uint8Array(), utf8('warren/1/vapid')), { random })
  return {
    desk: new PushDesk({
      subscriptions,
      publicKey: sender.publicKey,
      accepts: sender.accepts,
      now: Date.now,
      changed: () => bus.publish({ type: 'me' }),
    }),
    notify: ({ bus, log, owner, isLookedAt }) => {
      const notifier = new Notifier({
        bus,
        log,
        timers: systemTimers,
        subscriptions,
        conversation: (id) => owner.conversation(id),
        newest: async (id) => (await owner.messages(id, { limit: newestLookedAt })).items,
        isLookedAt,
        send: sender.send,
      })
      return () => notifier.close()
    },
  }
}
