/** Asks the daemon of a home over its unix socket. */

import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { ApiErrorBody, Page } from '../../protocol/http.ts'
import { nameSocket } from '../local-socket.ts'
import { CommandError } from './command-error.ts'

const gone = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR'])
const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

/** What a failed connection means to a person. */
function connectionError(cause: unknown): CommandError {
  if (cause instanceof CommandError) return cause
  const code = codeOf(cause)
  if (gone.has(String(code)))
    return new CommandError('NOT_RUNNING', 'not running: start it with warren start', { cause })
  if (code === 'EACCES' || code === 'EPERM') {
    return new CommandError('NOT_ALLOWED', 'the socket of this home belongs to another user', { cause })
  }
  return new CommandError('NOT_RUNNING', 'the connection to the daemon broke off', { cause })
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of response) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks).toString('utf8')
}

function apiError(status: number, text: string): CommandError {
  try {
    const { error } = JSON.parse(text) as ApiErrorBody
    return new CommandError(error.code, error.message)
  } catch {
    return new CommandError('INTERNAL', `the daemon answered ${status}`)
  }
}

/** What the daemon calls a file; empty if it says nothing that is a plain name. */
function nameIn(disposition: string): string {
  const [, spelt = ''] = /filename\*=UTF-8''([^;\s]+)/.exec(disposition) ?? []
  const name = decodeURIComponent(spelt)
  return /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}.-]*$/u.test(name) ? name : ''
}

async function* chunksOf(answer: IncomingMessage): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of answer) yield chunk as Uint8Array
  } catch (error) {
    throw connectionError(error)
  }
}

/** Writes no faster than it is taken, and no more once there is an answer: whoever refuses does not read on. */
async function writeAll(asked: ClientRequest, chunks: AsyncGenerator<Uint8Array>): Promise<void> {
  const over = new AbortController()
  for (const event of ['response', 'close']) asked.once(event, () => over.abort())
  try {
    for await (const chunk of chunks) {
      if (over.signal.aborted) return
      if (!asked.write(chunk)) await once(asked, 'drain', { signal: over.signal }).catch(() => undefined)
    }
    asked.end()
  } catch (error) {
    asked.destroy()
    throw error
  }
}

export interface Download {
  readonly name: string
  readonly chunks: AsyncGenerator<Uint8Array>
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

export class Client {
  readonly #home: string

  constructor(home: string) {
    this.#home = home
  }

  /** The answer's body, undefined if it has none. Throws CommandError with the daemon's code, or NOT_RUNNING. */
  async ask<T>(method: Method, path: string, body?: unknown): Promise<T> {
    try {
      const text = await readBody(await this.#answer(method, path, body))
      return (text === '' ? undefined : JSON.parse(text)) as T
    } catch (error) {
      throw connectionError(error)
    }
  }

  /** Sends `size` bytes as they come, and answers the body. Throws as ask(), and what `chunks` throw. */
  async upload<T>(path: string, chunks: AsyncGenerator<Uint8Array>, size: number): Promise<T> {
    const name = nameSocket(this.#home)
    try {
      const asked = request({
        socketPath: name.path,
        agent: false,
        method: 'POST',
        path: `/api/v1${path}`,
        headers: { host: 'localhost', 'content-type': 'application/octet-stream', 'content-length': size },
      })
      asked.on('error', () => undefined) // once() tells of one before the answer; later ones change nothing
      const answered = once(asked, 'response') as Promise<[IncomingMessage]>
      answered.catch(() => undefined) // a file that cannot be read is told instead
      await writeAll(asked, chunks)
      const [response] = await answered
      const text = await readBody(response)
      if ((response.statusCode ?? 0) >= 400) throw apiError(response.statusCode ?? 0, text)
      return JSON.parse(text) as T
    } catch (error) {
      throw connectionError(error)
    } finally {
      name.release()
    }
  }

  /** A file, which comes no faster than it is taken. Throws as ask(); its chunks throw NOT_RUNNING where it breaks off. */
  async download(path: string): Promise<Download> {
    try {
      const answer = await this.#answer('GET', path)
      return { name: nameIn(answer.headers['content-disposition'] ?? ''), chunks: chunksOf(answer) }
    } catch (error) {
      throw connectionError(error)
    }
  }

  /** An answer that says yes, its body still to come. */
  async #answer(method: Method, path: string, body?: unknown): Promise<IncomingMessage> {
    let response = await this.#send(method, path, body)
    // A machine that slept, or a daemon that was stopped, in the middle of a request: it was never read to its end.
    if (response.statusCode === 408) {
      response.resume()
      response = await this.#send(method, path, body)
    }
    const status = response.statusCode ?? 0
    if (status >= 400) throw apiError(status, await readBody(response))
    return response
  }

  async #send(method: Method, path: string, body: unknown): Promise<IncomingMessage> {
    const sent = body === undefined ? undefined : JSON.stringify(body)
    const name = nameSocket(this.#home)
    try {
      const asked = request({
        socketPath: name.path,
        agent: false,
        method,
        path: `/api/v1${path}`,
        headers: { host: 'localhost', ...(sent === undefined ? {} : { 'content-type': 'application/json' }) },
      })
      asked.on('error', () => undefined) // once() tells of one before the answer; later ones change nothing
      asked.end(sent)
      const [response] = (await once(asked, 'response')) as [IncomingMessage]
      return response
    } finally {
      name.release()
    }
  }

  /** All items of a paged list. */
  async list<T>(path: string): Promise<T[]> {
    const items: T[] = []
    for (let cursor = ''; ;) {
      const page: Page<T> = await this.ask('GET', `${path}${cursor}`)
      items.push(...page.items)
      if (page.next === undefined) return items
      cursor = `?cursor=${encodeURIComponent(page.next)}`
    }
  }

  /** A connection for a WebSocket. */
  connect(): Socket {
    const name = nameSocket(this.#home)
    const socket = connect(name.path)
    socket.once('close', () => name.release())
    return socket
  }

  /** What a failed connection means. */
  explain(error: unknown): CommandError {
    return connectionError(error)
  }
}
