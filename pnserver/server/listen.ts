/** Opens the two listeners: one for the world, behind the operator's proxy, and one for the operator alone. */

import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pnLimits } from '../limits.ts'
import type { Metrics } from '../metrics.ts'

export type Fetch = (request: Request, env: HttpBindings) => Response | Promise<Response>

export interface Listener {
  readonly port: number
  /** Lets running requests end for a moment, then cuts. */
  close(): Promise<void>
}

const closingMs = 2000

async function start(server: Server, port: number, host: string): Promise<Listener> {
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      const cut = setTimeout(() => server.closeAllConnections(), closingMs)
      await closed
      clearTimeout(cut)
    },
  }
}

export interface PublicListener extends Listener {
  /** Whoever asks before that is told to come again. */
  serve(fetch: Fetch): void
}

/** How long a sender may take, and how often that is looked at. Milliseconds. */
export interface Times {
  readonly headersMs: number
  readonly requestMs: number
  readonly checkMs: number
}

export const usualTimes: Times = { headersMs: pnLimits.headersMs, requestMs: pnLimits.requestMs, checkMs: 1000 }

/** Throws what the system says if the port cannot be had. */
export async function listenPublic(port: number, host: string, times: Times): Promise<PublicListener> {
  let answer: Fetch | undefined
  const server = createAdaptorServer({
    fetch: (request, env) => answer?.(request, env as HttpBindings) ?? new Response(null, { status: 503 }),
    overrideGlobalObjects: false,
    serverOptions: {
      maxHeaderSize: pnLimits.headerBytes,
      headersTimeout: times.headersMs,
      requestTimeout: times.requestMs,
      keepAliveTimeout: pnLimits.keepAliveMs,
      connectionsCheckingInterval: times.checkMs,
      // Else `Upgrade: h2c` leaves a socket that nobody owns.
      shouldUpgradeCallback: () => false,
    },
  }) as Server
  server.maxConnections = pnLimits.connections
  server.maxRequestsPerSocket = pnLimits.requestsPerConnection
  const serve = (fetch: Fetch): void => void (answer = fetch)
  return { ...(await start(server, port, host)), serve }
}

/** On loopback alone, and on a port of its own: a proxy on this machine comes from loopback, too. */
export async function listenMetrics(metrics: Metrics, port: number): Promise<Listener> {
  const server = createServer({ maxHeaderSize: pnLimits.headerBytes }, (request, response) => {
    if (request.method !== 'GET' || !['/metrics', '/healthz'].includes(request.url ?? '')) {
      response.writeHead(404).end()
      return
    }
    const isHealth = request.url === '/healthz'
    response.writeHead(200, { 'content-type': isHealth ? 'application/json' : 'text/plain; version=0.0.4' })
    response.end(isHealth ? '{"status":"ok"}' : metrics.text())
  })
  return await start(server, port, '127.0.0.1')
}
