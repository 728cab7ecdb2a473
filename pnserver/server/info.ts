/** What everybody may know: what is served, how often, and what is kept for how long. */

import type { Hono } from 'hono'
import { wakePace } from '../../protocol/wake.ts'
import { pace, pnLimits } from '../limits.ts'
import type { Environment, ServerDeps } from './deps.ts'

const windows = Object.fromEntries(
  Object.entries(pace).map(([name, list]) => [name, list.map(({ ms, most }) => ({ seconds: ms / 1000, most }))]),
)

export function addInfo(app: Hono<Environment>, { platforms, origin, version }: ServerDeps): void {
  const info = {
    version,
    origin,
    platforms,
    limits: {
      wake: wakePace,
      windows,
      clockSeconds: pnLimits.clockMs / 1000,
      rowsACall: pnLimits.rowsACall,
      rowsAnAttestation: pnLimits.rowsAnAttestation,
    },
    retention: { rowDays: pnLimits.rowDays, attestationDays: pnLimits.attestationDays },
  }
  app.get('/v1/info', (c) => c.json(info))
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
}
