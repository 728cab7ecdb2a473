/** Security headers on every answer. */

import type { MiddlewareHandler } from 'hono'

/** What the page may load and run; the service worker says the same of the copies that it keeps. */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types lit-html warren',
].join('; ')

export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next()
  c.header('x-content-type-options', 'nosniff')
  c.header('referrer-policy', 'no-referrer')
  c.header('cross-origin-opener-policy', 'same-origin')
  c.header('cross-origin-resource-policy', 'same-origin')
  // A file that is handed out has a stricter one.
  if (!c.res.headers.has('content-security-policy')) c.header('content-security-policy', pagePolicy)
  if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store')
}
