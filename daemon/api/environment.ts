/** What a request carries through the API besides itself. */

import type { IncomingMessage } from 'node:http'
import type { SessionRow } from './sessions/session-store.ts'

/**
 * `socket`: the unix socket, whose holder is the owner. `browser`: TCP on loopback, open to every program of the machine.
 * `served`: the socket behind a proxy that ends TLS, open to whoever reaches that proxy.
 */
export type Channel = 'browser' | 'socket' | 'served'

export interface Environment {
  Bindings: {
    channel: Channel
    incoming?: IncomingMessage
    /** This connection has shown a session: it is not cut to make room for others. */
    trust?: () => void
  }
  Variables: { session: SessionRow | undefined }
}
