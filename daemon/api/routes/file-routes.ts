/** Files: added as bytes, fetched as bytes, and what of them is here. */

import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { WarrenError } from '../../../protocol/errors.ts'
import { byteRange } from '../byte-range.ts'
import type { Environment } from '../environment.ts'
import { addressedFile } from '../file-addresses.ts'
import type { Files } from '../files.ts'
import type { OpenedFile } from '../owner.ts'
import { Empty } from '../schemas/conversations.ts'
import { Attachment, FileQuery, NewFileQuery } from '../schemas/files.ts'
import { idText } from '../schemas/text.ts'
import type { SendLimit } from '../send-limit.ts'
import { body, done, idParam, json, problem, type Routes, type TheOwner } from './route.ts'

const bytes = { 'application/octet-stream': {} }
const blobParam = idParam.extend({ blob: idText.openapi({ param: { name: 'blob', in: 'path' } }) })
const onePath = '/conversations/{id}/attachments/{blob}'

const add = createRoute({
  method: 'post',
  path: '/blobs',
  summary: 'Add a file to a conversation, to be posted with a message: its bytes, as application/octet-stream.',
  request: { query: NewFileQuery, body: { content: bytes } },
  responses: { 201: json(Attachment, 'The file.'), ...problem },
})
const fetched = createRoute({
  method: 'get',
  path: '/blobs/{id}',
  summary: 'The bytes of a file, or a Range of them. Needs no token with a ticket: it stands for its session.',
  security: [{ session: [] }, {}],
  request: { params: idParam, query: FileQuery, headers: z.object({ range: z.string().optional() }) },
  responses: {
    200: { description: 'All of it.', content: bytes },
    206: { description: 'The part that was asked for.', content: bytes },
    ...problem,
  },
})
const one = createRoute({
  method: 'get',
  path: onePath,
  summary: 'A file of a conversation, as far as it is here, with a fresh address.',
  request: { params: blobParam },
  responses: { 200: json(Attachment, 'The file.'), ...problem },
})
const wanted = createRoute({
  method: 'post',
  path: `${onePath}/fetch`,
  summary: 'Fetch a file that is not here, as soon as somebody who has it can be reached.',
  request: { params: blobParam, body: body(Empty) },
  responses: { 200: json(Attachment, 'The file.'), ...problem },
})

const taken = createRoute({
  method: 'delete',
  path: onePath,
  summary: 'Take back a file that was added and not posted.',
  request: { params: blobParam },
  responses: { 204: done, ...problem },
})

/** What may stand between the quotes; the whole name stands behind it, escaped (RFC 8187). */
const plainName = (name: string): string => name.replaceAll(/[^\w .-]+/g, '_').replace(/^\.+/, '')
const escapedName = (name: string): string =>
  encodeURIComponent(name).replaceAll(/['()*]/g, (each) => `%${each.charCodeAt(0).toString(16)}`)

function headersOf({ name, size, shownAs }: OpenedFile, isSaved: boolean): Record<string, string> {
  const how = isSaved || shownAs === undefined ? 'attachment' : 'inline'
  const called = name === '' ? '' : `; filename="${plainName(name)}"; filename*=UTF-8''${escapedName(name)}`
  return {
    'content-type': isSaved ? 'application/octet-stream' : (shownAs ?? 'application/octet-stream'),
    'content-length': String(size),
    'content-disposition': how + called,
    // Whatever it is and whoever opens it: nothing in it runs, and nothing of this origin is reached from it.
    'content-security-policy': "default-src 'none'; sandbox",
    'accept-ranges': 'bytes',
  }
}

function answer(c: Context<Environment>, files: Files, file: OpenedFile, session: string | undefined): Response {
  const range = byteRange(c.req.header('range'), file.size)
  const { from, to } = range ?? { from: 0, to: file.size }
  const headers = { ...headersOf(file, c.req.query('download') !== undefined), 'content-length': String(to - from) }
  const part = range === undefined ? {} : { 'content-range': `bytes ${from}-${to - 1}/${file.size}` }
  const status = range === undefined ? 200 : 206
  if (c.req.method === 'HEAD') return c.body(null, status, { ...headers, ...part })
  files.outgoing.checkRoom()
  const cut = (): void => void c.env.incoming?.socket.destroy()
  return c.body(files.outgoing.stream(session, file.read(from, to), cut), status, { ...headers, ...part })
}

/** Whose request it is: a token, the unix socket, or a ticket of this very file. Throws NO_SESSION, NOT_ALLOWED. */
function askerOf(
  c: Context<Environment>,
  files: Files,
  file: { conversation: string; id: string },
): string | undefined {
  const session = c.get('session')
  if (session !== undefined || c.env.channel === 'socket') return session?.id
  const ticket = c.req.query('ticket')
  if (ticket === undefined) throw new WarrenError('NO_SESSION', 'this needs a session: warren open')
  const shown = files.sessionOf(ticket, file)
  c.env.trust?.()
  return shown
}

export function addFileRoutes(api: Routes, owner: TheOwner, files: Files, sends: SendLimit): void {
  api.openapi(add, async (c) => {
    const session = c.get('session')?.id
    if (session !== undefined) sends.take(session)
    const { conversation, name = '', type = '' } = c.req.valid('query')
    const most = owner().files.mostBytes
    if (Number(c.req.header('content-length') ?? 0) > most)
      throw new WarrenError('TOO_LARGE', `a file has at most ${most} bytes`, { details: { most } })
    const source = c.req.raw.body ?? []
    const added = await files.take(
      session,
      async () => await owner().files.add(conversation, source as AsyncIterable<Uint8Array>, { name, type }),
    )
    return c.json(addressedFile(conversation, added, files.addressOf(session)), 201)
  })
  api.openapi(fetched, async (c) => {
    const { id } = c.req.valid('param')
    const { conversation } = c.req.valid('query')
    const session = askerOf(c, files, { conversation, id })
    return answer(c, files, await owner().files.open(conversation, id), session)
  })
  api.openapi(one, async (c) => {
    const { id, blob } = c.req.valid('param')
    const found = await owner().files.attachment(id, blob)
    return c.json(addressedFile(id, found, files.addressOf(c.get('session')?.id)), 200)
  })
  api.openapi(taken, async (c) => {
    const { id, blob } = c.req.valid('param')
    await owner().files.cancel(id, blob)
    return c.body(null, 204)
  })
  api.openapi(wanted, async (c) => {
    const { id, blob } = c.req.valid('param')
    const found = await owner().files.fetch(id, blob)
    return c.json(addressedFile(id, found, files.addressOf(c.get('session')?.id)), 200)
  })
}
