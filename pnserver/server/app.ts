/** All that is answered to the world. */

import { Hono } from 'hono'
import { refusalOf } from '../refusal.ts'
import type { Claim } from '../store/store.ts'
import { addressSubject, clientOf, siteSubject } from './client-address.ts'
import type { Environment, ServerDeps } from './deps.ts'
import { addInfo } from './info.ts'
import { addRows } from './rows.ts'
import { addTokens } from './tokens.ts'
import { addWake } from './wake.ts'

/** They say nothing about whoever asks, or say the same to everybody before they look. */
const uncounted = new Set(['/healthz', '/v1/wake'])

export function createApp(deps: ServerDeps): Hono<Environment> {
  const app = new Hono<Environment>()
  const { store, metrics, log, now, trusted } = deps

  app.use(async (c, next) => {
    const { incoming, outgoing } = c.env
    // An answer says nothing of when it was made.
    outgoing.sendDate = false
    metrics.count('requests')
    const client = clientOf(incoming.socket.remoteAddress ?? '', c.req.header('x-forwarded-for'), trusted)
    c.set('address', addressSubject(client))
    if (!uncounted.has(c.req.path)) {
      const claims: Claim[] = [{ name: 'address', subject: c.get('address') }]
      if (c.req.path === '/v1/tokens') claims.push({ name: 'site', subject: siteSubject(client) })
      const admission = await store.limits.admit(claims, undefined, now())
      if (admission.is === 'limited') {
        const seconds = Math.ceil(admission.retryAfterMs / 1000)
        return c.json({ error: { code: 'RATE_LIMITED', message: 'too many requests from your address' } }, 429, {
          'retry-after': String(seconds),
        })
      }
    }
    return await next()
  })

  addInfo(app, deps)
  addTokens(app, deps)
  addRows(app, deps)
  addWake(app, deps)

  app.notFound((c) => c.json({ error: { code: 'NOT_FOUND', message: 'nothing is here' } }, 404))
  app.onError((error, c) => {
    const { status, code, message } = refusalOf(error)
    if (status === 500) log('error', 'a request ended in an error of this program')
    return c.json({ error: { code, message } }, status)
  })
  return app
}
