/** What others, or the owner's own programs, call a file, made fit to be shown: one line, and no path. */

import { utf8 } from '../../protocol/bytes.ts'
import { limits } from '../../protocol/limits.ts'
import { displayLine } from './display-text.ts'

/** What stands behind the last slash of either kind, as it can be seen; empty if that is nothing. */
export function fileName(name: string): string {
  const last = displayLine(name.replace(/^.*[\\/]/su, ''))
  return last === '.' || last === '..' ? '' : last
}

/** Cut to what a reference holds, its ending kept. */
export function boundedFileName(name: string): string {
  const shown = fileName(name)
  if (utf8(shown).length <= limits.fileNameBytes) return shown
  const ending = /\.[\w-]{1,16}$/u.exec(shown)?.[0] ?? ''
  const stem = Array.from(shown.slice(0, shown.length - ending.length))
  while (utf8(stem.join('') + ending).length > limits.fileNameBytes) stem.pop()
  return stem.join('') + ending
}

/** A media type without parameters, lower case; a file of bytes where it is none. */
export function mediaType(type: string): string {
  const [, plain] = /^\s*([a-z0-9][\w!#$&^.+-]{0,62}\/[a-z0-9][\w!#$&^.+-]{0,62})\s*(?:;|$)/i.exec(type) ?? []
  return (plain ?? 'application/octet-stream').toLowerCase()
}
