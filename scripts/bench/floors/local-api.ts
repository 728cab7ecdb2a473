/** A bare local API on the daemon's libraries: one route that does a job, and a WebSocket that says when it is done. */

import { createAdaptorServer, type WebSocketServerLike } from '@hono/node-server'
import { upgradeWebSocket } from '@hono/node-server'
import { Hono } from 'hono'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { WebSocketServer } from 'ws'

/** Listens on a unix socket: `POST /job` answers at once, `/events` tells each end. */
export async function serveLocally(socket: string, job: () => Promise<void>): Promise<string> {
  const listeners = new Set<(text: string) => void>()
  const tell = async (id: number): Promise<void> => {
    await job()
    for (const each of listeners) each(JSON.stringify({ done: id }))
  }
  const app = new Hono()
  app.post('/job', async (c) => {
    const { id } = await c.req.json<{ id: number }>()
    void tell(id)
    return c.json({ id }, 201)
  })
  app.get(
    '/events',
    upgradeWebSocket(() => ({
      onOpen: (_event, peer) => {
        listeners.add((text) => peer.send(text))
      },
    })),
  )
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const server = createAdaptorServer({
    fetch: app.fetch,
    websocket: { server: sockets as unknown as WebSocketServerLike },
    overrideGlobalObjects: false,
  }) as Server
  server.listen(socket)
  await once(server, 'listening')
  return socket
}
