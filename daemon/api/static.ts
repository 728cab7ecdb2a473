/** The built page, read once into memory: no path from a request ever reaches the disk. */

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import type { Context } from 'hono'
import { WarrenError } from '../../protocol/errors.ts'
import { answerRetiredWorker, asksForWorker } from './retired-worker.ts'

export interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly etag: string
  /** Its name holds its hash. */
  readonly immutable: boolean
}

export type StaticFiles = ReadonlyMap<string, StaticFile>

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

/** Maps url paths to files under `folder`; empty if the page was never built. */
export function readStatic(folder: string): StaticFiles {
  const files = new Map<string, StaticFile>()
  if (!existsSync(folder)) return files
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const url = `/${relative(folder, path).split(sep).join('/')}`
    const bytes = new Uint8Array(readFileSync(path))
    files.set(url, {
      bytes,
      type: types[extname(path)] ?? 'application/octet-stream',
      etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
      immutable: url.startsWith('/assets/'),
    })
  }
  return files
}

/**
 * A link of `warren open` has a query of its own, so that no copy of the page in the browser's cache answers in its place, and
 * empties that cache: something else may have held the port, and put its own files there. Throws NOT_FOUND.
 */
export function answerStatic(c: Context, files: StaticFiles): Response {
  const path = c.req.path === '/' ? '/index.html' : c.req.path
  const file = files.get(path)
  if (file === undefined && asksForWorker(c)) return answerRetiredWorker(c)
  if (file === undefined) {
    const isPage = path === '/index.html'
    throw new WarrenError('NOT_FOUND', isPage ? 'the page is not built: run make build' : 'not found')
  }
  c.header('content-type', file.type)
  c.header('cache-control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
  c.header('etag', file.etag)
  if (path === '/index.html' && c.req.url.includes('?')) c.header('clear-site-data', '"cache"')
  if (c.req.header('if-none-match') === file.etag) return c.body(null, 304)
  return c.body(file.bytes)
}
