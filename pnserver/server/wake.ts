/** The door that everybody may knock at, and that gives one answer. */

import type { Hono } from 'hono'
import { wakeSizes } from '../../protocol/wake.ts'
import { readUpTo } from './body.ts'
import type { Environment, ServerDeps } from './deps.ts'

export function addWake(app: Hono<Environment>, { wakes }: ServerDeps): void {
  app.post('/v1/wake', async (c) => {
    const body = (await readUpTo(c, wakeSizes.body)) ?? new Uint8Array(0)
    // Not before the answer has left: what is done then is seen by nobody who asked.
    c.env.outgoing.once('close', wakes.expect(body, c.get('address')))
    return c.body(null, 202, { 'content-length': '0' })
  })
}
