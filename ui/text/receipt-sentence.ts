/** Who has a message, said to a person. */

import { msg, str } from '@lit/localize'
import type { Receipt, ReceiptDevice, Receipts, Waking } from '../../protocol/http-conversations.ts'
import { fullTime } from './format-time.ts'
import { isolated } from './names.ts'
import { wakingSentence } from './waking-sentence.ts'

/** How many have it, of how many. */
export function receiptsSentence({ held, devices, delivered, read, persons }: Receipts): string {
  const holders =
    devices === 0
      ? msg('There is no other device yet that could hold it.')
      : devices === 1
        ? held === 1
          ? msg('The other device holds it.')
          : msg('The other device does not hold it yet.')
        : msg(str`Held by ${held} of ${devices} other devices.`)
  if (persons < 2) return holders
  return `${msg(str`Delivered to ${delivered} of ${persons} people, read by ${read}.`)} ${holders}`
}

/** Of one person. `woken`: a device of theirs is being woken. */
export function receiptSentence({ state, readBy, name, online }: Receipt, woken?: Waking): string {
  if (state === 'read') return msg(str`Read, ${fullTime(readBy ?? 0)} at the latest`)
  if (state === 'delivered') return msg('Delivered')
  if (online) return msg('On its way')
  if (woken !== undefined) return wakingSentence([woken])
  return name === '' ? msg('Will be delivered later') : msg(str`Will be delivered when ${isolated(name)} is back`)
}

/** Of one of several devices. */
export const receiptDeviceSentence = ({ held, linked }: ReceiptDevice): string =>
  held ? msg('holds it') : linked ? msg('does not hold it yet') : msg('offline, does not hold it yet')
