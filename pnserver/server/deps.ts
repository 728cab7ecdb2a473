/** What the routes are given. */

import type { HttpBindings } from '@hono/node-server'
import type { BlockList } from 'node:net'
import type { Attestor } from '../attest.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Platforms } from '../platforms.ts'
import type { Pusher } from '../pusher.ts'
import type { RowCount } from '../row-count.ts'
import type { PushStore } from '../store/store.ts'
import type { Wakes } from '../wakes.ts'

export interface ServerDeps {
  readonly store: PushStore
  readonly attestor: Attestor
  readonly platforms: Platforms
  readonly pusher: Pusher
  readonly wakes: Wakes
  readonly metrics: Metrics
  readonly rowCount: RowCount
  readonly log: Log
  readonly now: () => number
  /** As devices know it, without a slash behind. */
  readonly origin: string
  readonly version: string
  readonly trusted: BlockList
}

export interface Environment {
  Bindings: HttpBindings
  Variables: {
    /** Of the sender, as the limits count them. */
    address: Uint8Array
  }
}
