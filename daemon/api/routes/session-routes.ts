/** How a browser gets a session, and how its owner sees and ends sessions. */

import { createRoute } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { WarrenError } from '../../../protocol/errors.ts'
import type { CodeAnswer } from '../../../protocol/http-access.ts'
import * as schema from '../schemas/daemon.ts'
import { pageOf as pageSchema } from '../schemas/text.ts'
import { expiresAt } from '../sessions/session-life.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { PageQuery, pageOf } from './page-of.ts'
import { body, done, idParam, json, problem, type Routes } from './route.ts'

const pair = createRoute({
  method: 'post',
  path: '/session/pair',
  summary: 'Swap a one-use code for the secret of a new session. Needs no session.',
  security: [],
  request: { body: body(schema.PairRequest) },
  responses: { 201: json(schema.PairAnswer, 'The new session.'), ...problem },
})
const hello = createRoute({
  method: 'post',
  path: '/session/hello',
  summary: 'Ask the daemon to prove itself. Needs no session.',
  security: [],
  request: { body: body(schema.SessionHello) },
  responses: { 200: json(schema.SessionChallenge, "The daemon's nonce and proof."), ...problem },
})
const prove = createRoute({
  method: 'post',
  path: '/session/prove',
  summary: 'Prove the session; from then on the derived bearer token counts. Needs no session.',
  security: [],
  request: { body: body(schema.SessionProof) },
  responses: { 204: done, ...problem },
})
const code = createRoute({
  method: 'post',
  path: '/session/code',
  summary: 'A one-use code for a browser. Unix socket only.',
  request: { body: body(schema.CodeRequest) },
  responses: { 201: json(schema.CodeAnswer, 'The address to open.'), ...problem },
})
const servedLink = createRoute({
  method: 'post',
  path: '/sessions/links',
  summary: 'A one-use link, for 10 minutes, at the served https address. NOT_FOUND where there is none.',
  request: { body: body(schema.ServedLinkRequest) },
  responses: { 201: json(schema.CodeAnswer, 'The address to open in the other browser.'), ...problem },
})
const list = createRoute({
  method: 'get',
  path: '/sessions',
  summary: 'Browsers that have a session.',
  request: { query: PageQuery },
  responses: { 200: json(pageSchema(schema.SessionInfo), 'Newest first.'), ...problem },
})
const revoke = createRoute({
  method: 'delete',
  path: '/sessions/{id}',
  summary: 'End a session: its requests and its event sockets stop at once.',
  request: { params: idParam },
  responses: { 204: done, ...problem },
})

/** The gate has made sure that it is exactly the place of this daemon. */
const hostOf = (c: Context): string => c.req.header('host') ?? ''

interface Codes {
  readonly issueCode: (printed: boolean) => CodeAnswer
  /** Throws NOT_FOUND. */
  readonly issueServedCode: () => CodeAnswer
}

export function addSessionRoutes(api: Routes, sessions: Sessions, codes: Codes): void {
  api.openapi(pair, async (c) => c.json(await sessions.pair(c.req.valid('json'), hostOf(c)), 201))
  api.openapi(hello, (c) => c.json(sessions.hello(c.req.valid('json'), hostOf(c)), 200))
  api.openapi(prove, async (c) => {
    await sessions.prove(c.req.valid('json'))
    return c.body(null, 204)
  })
  api.openapi(code, (c) => {
    if (c.env.channel !== 'socket') throw new WarrenError('NOT_ALLOWED', 'codes are given out on the unix socket only')
    return c.json(codes.issueCode(c.req.valid('json').printed), 201)
  })
  api.openapi(servedLink, (c) => c.json(codes.issueServedCode(), 201))
  api.openapi(list, (c) => {
    const current = c.get('session')?.id
    const infos = sessions.list().map((row) => {
      const { id, label, createdAt, usedAt } = row
      return { id, label, createdAt, usedAt, expiresAt: expiresAt(row), current: id === current }
    })
    return c.json(
      pageOf(infos, (info) => info.id, c.req.valid('query')),
      200,
    )
  })
  api.openapi(revoke, async (c) => {
    await sessions.revoke(c.req.valid('param').id)
    return c.body(null, 204)
  })
}
