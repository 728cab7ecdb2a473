/** Backups of everything. */

import { createRoute } from '@hono/zod-openapi'
import type { Exports } from '../exports.ts'
import type { Keys } from '../keys.ts'
import { BackupCourse, BackupLink, BackupSize, NewBackup } from '../schemas/backup.ts'
import { body, done, idParam, json, problem, type Routes, type TheOwner } from './route.ts'

const size = createRoute({
  method: 'get',
  path: '/backups',
  summary: 'About how much a backup would hold that is made now, and how much files would add.',
  responses: { 200: json(BackupSize, 'How much.'), ...problem },
})

const begin = createRoute({
  method: 'post',
  path: '/backups',
  summary:
    'A link to a sealed backup of everything, which can be followed once within a minute. It is made while it is read.',
  request: { body: body(NewBackup) },
  responses: { 201: json(BackupLink, 'The link, and a recovery key if no passphrase was given.'), ...problem },
})

const course = createRoute({
  method: 'get',
  path: '/backups/{id}',
  summary: 'How far a backup is that this session asked for.',
  request: { params: idParam },
  responses: { 200: json(BackupCourse, 'How far it is.'), ...problem },
})
const end = createRoute({
  method: 'delete',
  path: '/backups/{id}',
  summary: 'Break it off: the link leads nowhere, and a download that goes on fails.',
  request: { params: idParam },
  responses: { 204: done, ...problem },
})

export function addBackupRoutes(api: Routes, owner: TheOwner, keys: () => Keys, exports: Exports): void {
  api.openapi(size, async (c) => c.json(await owner().backups.size(), 200))
  api.openapi(begin, async (c) => {
    const { current, ...wish } = c.req.valid('json')
    await keys().checkOwner(current, c.env.channel === 'socket')
    const { name, about, recoveryKey, open } = await owner().backups.begin(wish)
    const begin = () => ({ name, pieces: open() })
    const { ticket, expiresAt } = exports.issue({ session: c.get('session')?.id, begin })
    const answer = { id: ticket, link: `/api/v1/exports/${ticket}`, expiresAt, name, about }
    return c.json(recoveryKey === undefined ? answer : { ...answer, recoveryKey }, 201)
  })
  api.openapi(course, (c) => {
    const { state, given } = exports.courses.of(c.req.valid('param').id, c.get('session')?.id)
    return c.json({ state, given }, 200)
  })
  api.openapi(end, (c) => {
    exports.end(c.req.valid('param').id, c.get('session')?.id)
    return c.body(null, 204)
  })
}
