/** Building blocks of the schemas: bounded text, optional members, lists. */

import { z } from '@hono/zod-openapi'

const tooLong = (maximum: number, unit: 'bytes' | 'characters', input: string) =>
  ({ code: 'too_big', origin: 'string', maximum, input, message: `at most ${maximum} ${unit}` }) as const

/** A lone surrogate has no UTF-8 form: it could not come back byte for byte. */
const wellFormed = z.string().refine((text) => text.isWellFormed(), 'not well-formed Unicode')

/** At most `most` Unicode code points. */
export const shortText = (most: number) =>
  wellFormed
    .superRefine((text, c) => {
      if (text.length > most && Array.from(text).length > most) c.addIssue(tooLong(most, 'characters', text))
    })
    .openapi({ maxLength: most })

/** At most `most` UTF-8 bytes, perhaps none. */
export const someText = (most: number) =>
  wellFormed
    .superRefine((text, c) => {
      if (Buffer.byteLength(text) > most) c.addIssue(tooLong(most, 'bytes', text))
    })
    .openapi({ maxLength: most, description: `At most ${most} UTF-8 bytes.` })

/** At most `most` UTF-8 bytes, at least one. */
export const longText = (most: number) =>
  wellFormed
    .superRefine((text, c) => {
      if (text === '') c.addIssue({ code: 'custom', message: 'empty', input: text })
      if (Buffer.byteLength(text) > most) c.addIssue(tooLong(most, 'bytes', text))
    })
    .openapi({ minLength: 1, maxLength: most, description: `At most ${most} UTF-8 bytes.` })

/** Ids and cursors: the rooms read them. */
export const idText = z.string().min(1).max(256)

/** Epoch milliseconds. */
export const epochMs = z.int().min(0)

/** base64url of exactly `bytes` bytes. */
export const base64url = (bytes: number) => {
  const length = Math.ceil((bytes * 4) / 3)
  return z.string().regex(new RegExp(`^[A-Za-z0-9_-]{${length}}$`))
}

/** JSON has no `undefined`: a member is there or it is not, as exactOptionalPropertyTypes wants it. */
export const maybe = <T extends z.ZodType>(schema: T): z.ZodExactOptional<T> =>
  schema.optional() as unknown as z.ZodExactOptional<T>

export const pageOf = <T extends z.ZodType>(items: T) => z.object({ items: z.array(items), next: maybe(z.string()) })
