/** The part of a file that a request asks for (RFC 9110, section 14). */

import { WarrenError } from '../../protocol/errors.ts'

export interface ByteRange {
  readonly from: number
  /** Behind the last byte. */
  readonly to: number
}

/** Undefined for the whole: no range, several at once, or one of a wrong shape. Throws BAD_RANGE where none of it is in the file. */
export function byteRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const to = first === '' || last === '' ? size : Math.min(size, Number(last) + 1)
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  if (from >= size || to <= from)
    throw new WarrenError('BAD_RANGE', 'nothing of that is in the file', { details: { size } })
  return { from, to }
}
