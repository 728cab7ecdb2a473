/** The daemon itself: health, status, stopping. */

import { createRoute } from '@hono/zod-openapi'
import { WarrenError } from '../../../protocol/errors.ts'
import { apiVersion, type Health } from '../../../protocol/http.ts'
import { Empty } from '../schemas/conversations.ts'
import * as schema from '../schemas/daemon.ts'
import { body, json, problem, type Routes, type TheOwner } from './route.ts'

const health = createRoute({
  method: 'get',
  path: '/health',
  summary: 'How the daemon is. Needs no session.',
  security: [],
  responses: { 200: json(schema.Health, 'Also while it starts or stops.'), ...problem },
})
const status = createRoute({
  method: 'get',
  path: '/status',
  summary: 'The running daemon and its links; none while it is locked.',
  responses: { 200: json(schema.Status, 'The status.'), ...problem },
})
const stop = createRoute({
  method: 'post',
  path: '/stop',
  summary: 'Stop the daemon. Unix socket only.',
  request: { body: body(Empty) },
  responses: { 202: { description: 'Stopping.' }, ...problem },
})

export interface DaemonRoutesDeps {
  readonly status: () => Health['status']
  readonly version: string
  readonly address: () => string
  readonly stop: () => void
}

export function addDaemonRoutes(api: Routes, owner: TheOwner, deps: DaemonRoutesDeps): void {
  const { version } = deps
  api.openapi(health, (c) => c.json({ status: deps.status(), version, apiVersion }, 200))
  api.openapi(status, (c) => {
    const locked = deps.status() !== 'ok'
    const links = locked ? [] : owner().links()
    return c.json({ running: true as const, locked, pid: process.pid, version, api: deps.address(), links }, 200)
  })
  api.openapi(stop, (c) => {
    if (c.env.channel !== 'socket')
      throw new WarrenError('NOT_ALLOWED', 'the daemon is stopped on the unix socket only')
    setImmediate(deps.stop) // the answer goes out first
    return c.body(null, 202)
  })
}
