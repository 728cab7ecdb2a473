/** Reads a request's body whole, within its limit. */

import type { Context, HonoRequest, MiddlewareHandler } from 'hono'
import { WarrenError } from '../../protocol/errors.ts'

const tooLarge = (most: number): WarrenError => new WarrenError('TOO_LARGE', `a body has at most ${most} bytes here`)

/** A sender who writes on gets no answer from a connection that is cut: this much more is thrown away first. */
const mostDiscarded = 4 * 1024 * 1024

/** Chunked bodies tell their length only at the end. */
async function readChunks(body: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array> {
  let chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length <= most) chunks.push(chunk)
    else chunks = []
    if (length > mostDiscarded) break
  }
  if (length > most) throw tooLarge(most)
  return Buffer.concat(chunks)
}

async function readBytes(c: Context, most: number): Promise<Uint8Array> {
  const { body } = c.req.raw
  const stated = Number(c.req.header('content-length') ?? 0)
  if (body === null) return new Uint8Array()
  if (stated > mostDiscarded) throw tooLarge(most)
  return await readChunks(body, most)
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

/** Leaves alone what is read as it comes. Throws TOO_LARGE before more than the limit is in memory, BAD_SHAPE for what is not UTF-8. hono's own limit fails on chunked bodies here. */
export const readBody =
  (mostBytes: (path: string) => number, isStreamed: (request: HonoRequest) => boolean): MiddlewareHandler =>
  async (c, next) => {
    if (bodied.has(c.req.method) && !isStreamed(c.req)) {
      const text = decode(await readBytes(c, mostBytes(c.req.path)))
      Object.assign(c.req.bodyCache, { text: Promise.resolve(text) }) // declared as the text itself, used as a promise of it
    }
    await next()
  }
