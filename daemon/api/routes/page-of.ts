/** Cursor paging over a list that a room hands out whole. */

import { z } from '@hono/zod-openapi'
import { WarrenError } from '../../../protocol/errors.ts'
import type { Page } from '../../../protocol/http.ts'
import { limits } from '../../../protocol/limits.ts'
import { idText } from '../schemas/text.ts'
import { pageLimit } from './route.ts'

export const PageQuery = z.object({ cursor: idText.optional(), limit: pageLimit.default(limits.apiPageItems) })

/** The cursor is the key of the last item of the page before. Throws NOT_FOUND if that item is gone: begin anew. */
export function pageOf<T>(items: readonly T[], keyOf: (item: T) => string, query: z.infer<typeof PageQuery>): Page<T> {
  const { cursor, limit } = query
  const last = cursor === undefined ? -1 : items.findIndex((item) => keyOf(item) === cursor)
  if (cursor !== undefined && last < 0) throw new WarrenError('NOT_FOUND', 'the list changed: begin anew')
  const page = items.slice(last + 1, last + 1 + limit)
  const end = page.at(-1)
  const isMore = last + 1 + limit < items.length
  return end !== undefined && isMore ? { items: page, next: keyOf(end) } : { items: page }
}
