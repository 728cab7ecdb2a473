/** One request to a push server: to the place that was named and to no other, bounded in bytes and time. */

import { lookup as resolve } from 'node:dns'
import { request as plainRequest, type IncomingMessage } from 'node:http'
import { request as secureRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import { readPushServer, type PushServer } from '../../protocol/push-server.ts'
import { isAllowedPlace, type Surroundings } from './allowed-address.ts'

export interface Asking {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Begins with a slash. */
  readonly path: string
  readonly body?: Uint8Array
  readonly type?: 'application/json' | 'application/octet-stream'
  readonly timeoutMs: number
  /** Nothing of the answer but its status is read. */
  readonly statusAlone?: boolean
}

export interface Answer {
  readonly status: number
  /** How long the server asks to be left alone; 0 if it does not say. */
  readonly retryAfterMs: number
  readonly body: Uint8Array
}

/** Rejects with BAD_SHAPE, NOT_ALLOWED, HOST_NOT_FOUND, REFUSED, UNREACHABLE, TIMED_OUT, TOO_LARGE, CLOSING. Redirects are answers like others. */
export type Ask = (origin: string, asking: Asking) => Promise<Answer>

const refused = (): WarrenError => new WarrenError('NOT_ALLOWED', 'no push server may be at that address')

/** Names are looked up once, and only what may be there is connected to: a name cannot lead elsewhere at the second look. */
const guarded =
  ({ isSecure, port }: PushServer, around: Surroundings): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, [])
      const allowed = found.filter(({ address }) => isAllowedPlace({ ip: address, port, isSecure }, around))
      const [first] = allowed
      if (first === undefined) return callback(refused(), [])
      if (options.all === true) return callback(null, allowed)
      return callback(null, first.address, first.family)
    })
  }

const codes: Readonly<Record<string, 'HOST_NOT_FOUND' | 'REFUSED'>> = {
  ENOTFOUND: 'HOST_NOT_FOUND',
  EAI_AGAIN: 'HOST_NOT_FOUND',
  ECONNREFUSED: 'REFUSED',
}

function asWarrenError(error: unknown): WarrenError {
  if (error instanceof WarrenError) return error
  const code = codes[(error as NodeJS.ErrnoException).code ?? ''] ?? 'UNREACHABLE'
  return new WarrenError(code, 'the push server cannot be reached', { cause: error })
}

async function readBody(response: IncomingMessage): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of response as AsyncIterable<Uint8Array>) {
    bytes += piece.length
    if (bytes > limits.pushAnswerBytes) throw new WarrenError('TOO_LARGE', 'the push server answers too much')
    pieces.push(piece)
  }
  return new Uint8Array(Buffer.concat(pieces))
}

const mostRetrySeconds = 24 * 60 * 60

function retryAfterMs(header: string | undefined): number {
  const seconds = Number(header ?? '0')
  return Number.isInteger(seconds) && seconds > 0 ? Math.min(seconds, mostRetrySeconds) * 1000 : 0
}

async function exchange(
  server: PushServer,
  around: Surroundings,
  asking: Asking,
  signal: AbortSignal,
): Promise<Answer> {
  const { method, path, body, type } = asking
  const options = {
    method,
    path,
    host: server.host,
    port: server.port,
    agent: false as const,
    signal,
    lookup: guarded(server, around),
    headers: {
      host: server.origin.slice(server.origin.indexOf('//') + 2),
      connection: 'close',
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(body === undefined ? {} : { 'content-length': String(body.length) }),
    },
  }
  const { promise, resolve: answered, reject } = Promise.withResolvers<IncomingMessage>()
  const asked = (server.isSecure ? secureRequest : plainRequest)(options, answered)
  asked.on('error', reject)
  // An answer that switches to another protocol is none, and no error: the connection is closed, and that is all that is heard of it.
  asked.on('close', () => reject(new WarrenError('UNREACHABLE', 'the push server closed without an answer')))
  asked.end(body)
  const response = await promise
  try {
    return {
      status: response.statusCode ?? 0,
      retryAfterMs: retryAfterMs(response.headers['retry-after']),
      body: asking.statusAlone === true ? new Uint8Array(0) : await readBody(response),
    }
  } finally {
    response.destroy()
  }
}

/** `closing`: ends whatever is under way. */
export const createAsk =
  (around: () => Surroundings, closing: AbortSignal): Ask =>
  async (origin, asking) => {
    const server = readPushServer(origin)
    const { host: ip, port, isSecure, isAddress } = server
    if (isAddress && !isAllowedPlace({ ip, port, isSecure }, around())) throw refused()
    const late = AbortSignal.timeout(asking.timeoutMs)
    try {
      return await exchange(server, around(), asking, AbortSignal.any([late, closing]))
    } catch (error) {
      if (closing.aborted) throw new WarrenError('CLOSING', 'the daemon is closing', { cause: error })
      if (late.aborted) throw new WarrenError('TIMED_OUT', 'the push server does not answer', { cause: error })
      throw asWarrenError(error)
    }
  }
