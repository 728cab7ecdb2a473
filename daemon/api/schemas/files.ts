/** Schemas of files that come with messages. */

import { z } from '@hono/zod-openapi'
import { limits } from '../../../protocol/limits.ts'
import { idText, maybe, someText } from './text.ts'

export const Attachment = z
  .object({
    id: z.string(),
    name: z.string(),
    type: z.string(),
    size: z.number(),
    state: z.enum(['whole', 'coming', 'missing']),
    held: z.number(),
    shows: maybe(z.enum(['picture', 'video', 'audio'])),
    width: maybe(z.number()),
    height: maybe(z.number()),
    url: maybe(z.string()),
  })
  .openapi('Attachment')

/** Of POST /blobs. */
export const NewFileQuery = z.strictObject({
  conversation: idText,
  name: maybe(someText(limits.fileNameBytes)),
  type: maybe(someText(limits.mediaTypeBytes)),
})

/** Of GET /blobs/:id. `download`: to be saved, whatever it is. */
export const FileQuery = z.strictObject({
  conversation: idText,
  ticket: maybe(z.string().max(256)),
  download: maybe(z.literal('1')),
})
