/** Contacts and contact requests. */

import { createRoute } from '@hono/zod-openapi'
import { Contact, ContactPatch, NewContact } from '../schemas/people.ts'
import { pageOf as pageSchema } from '../schemas/text.ts'
import { PageQuery, pageOf } from './page-of.ts'
import { body, done, idParam, json, problem, type Routes, type TheOwner } from './route.ts'

const path = '/contacts'
const onePath = '/contacts/{id}'

const list = createRoute({
  method: 'get',
  path,
  summary: 'Contacts, requests in both directions, who is blocked, was declined or is a contact no more.',
  request: { query: PageQuery },
  responses: { 200: json(pageSchema(Contact), 'Contacts.'), ...problem },
})
const add = createRoute({
  method: 'post',
  path,
  summary: 'Ask somebody to become a contact, by link, by a device that was seen, or again.',
  request: { body: body(NewContact) },
  responses: { 201: json(Contact, 'The request.'), ...problem },
})
const one = createRoute({
  method: 'get',
  path: onePath,
  summary: 'One contact.',
  request: { params: idParam },
  responses: { 200: json(Contact, 'The contact.'), ...problem },
})
const patch = createRoute({
  method: 'patch',
  path: onePath,
  summary: 'Accept, decline, block, unblock, name or mute, or dismiss a mismatch.',
  request: { params: idParam, body: body(ContactPatch) },
  responses: { 200: json(Contact, 'The contact as changed.'), ...problem },
})
const remove = createRoute({
  method: 'delete',
  path: onePath,
  summary: 'End a contact, take a request back, or forget a declined one. The conversation stays.',
  request: { params: idParam },
  responses: { 204: done, ...problem },
})

export function addContactRoutes(api: Routes, owner: TheOwner): void {
  api.openapi(list, (c) => {
    const page = pageOf(owner().contacts(), (contact) => contact.id, c.req.valid('query'))
    return c.json(page, 200)
  })
  api.openapi(add, async (c) => c.json(await owner().addContact(c.req.valid('json'), c.req.raw.signal), 201))
  api.openapi(one, (c) => c.json(owner().contact(c.req.valid('param').id), 200))
  api.openapi(patch, async (c) => {
    const contact = await owner().patchContact(c.req.valid('param').id, c.req.valid('json'))
    return c.json(contact, 200)
  })
  api.openapi(remove, async (c) => {
    await owner().deleteContact(c.req.valid('param').id)
    return c.body(null, 204)
  })
}
