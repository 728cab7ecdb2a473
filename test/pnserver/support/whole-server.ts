/** The push server with its true providers, between stand-ins for Apple and for the push service of a browser. */

import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { createLog } from '../../../pnserver/log.ts'
import { openApnsProvider } from '../../../pnserver/push/apns.ts'
import { WebPushProvider } from '../../../pnserver/push/web-push.ts'
import { startPnserver, type RunningPnserver } from '../../../pnserver/start.ts'
import { openStore } from '../../../pnserver/store/open-store.ts'
import { vapidKeyFrom } from '../../../protocol/web-push.ts'
import { openApple, topic } from './apple.ts'
import type { ApnsStandIn } from './apns-stand-in.ts'
import { HandTimers } from './hand-timers.ts'
import { ask } from './rig.ts'
import type { Surroundings } from './sleeper.ts'
import { openWebPushStandIn, type WebPushStandIn } from './web-push-stand-in.ts'

export interface WholeServer extends Surroundings {
  readonly server: RunningPnserver
  readonly production: ApnsStandIn
  readonly sandbox: ApnsStandIn
  readonly browser: WebPushStandIn
  /** Lines of the log. */
  readonly logged: string[]
}

/** What a device finds in what reached it. */
export const inApple = (payload: unknown): Uint8Array => {
  const { note, code } = payload as { note?: string; code?: string }
  return new Uint8Array(Buffer.from(note ?? code ?? '', 'base64'))
}

export const inBrowser = (data: unknown): Uint8Array => {
  const { note, code } = (data as { notification: { data: { note?: string; code?: string } } }).notification.data
  return new Uint8Array(Buffer.from(note ?? code ?? '', 'base64url'))
}

/** The first that arrives from now on. */
const nextOf = async (arrived: () => readonly Uint8Array[], more: (count: number) => Promise<void>) => {
  const before = arrived().length
  await more(before + 1)
  return { note: arrived()[before] ?? new Uint8Array(0) }
}

export async function startWhole(t: Test): Promise<WholeServer> {
  // No wait of theirs is ever over: what is slow here is not taken for a push service that does not answer.
  const timers = new HandTimers()
  const { production, sandbox, config } = await openApple({ topics: [topic], now: () => timers.now() })
  const key = vapidKeyFrom(new Uint8Array(randomBytes(32)))
  const browser = await openWebPushStandIn(key.publicKey, () => timers.now())
  const more = { moreHosts: [browser.host], ca: browser.ca }
  const providers = [
    await openApnsProvider(config, { timers }),
    new WebPushProvider({ key, subject: 'mailto:operator@example.org', ...more }, { timers }),
  ]
  const secret = new Uint8Array(randomBytes(32))
  const logged: string[] = []
  const server = await startPnserver(
    {
      host: '127.0.0.1',
      port: 0,
      metricsPort: undefined,
      origin: undefined,
      secrets: [secret],
      trustProxy: ['127.0.0.1'],
      pushesAMinute: 100_000,
      version: '0.0.0',
    },
    {
      store: await openStore({ store: 'memory', folder: '', secret, onError: () => undefined }),
      providers,
      platforms: { apns: { topics: [topic] } },
      log: createLog((line) => logged.push(line), Date.now),
      now: Date.now,
    },
  )
  t.teardown(async () => {
    await server.close()
    for (const each of [production, sandbox, browser]) await each.close()
  })
  return {
    server,
    now: Date.now,
    production,
    sandbox,
    browser,
    logged,
    post: async (path, body, asking = {}) =>
      await ask(`http://127.0.0.1:${server.port}${path}`, { method: 'POST', body, ...asking }),
    apple: {
      next: async () =>
        await Promise.any(
          [production, sandbox].map((side) =>
            nextOf(
              () => side.pushes.map(({ payload }) => inApple(payload)),
              (count) => side.delivered(count),
            ),
          ),
        ),
    },
    browsers: {
      next: async () =>
        await nextOf(
          () => browser.arrivals.map(({ data }) => inBrowser(data)),
          (count) => browser.delivered(count),
        ),
    },
  }
}
