/** The local API as one Hono app, which every listener serves. */

import { upgradeWebSocket } from '@hono/node-server'
import { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import type { WebSocket } from 'ws'
import { WarrenError } from '../../protocol/errors.ts'
import type { CodeAnswer } from '../../protocol/http-access.ts'
import type { Health } from '../../protocol/http.ts'
import { limits } from '../../protocol/limits.ts'
import type { Log } from '../log.ts'
import { answerError } from './answer-error.ts'
import { readBody } from './body.ts'
import type { Environment } from './environment.ts'
import type { EventHub } from './events/event-hub.ts'
import type { EventSocket } from './events/event-socket.ts'
import type { Exports } from './exports.ts'
import type { Files } from './files.ts'
import { gate } from './gate.ts'
import { securityHeaders } from './headers.ts'
import type { Keys } from './keys.ts'
import { addBackupRoutes } from './routes/backup-routes.ts'
import { addContactRoutes } from './routes/contact-routes.ts'
import { addConversationRoutes } from './routes/conversation-routes.ts'
import { addExaminationRoutes } from './routes/examination-routes.ts'
import { addExportRoutes } from './routes/export-routes.ts'
import { addFileRoutes } from './routes/file-routes.ts'
import { addDaemonRoutes } from './routes/daemon-routes.ts'
import { addGroupRoutes } from './routes/group-routes.ts'
import { addJoiningRoutes } from './routes/joining-routes.ts'
import { addKeySlotRoutes } from './routes/key-slot-routes.ts'
import { addLockRoutes } from './routes/lock-routes.ts'
import { addMessageRoutes } from './routes/message-routes.ts'
import { addMemberRoutes } from './routes/member-routes.ts'
import { addDeviceRoutes } from './routes/device-routes.ts'
import { addPushRoutes } from './routes/push-routes.ts'
import { addPushServerRoutes } from './routes/push-server-routes.ts'
import { addOwnerRoutes } from './routes/owner-routes.ts'
import { addPhraseRoutes } from './routes/phrase-routes.ts'
import { addRecoveryRoutes } from './routes/recovery-routes.ts'
import { newRoutes, type Routes, type TheOwner } from './routes/route.ts'
import { addSafetyRoutes } from './routes/safety-routes.ts'
import { addSessionRoutes } from './routes/session-routes.ts'
import type { SendLimit } from './send-limit.ts'
import type { Sessions } from './sessions/sessions.ts'
import { answerStatic, type StaticFiles } from './static.ts'

export interface AppDeps {
  readonly owner: TheOwner
  readonly keys: () => Keys
  readonly sessions: Sessions
  readonly sends: SendLimit
  readonly events: EventHub
  readonly exports: Exports
  readonly files: Files
  readonly log: Log
  readonly status: () => Health['status']
  readonly port: () => number | undefined
  readonly servedOrigin: () => string | undefined
  readonly address: () => string
  readonly issueCode: (printed: boolean) => CodeAnswer
  readonly issueServedCode: () => CodeAnswer
  readonly stop: () => void
}

export interface AppOptions {
  readonly version: string
  readonly files: StaticFiles
}

const base = '/api/v1'
const openPaths = new Set(['/health', '/session/pair', '/session/hello', '/session/prove'].map((path) => base + path))
const bodyBytes = (path: string): number => (openPaths.has(path) ? limits.apiOpenBodyBytes : limits.apiBodyBytes)

/** Answered while the daemon is locked: getting a session, unlocking, and what tells nothing of its owner. */
const unlockedPaths = new Set(
  [...openPaths].concat(['/session/code', '/status', '/stop', '/lock', '/unlock'].map((path) => base + path)),
)
const isForLocked = (method: string, path: string): boolean =>
  unlockedPaths.has(path) && !(path === `${base}/lock` && method !== 'POST')

/** Only health is answered unless the daemon is up. */
function ready({ status, keys }: AppDeps): MiddlewareHandler<Environment> {
  return async (c, next) => {
    // A machine that slept for too long wakes up locked, whoever is first to ask.
    if (status() === 'ok') keys().look()
    const now = c.req.path === `${base}/health` ? 'ok' : status()
    if (now === 'closing') throw new WarrenError('CLOSING', 'the daemon is stopping')
    if (now === 'locked' && !isForLocked(c.req.method, c.req.path)) {
      throw new WarrenError('LOCKED', 'the daemon is locked: warren unlock')
    }
    if (now === 'starting') {
      throw new WarrenError('NOT_RUNNING', 'the daemon is still starting', { details: { retryAfterMs: 1000 } })
    }
    await next()
  }
}

/** What a restored backup takes besides being read: it is unlocked, checked, exported and stopped as any other home. */
const archiveTakes =
  /^\/(?:session|sessions|status|stop|lock|unlock|key-slots|examination|backups|exports|devices\/(?:recovery|linking))(?:\/|$)|\/export$/

/** Nothing is changed in a home that came from a backup. */
function readOnly({ owner, status }: AppDeps): MiddlewareHandler<Environment> {
  return async (c, next) => {
    const { method, path } = c.req
    const changes = method !== 'GET' && method !== 'HEAD' && !archiveTakes.test(path.slice(base.length))
    if (changes && status() === 'ok' && owner().backups.archivedAt !== undefined)
      throw new WarrenError('NOT_ALLOWED', 'this is a backup: it can be read and exported, and nothing else')
    await next()
  }
}

/** Files come as they are; see file-routes.ts. */
const isFile = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'POST' && path === `${base}/blobs`

/** A WebSocket brings its token in its first frame, a link to an export is one, and the address of a file has a ticket. */
const provesItself = ({ method, path }: { method: string; path: string }): boolean =>
  path === `${base}/events` ||
  path.startsWith(`${base}/exports/`) ||
  ((method === 'GET' || method === 'HEAD') && path.startsWith(`${base}/blobs/`))

/** Sets the session; throws NO_SESSION. */
function withSession(sessions: Sessions): MiddlewareHandler<Environment> {
  return async (c, next) => {
    const token = /^Bearer ([\w-]+)$/.exec(c.req.header('authorization') ?? '')?.[1]
    const session = c.env.channel === 'socket' ? undefined : sessions.authenticate(token)
    const isFree = c.env.channel === 'socket' || openPaths.has(c.req.path) || provesItself(c.req)
    if (session === undefined && !isFree) throw new WarrenError('NO_SESSION', 'this needs a session: warren open')
    if (session !== undefined) c.env.trust?.()
    c.set('session', session)
    await next()
  }
}

/** A session that ended while a body came in slowly does nothing any more. Throws NO_SESSION. */
function stillLives(sessions: Sessions): MiddlewareHandler<Environment> {
  return async (c, next) => {
    const session = c.get('session')
    if (session !== undefined && !sessions.isLive(session.id))
      throw new WarrenError('NO_SESSION', 'the session has ended')
    await next()
  }
}

/** What a page asks by itself says nothing of its owner; whoever is on the socket is the owner, or works for them. */
const isByHand = ({ method, path }: { method: string; path: string }): boolean =>
  method !== 'GET' && method !== 'HEAD' && !path.endsWith('/read')

/** The owner is there: the lock does not fall by itself for now. */
function watchOwner({ status, keys }: AppDeps): MiddlewareHandler<Environment> {
  return async (c, next) => {
    const isOwner = c.env.channel === 'socket' || (c.get('session') !== undefined && isByHand(c.req))
    if (isOwner && status() === 'ok' && c.req.path !== `${base}/health`) keys().touch()
    await next()
  }
}

/** Whoever looks at something does not wait behind what comes from peers. What changes something waits for the disk, and holds up nobody. */
function ownerFirst({ owner, status }: AppDeps): MiddlewareHandler<Environment> {
  return async (c, next) => {
    if (c.req.method !== 'GET' || status() !== 'ok') return await next()
    const answered = owner().asked()
    try {
      await next()
    } finally {
      answered()
    }
  }
}

function addEvents(api: Routes, events: EventHub): void {
  api.openAPIRegistry.registerPath({
    method: 'get',
    path: '/events',
    summary: 'WebSocket: AuthFrame first, then ServerEvent after ServerEvent (protocol/events.ts).',
    responses: { 101: { description: 'The socket is open.' } },
  })
  api.get(
    '/events',
    upgradeWebSocket((c) => {
      const { channel, trust } = c.env as Environment['Bindings']
      let own: EventSocket | undefined
      return {
        onOpen: (_, context) => {
          own = events.add(context.raw as WebSocket, channel, trust)
        },
        onMessage: (message: { data: unknown }) => own?.receive(message.data),
        onClose: () => own?.end(),
      }
    }),
    () => {
      throw new WarrenError('BAD_SHAPE', 'this is a WebSocket')
    },
  )
}

function addRoutes(api: Routes, deps: AppDeps, version: string): void {
  const { status, address, stop, sessions, owner, keys } = deps
  addDaemonRoutes(api, owner, { status, address, stop, version })
  addSessionRoutes(api, sessions, deps)
  addLockRoutes(api, keys)
  addKeySlotRoutes(api, keys)
  addOwnerRoutes(api, owner)
  addRecoveryRoutes(api, owner)
  addDeviceRoutes(api, owner)
  addPhraseRoutes(api, owner, keys)
  addContactRoutes(api, owner)
  addSafetyRoutes(api, owner)
  addPushRoutes(api, owner, sessions)
  addPushServerRoutes(api, owner)
  addConversationRoutes(api, owner, deps.files)
  addGroupRoutes(api, owner, deps.files)
  addMemberRoutes(api, owner)
  addJoiningRoutes(api, owner)
  addExaminationRoutes(api, owner)
  addMessageRoutes(api, owner, deps.sends, deps.files)
  addFileRoutes(api, owner, deps.files, deps.sends)
  addExportRoutes(api, owner, deps.exports)
  addBackupRoutes(api, owner, keys, deps.exports)
  addEvents(api, deps.events)
}

/** Gate, API under /api/v1, the page from memory. */
export function createApp(deps: AppDeps, options: AppOptions): OpenAPIHono<Environment> {
  const app = new OpenAPIHono<Environment>()
  app.onError((error, c) => answerError(c, error, deps.log))
  app.use(securityHeaders)
  app.use(gate({ port: deps.port, servedOrigin: deps.servedOrigin, isFile }))
  const { sessions } = deps
  app.use(
    `${base}/*`,
    ready(deps),
    withSession(sessions),
    watchOwner(deps),
    readOnly(deps),
    readBody(bodyBytes, isFile),
  )
  app.use(`${base}/*`, stillLives(sessions), ownerFirst(deps))
  const api = newRoutes()
  addRoutes(api, deps, options.version)
  app.route(base, api)
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', { type: 'http', scheme: 'bearer' })
  app.doc31(`${base}/openapi.json`, {
    openapi: '3.1.0',
    info: { title: 'Warren local API', version: options.version },
    security: [{ session: [] }],
  })
  app.get('*', (c) => answerStatic(c, options.files))
  app.notFound(() => {
    throw new WarrenError('NOT_FOUND', 'not found')
  })
  return app
}
