/** Refuses, before any routing, every request that the owner's own page or shell did not make (docs/api.md). */

import type { Context, MiddlewareHandler } from 'hono'
import { WarrenError } from '../../protocol/errors.ts'
import type { Environment } from './environment.ts'

/** Node keeps the first of two Host headers; another program in between may keep the last. */
function hostCount(c: Context<Environment>): number {
  const raw = c.env.incoming?.rawHeaders ?? []
  return raw.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length
}

const isUpgrade = (c: Context<Environment>): boolean => c.req.header('upgrade')?.toLowerCase() === 'websocket'

/** Against DNS rebinding: a page of another name that resolves to 127.0.0.1 still sends its own name as Host. */
function checkHost(c: Context<Environment>, hosts: ReadonlySet<string>): string {
  const host = c.req.header('host')
  if (host === undefined || !hosts.has(host) || hostCount(c) > 1) throw new WarrenError('BAD_HOST', 'unknown Host')
  return host
}

/** Chromium sends no Sec-Fetch header with a WebSocket handshake, so Origin must be there. */
function checkOrigin(c: Context<Environment>, expected: string): void {
  const origin = c.req.header('origin')
  if (origin === undefined ? isUpgrade(c) : origin !== expected) {
    throw new WarrenError('BAD_ORIGIN', 'another origin than the page of this daemon')
  }
}

/** A page opened from the redirect file arrives as cross-site: a top-level navigation to the bare page, which holds no data. */
function isOpening(c: Context<Environment>): boolean {
  const navigates = c.req.header('sec-fetch-mode') === 'navigate' && c.req.header('sec-fetch-dest') === 'document'
  return navigates && c.req.method === 'GET' && c.req.path === '/'
}

function checkSite(c: Context<Environment>): void {
  const site = c.req.header('sec-fetch-site')
  if (site === undefined || site === 'same-origin' || site === 'none' || isOpening(c)) return
  throw new WarrenError('BAD_SITE', 'a request from another site')
}

const bodied = new Set(['POST', 'PUT', 'PATCH'])

/** Also keeps forms out: a cross-site page cannot send either type without asking first, and asking is never answered. */
function checkType(c: Context<Environment>, isFile: boolean): void {
  if (!bodied.has(c.req.method)) return
  const type = c.req.header('content-type') ?? ''
  const expected = isFile ? /^application\/octet-stream$/i : /^application\/json(?: *; *charset=utf-8)?$/i
  if (!expected.test(type)) {
    throw new WarrenError('BAD_SHAPE', `the body must be application/${isFile ? 'octet-stream' : 'json'}`)
  }
}

export interface GateOptions {
  /** The port in use, or undefined while none is. */
  readonly port: () => number | undefined
  /** The one https origin of the served socket, or undefined where there is none. */
  readonly servedOrigin: () => string | undefined
  /** Its body is a file, whatever that is. */
  readonly isFile: (request: { readonly method: string; readonly path: string }) => boolean
}

/** Throws BAD_HOST, BAD_ORIGIN, BAD_SITE, BAD_SHAPE; sends `localhost` to the one address that holds the page's session. */
export function gate(options: GateOptions): MiddlewareHandler<Environment> {
  return async (c, next) => {
    const port = options.port()
    if (c.env.channel === 'socket') {
      checkHost(c, new Set(['localhost']))
      if (c.req.header('origin') !== undefined) throw new WarrenError('BAD_ORIGIN', 'no page may use the socket')
    } else if (c.env.channel === 'served') {
      const origin = options.servedOrigin()
      checkHost(c, new Set(origin === undefined ? [] : [new URL(origin).host]))
      checkOrigin(c, String(origin))
      checkSite(c)
    } else {
      const isRead = c.req.method === 'GET' || c.req.method === 'HEAD'
      if (isRead && !isUpgrade(c) && c.req.header('host') === `localhost:${port}` && hostCount(c) < 2) {
        const { pathname, search } = new URL(c.req.url)
        return c.redirect(`http://127.0.0.1:${port}${pathname}${search}`, 307)
      }
      checkOrigin(c, `http://${checkHost(c, new Set([`127.0.0.1:${port}`, `[::1]:${port}`]))}`)
      checkSite(c)
    }
    checkType(c, options.isFile(c.req))
    await next()
    return undefined
  }
}
