/** What every file of routes shares: the app they are added to, what they may ask, and shorthands for their descriptions. */

import { OpenAPIHono, z } from '@hono/zod-openapi'
import { WarrenError } from '../../../protocol/errors.ts'
import { limits } from '../../../protocol/limits.ts'
import type { Environment } from '../environment.ts'
import type { Owner } from '../owner.ts'
import { ErrorBody } from '../schemas/daemon.ts'
import { idText } from '../schemas/text.ts'

export type Routes = OpenAPIHono<Environment>

/** The rooms behind the API; throws NOT_RUNNING while they are not open yet. */
export type TheOwner = () => Owner

/** A zod issue about a string that is too long is a limit, everything else is shape. */
export const newRoutes = (): Routes =>
  new OpenAPIHono<Environment>({
    defaultHook: (result) => {
      if (result.success) return
      const issues = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
      const isTooLong = result.error.issues.some((issue) => issue.code === 'too_big' && issue.origin === 'string')
      const first = issues[0]
      const message = first === undefined ? 'wrong shape' : `${first.path || 'body'}: ${first.message}`
      throw new WarrenError(isTooLong ? 'TOO_LARGE' : 'BAD_SHAPE', message, { details: { issues } })
    },
  })

export const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

export const body = <T extends z.ZodType>(schema: T) => ({
  required: true,
  content: { 'application/json': { schema } },
})

export const done = { description: 'Done.' }

/** The shape of every failure. */
export const problem = { default: json(ErrorBody, 'What went wrong, by code.') }

export const idParam = z.object({ id: idText.openapi({ param: { name: 'id', in: 'path' } }) })

export const pageLimit = z.coerce.number().int().min(1).max(limits.apiPageItems)
