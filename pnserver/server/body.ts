/** Reads a request's body whole, within a bound. */

import type { Context } from 'hono'
import { WarrenError } from '../../protocol/errors.ts'
import { parseFields, type Fields } from './fields.ts'

/** Undefined for a body of more than `most` bytes; the rest of it is not read. */
export async function readUpTo(c: Context, most: number): Promise<Uint8Array | undefined> {
  const { body } = c.req.raw
  if (body === null) return new Uint8Array(0)
  if (Number(c.req.header('content-length') ?? 0) > most) return undefined
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    length += chunk.length
    if (length > most) return undefined
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

/** Throws TOO_LARGE, BAD_SHAPE for what is no JSON object. */
export async function readJson(c: Context, most: number): Promise<Fields> {
  const bytes = await readUpTo(c, most)
  if (bytes === undefined) throw new WarrenError('TOO_LARGE', `a body has at most ${most} bytes here`)
  return parseFields(Buffer.from(bytes).toString('utf8'))
}
