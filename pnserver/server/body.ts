/** Reads a request's body whole, within a bound. From the socket itself: a web stream around it costs more than all else that a wake does. */

import type { IncomingMessage } from 'node:http'
import type { Context } from 'hono'
import { WarrenError } from '../../protocol/errors.ts'
import type { Environment } from './deps.ts'
import { parseFields, type Fields } from './fields.ts'

/** A sender who writes on hears no answer from a connection that is cut: so much more is thrown away first. */
const mostDiscarded = 1024 * 1024

/** Undefined for a body of more than `most` bytes. Throws BAD_SHAPE if the sender goes away before its end. */
async function read(incoming: IncomingMessage, most: number): Promise<Uint8Array | undefined> {
  return await new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= most) chunks.push(chunk)
      else chunks.length = 0
      if (length > most + mostDiscarded) incoming.destroy()
    })
    incoming.once('end', () => resolve(length > most ? undefined : new Uint8Array(Buffer.concat(chunks))))
    const cutOff = (): void => {
      // It closes after every whole body, too, and an error is dear.
      if (!incoming.complete) reject(new WarrenError('BAD_SHAPE', 'the body was cut off'))
    }
    incoming.once('close', cutOff)
    incoming.once('error', cutOff)
  })
}

/** Undefined for a body of more than `most` bytes. */
export const readUpTo = async (c: Context<Environment>, most: number): Promise<Uint8Array | undefined> =>
  await read(c.env.incoming, most)

/** Throws TOO_LARGE, BAD_SHAPE for what is no JSON object. */
export async function readJson(c: Context<Environment>, most: number): Promise<Fields> {
  const bytes = await readUpTo(c, most)
  if (bytes === undefined) throw new WarrenError('TOO_LARGE', `a body has at most ${most} bytes here`)
  return parseFields(Buffer.from(bytes).toString('utf8'))
}
