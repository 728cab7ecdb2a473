/** Reads a request's body whole, within its limit. */

import type { Context, MiddlewareHandler } from 'hono'
import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'

const tooLarge = (): WarrenError => new WarrenError('TOO_LARGE', `a body has at most ${limits.apiBodyBytes} bytes`)

/** A sender who writes on gets no answer from a connection that is cut: this much more is thrown away first. */
const mostDiscarded = 16 * 1024 * 1024

/** Chunked bodies tell their length only at the end. */
async function readChunks(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  let chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length <= limits.apiBodyBytes) chunks.push(chunk)
    else chunks = []
    if (length > mostDiscarded) break
  }
  if (length > limits.apiBodyBytes) throw tooLarge()
  return Buffer.concat(chunks)
}

async function readBytes(c: Context): Promise<Uint8Array> {
  const { body } = c.req.raw
  const stated = Number(c.req.header('content-length') ?? 0)
  if (body === null) return new Uint8Array()
  if (stated > mostDiscarded) throw tooLarge()
  return await readChunks(body)
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const decode = (bytes: Uint8Array): string => {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new WarrenError('BAD_SHAPE', 'the body is not UTF-8', { cause })
  }
}

const bodied = new Set(['POST', 'PUT', 'PATCH'])

/** Throws TOO_LARGE before more than the limit is in memory, BAD_SHAPE for what is not UTF-8. hono's own limit fails on chunked bodies here. */
export const readBody: MiddlewareHandler = async (c, next) => {
  if (bodied.has(c.req.method)) {
    const text = decode(await readBytes(c))
    Object.assign(c.req.bodyCache, { text: Promise.resolve(text) }) // declared as the text itself, used as a promise of it
  }
  await next()
}
