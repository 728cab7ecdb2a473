/** The owner's own devices, and linking one more. */

import { createRoute, z } from '@hono/zod-openapi'
import { Linking, LinkingEnd, NewLinking, NoLinking, OwnDevice, OwnDevicePatch } from '../schemas/devices.ts'
import { pageOf as pageSchema } from '../schemas/text.ts'
import { PageQuery, pageOf } from './page-of.ts'
import { body, done, idParam, json, problem, type Routes, type TheOwner } from './route.ts'

const list = createRoute({
  method: 'get',
  path: '/devices',
  summary: "The owner's own devices.",
  request: { query: PageQuery },
  responses: { 200: json(pageSchema(OwnDevice), 'Own devices.'), ...problem },
})
const rename = createRoute({
  method: 'patch',
  path: '/devices/{id}',
  summary: 'What the owner calls a device of theirs.',
  request: { params: idParam, body: body(OwnDevicePatch) },
  responses: { 200: json(OwnDevice, 'The device as changed.'), ...problem },
})
const remove = createRoute({
  method: 'delete',
  path: '/devices/{id}',
  summary: 'Remove another device of the owner: it is given nothing from now on.',
  request: { params: idParam },
  responses: { 204: done, ...problem },
})
const linking = createRoute({
  method: 'get',
  path: '/devices/linking',
  summary: 'The linking of a device that is under way, or the last one.',
  responses: { 200: json(z.union([Linking, NoLinking]), 'Where it stands.'), ...problem },
})
const begin = createRoute({
  method: 'post',
  path: '/devices/linking',
  summary: 'Show a code here that another device joins with; or, with a code, join the person whose device shows it.',
  request: { body: body(NewLinking) },
  responses: { 200: json(Linking, 'What was begun.'), ...problem },
})
const confirm = createRoute({
  method: 'post',
  path: '/devices/linking/confirm',
  summary: 'The owner saw the same words on both screens.',
  responses: { 200: json(Linking, 'Where it stands.'), ...problem },
})
const end = createRoute({
  method: 'post',
  path: '/devices/linking/end',
  summary: 'End it: the words differ, or the owner thought better of it.',
  request: { body: body(LinkingEnd) },
  responses: { 204: done, ...problem },
})

export function addDeviceRoutes(api: Routes, owner: TheOwner): void {
  api.openapi(linking, (c) => c.json(owner().ownDevices.linking(), 200))
  api.openapi(begin, (c) => c.json(owner().ownDevices.begin(c.req.valid('json')), 200))
  api.openapi(confirm, (c) => c.json(owner().ownDevices.confirm(), 200))
  api.openapi(end, (c) => {
    owner().ownDevices.cancel(c.req.valid('json').differ)
    return c.body(null, 204)
  })
  api.openapi(rename, async (c) => {
    const device = await owner().ownDevices.rename(c.req.valid('param').id, c.req.valid('json').name)
    return c.json(device, 200)
  })
  api.openapi(remove, async (c) => {
    await owner().ownDevices.remove(c.req.valid('param').id)
    return c.body(null, 204)
  })
  api.openapi(list, (c) => {
    const page = pageOf(owner().ownDevices.list(), (device) => device.deviceId, c.req.valid('query'))
    return c.json(page, 200)
  })
}
