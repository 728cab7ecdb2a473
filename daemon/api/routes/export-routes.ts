/** Saving a conversation outside of Warren. */

import { createRoute } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { WarrenError } from '../../../protocol/errors.ts'
import type { Environment } from '../environment.ts'
import type { ExportAsked, Exports } from '../exports.ts'
import { ExportLink, ExportWish } from '../schemas/conversations.ts'
import { body, idParam, json, problem, type Routes, type TheOwner } from './route.ts'

const path = '/conversations/{id}/export'

const file = {
  description: 'The file, as an attachment with a name; one that ends without its end was broken off.',
  content: { 'application/octet-stream': {} },
}

const save = createRoute({
  method: 'get',
  path,
  summary: 'The conversation as it stands, as a page to read or as JSON that anybody can check.',
  request: { params: idParam, query: ExportWish },
  responses: { 200: file, ...problem },
})
const link = createRoute({
  method: 'post',
  path,
  summary: 'A link to the same, which a browser can follow once within a minute.',
  request: { params: idParam, body: body(ExportWish) },
  responses: { 201: json(ExportLink, 'The link.'), ...problem },
})
const follow = createRoute({
  method: 'get',
  path: '/exports/{id}',
  summary: 'Follows such a link. Needs no token: the link stands for its session.',
  security: [],
  request: { params: idParam },
  responses: { 200: file, ...problem },
})

/** Never shown in place of the page: it is saved, and runs nothing if it is shown all the same. */
function answer(c: Context<Environment>, exports: Exports, asked: ExportAsked): Response {
  // Answered like GET, and then nobody takes the bytes.
  if (c.req.method === 'HEAD') throw new WarrenError('BAD_SHAPE', 'an export can only be fetched')
  const cut = (): void => void c.env.incoming?.socket.destroy()
  const { name, bytes } = exports.stream(asked, cut)
  const plain = name.replace(/[^\w.-]+/g, '').replace(/-{2,}/g, '-')
  return c.body(bytes, 200, {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name)}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'transfer-encoding': 'chunked',
  })
}

export function addExportRoutes(api: Routes, owner: TheOwner, exports: Exports): void {
  api.openapi(save, (c) => {
    const session = c.get('session')?.id
    const { id } = c.req.valid('param')
    return answer(c, exports, { session, begin: () => owner().exportConversation(id, c.req.valid('query')) })
  })
  api.openapi(link, (c) => {
    const conversation = c.req.valid('param').id
    // Told now what would go wrong then, where a page can say so.
    owner().conversation(conversation)
    const { ticket, expiresAt } = exports.issue({
      session: c.get('session')?.id,
      begin: () => owner().exportConversation(conversation, c.req.valid('json')),
    })
    return c.json({ link: `/api/v1/exports/${ticket}`, expiresAt }, 201)
  })
  api.openapi(follow, (c) => {
    return exports.follow(c.req.valid('param').id, (asked) => {
      c.env.trust?.()
      return answer(c, exports, asked)
    })
  })
}
