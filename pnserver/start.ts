/** Wires the server, in the order in which it opens; it closes in reverse. */

import { Attestor } from './attest.ts'
import type { Log } from './log.ts'
import { pnLimits } from './limits.ts'
import { Metrics } from './metrics.ts'
import type { Platforms } from './platforms.ts'
import type { PushProvider } from './push/provider.ts'
import { Pusher } from './pusher.ts'
import { RowCount } from './row-count.ts'
import { createApp } from './server/app.ts'
import { trustedProxies } from './server/client-address.ts'
import { listenMetrics, listenPublic, usualTimes, type Times } from './server/listen.ts'
import type { PushStore } from './store/store.ts'
import { Sweeper } from './sweeper.ts'
import { Wakes } from './wakes.ts'

export interface StartOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Undefined: nobody can look at the metrics. */
  readonly metricsPort: number | undefined
  /** As devices know the server; undefined: the address that it listens on. */
  readonly origin: string | undefined
  /** At least one of 32 bytes; the first makes. */
  readonly secrets: readonly Uint8Array[]
  /** Addresses of proxies whose X-Forwarded-For is believed. */
  readonly trustProxy: readonly string[]
  readonly pushesAMinute: number
  /** Of all devices together; that of limits.ts if not given. */
  readonly mostRows?: number
  readonly version: string
  /** Those of limits.ts if not given. */
  readonly times?: Times
}

export interface StartDeps {
  readonly store: PushStore
  readonly providers: readonly PushProvider[]
  readonly platforms: Platforms
  readonly log: Log
  readonly now: () => number
}

export interface RunningPnserver {
  readonly origin: string
  readonly port: number
  readonly metricsPort: number | undefined
  readonly metrics: Metrics
  /** Once all that came until now has been answered, looked at and pushed. */
  settled(): Promise<void>
  /** Removes what ran out, as happens once a day. */
  sweep(): Promise<void>
  close(): Promise<void>
}

/** Throws what the system says if a port cannot be had. It takes the store and the providers over, and closes them, then too. */
export async function startPnserver(options: StartOptions, deps: StartDeps): Promise<RunningPnserver> {
  const { store } = deps
  const metrics = new Metrics()
  const pusher = new Pusher({ ...deps, metrics }, options.pushesAMinute)
  const trusted = trustedProxies(options.trustProxy)
  const closers = [() => store.rows.close(), () => store.limits.close(), () => pusher.close()]
  const close = async (): Promise<void> => {
    for (const each of closers.splice(0).toReversed()) await each()
  }
  try {
    const listener = await listenPublic(options.port, options.host, options.times ?? usualTimes)
    closers.push(() => listener.close())
    const operators = options.metricsPort === undefined ? undefined : await listenMetrics(metrics, options.metricsPort)
    if (operators !== undefined) closers.push(() => operators.close())
    const origin = options.origin ?? originOf(options.host, listener.port)
    const attestor = new Attestor(options.secrets, origin)
    const wakes = new Wakes({ ...deps, metrics, attestor, pusher })
    const rowCount = new RowCount(metrics, options.mostRows ?? pnLimits.rows)
    const sweeper = new Sweeper({ ...deps, rowCount, rows: store.rows })
    closers.splice(
      3,
      0,
      () => sweeper.close(),
      () => wakes.close(),
    )
    const { version } = options
    const app = createApp({ ...deps, metrics, attestor, pusher, wakes, rowCount, origin, trusted, version })
    listener.serve((request, env) => app.fetch(request, env))
    return {
      origin,
      port: listener.port,
      metricsPort: operators?.port,
      metrics,
      settled: async () => {
        await wakes.settled()
        await pusher.settled()
      },
      sweep: () => sweeper.sweep(),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const originOf = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`
