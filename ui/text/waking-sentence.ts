/** That somebody's phone, or another device that sleeps, is being woken for what the owner wrote. */

import { msg, str } from '@lit/localize'
import type { Waking } from '../../protocol/http-conversations.ts'
import { isolated } from './names.ts'

/** `woken`: whose devices are woken, at least one person's. */
export function wakingSentence(woken: readonly Pick<Waking, 'name' | 'phone'>[]): string {
  const [first, ...others] = woken
  const name = first?.name ?? ''
  if (woken.every(({ phone }) => phone)) {
    if (others.length > 0) return msg(str`Waking the phones of ${woken.length} people…`)
    return name === '' ? msg('Waking a phone…') : msg(str`Waking ${isolated(name)}’s phone…`)
  }
  if (others.length > 0) return msg(str`Waking the devices of ${woken.length} people…`)
  return name === '' ? msg('Waking a device…') : msg(str`Waking ${isolated(name)}’s device…`)
}
