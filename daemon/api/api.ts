/** The local API of one daemon: one app, its sessions and its events, from the first health check to the last goodbye. */

import { WarrenError } from '../../protocol/errors.ts'
import type { CodeAnswer } from '../../protocol/http-access.ts'
import type { Health } from '../../protocol/http.ts'
import type { Bus } from '../bus.ts'
import type { Log } from '../log.ts'
import { createApp } from './app.ts'
import { Door } from './door.ts'
import type { Environment } from './environment.ts'
import { EventHub } from './events/event-hub.ts'
import { Exports } from './exports.ts'
import { Files } from './files.ts'
import type { Keys } from './keys.ts'
import type { Owner } from './owner.ts'
import { SendLimit } from './send-limit.ts'
import type { SessionStore } from './sessions/session-store.ts'
import { Sessions } from './sessions/sessions.ts'
import type { StaticFiles } from './static.ts'

export interface ApiDeps {
  readonly bus: Bus
  readonly log: Log
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly random: (bytes: number) => Uint8Array
  /** The owner asked on the unix socket that the daemon stops. */
  readonly stop: () => void
}

export interface ApiOptions {
  /** Of the program, as package.json says. */
  readonly version: string
  /** The built page, from readStatic(). */
  readonly files: StaticFiles
  /** `https://name.tailnet.ts.net`: where a proxy serves this daemon to the owner's other browsers. */
  readonly servedOrigin?: string
}

/** What the API serves as long as the daemon runs. */
export interface ApiFront {
  readonly sessions: SessionStore
  readonly keys: Keys
}

export interface Api {
  fetch(request: Request, env: Environment['Bindings']): Response | Promise<Response>
  /** Called by listenApi(): before it, every browser request is refused. */
  setPort(port: number): void
  /** Reads the sessions; the status is `starting` until it is told whether the home is open. */
  open(front: ApiFront): Promise<void>
  /** The rooms are open: status `ok`. */
  unlocked(owner: Owner): void
  /** The rooms are closed, or about to be: status `locked`. Says goodbye to every event socket and forgets what was told. */
  locked(): void
  /** Everything but health is answered 503 unless the status is `ok`. `closing` says goodbye to every event socket. */
  setStatus(status: Health['status']): void
  /** What is done now and then is left for later, or goes on. */
  rest(isResting: boolean): void
  /** The owner has this conversation on some screen. */
  isLookedAt(conversation: string): boolean
  /** A one-use link; `printed` ones live 10 minutes, others 60 s. */
  issueCode(printed: boolean): CodeAnswer
}

/** How late an open page may learn that its session has expired. */
const endExpiredEveryMs = 60_000

function sessionOf(sessions: Sessions, token: string | undefined): string {
  const session = sessions.authenticate(token)
  if (session === undefined) throw new WarrenError('NO_SESSION', 'no such session')
  return session.id
}

interface IssuedCode {
  readonly text: string
  readonly expiresAt: number
}

function linkWithCode(address: string, code: IssuedCode, random: ApiDeps['random']): CodeAnswer {
  // A query of its own: see answerStatic().
  const fresh = Buffer.from(random(6)).toString('base64url')
  return { url: `${address}/?open=${fresh}#code=${code.text}`, expiresAt: code.expiresAt }
}

/** Ends expired sessions now and then, unless it rests; it begins at once. */
function endExpired(sessions: Sessions, log: Log): (isResting: boolean) => void {
  let timer: NodeJS.Timeout | undefined
  const rest = (isResting: boolean): void => {
    clearInterval(timer)
    if (isResting) return
    timer = setInterval(() => {
      sessions.endExpired().catch(() => log('error', 'an expired session could not be removed'))
    }, endExpiredEveryMs).unref()
  }
  rest(false)
  return rest
}

/** Browsers that were signed out get no notifications any more; those that ended behind the lock are found when it opens. */
function endPushes({ visitor }: Door, sessions: Sessions, log: Log): void {
  const ids = new Set(sessions.list().map(({ id }) => id))
  visitor?.push.keep(ids).catch(() => log('error', 'the notifications of a signed-out browser could not be ended'))
}

/** Throws NOT_FOUND. */
function servedLink(origin: string | undefined, sessions: Sessions, random: ApiDeps['random']): CodeAnswer {
  if (origin === undefined) throw new WarrenError('NOT_FOUND', 'this daemon is served at no other address')
  return linkWithCode(origin, sessions.codes.issue(true), random)
}

function linksOf(address: () => string, sessions: Sessions, { random }: ApiDeps, { servedOrigin }: ApiOptions) {
  const issueCode = (printed: boolean): CodeAnswer => linkWithCode(address(), sessions.codes.issue(printed), random)
  return { issueCode, issueServedCode: () => servedLink(servedOrigin, sessions, random) }
}

/** Starts as `starting`. */
export function createApi(deps: ApiDeps, options: ApiOptions): Api {
  const door = new Door()
  let port: number | undefined
  const owner = (): Owner => door.owner
  const keys = (): Keys => door.keys
  const address = (): string => `http://127.0.0.1:${port}`
  const sessions = new Sessions(deps)
  const sends = new SendLimit(deps.now)
  const { bus, log, now, stop } = deps
  const onActive = (): void => door.keys.touch()
  const files = new Files({ ...deps, isLive: (session) => sessions.isLive(session) })
  const shown = (token: string | undefined): string => sessionOf(sessions, token)
  const hub = { bus, log, now, owner, sessionOf: shown, files, onActive }
  const events = new EventHub(hub, { version: options.version })
  const exports = new Exports(deps)
  const keepPushes = (): void => endPushes(door, sessions, log)
  sessions.onEnded((id) => {
    keepPushes()
    events.revoke(id)
    for (const each of [exports, files, sends]) each.forget(id)
  })
  const endStreams = (): void => {
    for (const each of [exports, files]) each.endAll()
  }
  const links = linksOf(address, sessions, deps, options)
  const servedOrigin = (): string | undefined => options.servedOrigin
  const asked = { owner, keys, address, servedOrigin, status: () => door.status, port: () => port }
  const app = createApp({ ...asked, sessions, sends, events, exports, files, log, ...links, stop }, options)
  const rest = endExpired(sessions, log)
  return {
    fetch: (request, env) => app.fetch(request, env),
    setPort: (value) => {
      port = value
    },
    open: async (opened) => {
      await sessions.open(opened.sessions)
      door.hang(opened.keys)
    },
    unlocked: (opened) => {
      if (!door.open(opened)) return
      events.open()
      keepPushes()
    },
    locked: () => {
      events.lock()
      endStreams()
      door.lock()
    },
    setStatus: (value) => {
      door.status = value
      if (value !== 'closing') return
      rest(true)
      endStreams()
      events.close()
    },
    rest,
    isLookedAt: (conversation) => events.isLookedAt(conversation),
    issueCode: links.issueCode,
  }
}
