/** Reading and sending messages. */

import { createRoute, z } from '@hono/zod-openapi'
import { addressedMessage } from '../file-addresses.ts'
import type { Files } from '../files.ts'
import type { PageOptions } from '../owner.ts'
import { Message, MessagePage, NewMessage, Receipts } from '../schemas/conversations.ts'
import { idText } from '../schemas/text.ts'
import type { SendLimit } from '../send-limit.ts'
import { body, idParam, json, pageLimit, problem, type Routes, type TheOwner } from './route.ts'

const path = '/conversations/{id}/messages'

const list = createRoute({
  method: 'get',
  path,
  summary: 'Messages, newest first; both cursors are order keys and exclusive.',
  request: {
    params: idParam,
    query: z.object({ before: idText.optional(), after: idText.optional(), limit: pageLimit.default(50) }),
  },
  responses: { 200: json(MessagePage, 'A page.'), ...problem },
})
const post = createRoute({
  method: 'post',
  path,
  summary: 'Send a message: durable once it is answered, exactly-once for a clientId.',
  request: { params: idParam, body: body(NewMessage) },
  responses: {
    201: json(Message, 'The new message.'),
    200: json(Message, 'The message that this clientId stands for already.'),
    ...problem,
  },
})

const receipts = createRoute({
  method: 'get',
  path: `${path}/{message}/receipts`,
  summary: 'Who has an own message: person by person, device by device. The message by its id or its order key.',
  request: { params: idParam.extend({ message: idText.openapi({ param: { name: 'message', in: 'path' } }) }) },
  responses: { 200: json(Receipts, 'Who has it.'), ...problem },
})

export function addMessageRoutes(api: Routes, owner: TheOwner, sends: SendLimit, files: Files): void {
  api.openapi(list, async (c) => {
    const { before, after, limit } = c.req.valid('query')
    const options: PageOptions = {
      limit,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    }
    const page = await owner().messages(c.req.valid('param').id, options)
    const address = files.addressOf(c.get('session')?.id)
    return c.json({ ...page, items: page.items.map((each) => addressedMessage(each, address)) }, 200)
  })
  api.openapi(receipts, async (c) => {
    const { id, message } = c.req.valid('param')
    return c.json(await owner().receipts(id, message), 200)
  })
  api.openapi(post, async (c) => {
    const session = c.get('session')
    if (session !== undefined) sends.take(session.id)
    const { message: posted, created } = await owner().post(c.req.valid('param').id, c.req.valid('json'))
    const message = addressedMessage(posted, files.addressOf(session?.id))
    return created ? c.json(message, 201) : c.json(message, 200)
  })
}
