/** Files in words: how large they are, and what a message is that has nothing but files. */

import { msg, str } from '@lit/localize'
import type { Message } from '../../protocol/http-conversations.ts'
import type { Attachment } from '../../protocol/http-files.ts'
import type { ApiErrorCode } from '../client/api-error.ts'
import { formatLocale } from '../locale.ts'
import { errorSentence } from './error-sentence.ts'
import { isolated } from './names.ts'

const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']

/** Such as `12.3 MB`, in powers of 1,000. */
export function fileSize(bytes: number): string {
  let value = bytes
  let unit = 0
  for (; value >= 999.5 && unit < units.length - 1; unit += 1) value /= 1000
  return new Intl.NumberFormat(formatLocale(), {
    style: 'unit',
    unit: units[unit] ?? 'byte',
    unitDisplay: unit === 0 ? 'long' : 'short',
    maximumFractionDigits: unit > 0 && value < 9.95 ? 1 : 0,
  }).format(value)
}

export const fileTitle = ({ name }: Pick<Attachment, 'name'>): string => name || msg('File without a name')

/** Why it cannot be sent. */
export const fileProblem = (code: ApiErrorCode, size: number): string =>
  code === 'TOO_LARGE' ? msg(str`Too large to send: ${fileSize(size)}`) : errorSentence(code)

/** By what it is known to be, else by what its sender says: in a list nothing runs that would have to be sure. */
const isOf = (kind: string, { shows, type }: Attachment): boolean =>
  shows === (kind === 'image' ? 'picture' : kind) || (shows === undefined && type.startsWith(`${kind}/`))

function wordsOf(files: readonly Attachment[]): string {
  const [first] = files
  if (first === undefined) return ''
  const count = files.length
  if (files.every((each) => isOf('image', each))) return count === 1 ? msg('Picture') : msg(str`${count} pictures`)
  if (count > 1) return msg(str`${count} files`)
  if (isOf('video', first)) return msg('Video')
  if (isOf('audio', first)) return msg('Sound')
  return isolated(fileTitle(first))
}

/** What a message says in one line: its text, or what its files are. */
export const messageWords = ({ text, attachments = [] }: Pick<Message, 'text' | 'attachments'>): string =>
  text.trim() === '' ? wordsOf(attachments) : text
