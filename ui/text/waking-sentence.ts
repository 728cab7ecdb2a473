/** That somebody's phone is being woken for what the owner wrote. */

import { msg, str } from '@lit/localize'
import { isolated } from './names.ts'

/** `names`: of those who are woken, at least one. */
export function wakingSentence(names: readonly string[]): string {
  const [first = '', ...others] = names
  if (others.length > 0) return msg(str`Waking the phones of ${names.length} people…`)
  return first === '' ? msg('Waking a phone…') : msg(str`Waking ${isolated(first)}’s phone…`)
}
