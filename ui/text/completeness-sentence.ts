/** Who holds what of a conversation, said to a person. */

import { msg, str } from '@lit/localize'
import type { Completeness } from '../../protocol/http-groups.ts'
import { shortTime } from './format-time.ts'
import { isolated } from './names.ts'

export type HeldDevice = Completeness['devices'][number]

const owner = ({ person }: HeldDevice): string => (person.name === '' ? msg('Somebody') : isolated(person.name))

const entries = (count: number): string => (count === 1 ? msg('1 entry') : msg(str`${count} entries`))

/** The one that holds most of what is missing here. */
function lackSentence(device: HeldDevice): string {
  const [name, count] = [owner(device), entries(device.lacking)]
  return device.linked
    ? msg(str`A device of ${name} has ${count} that are not here yet. They are on their way.`)
    : msg(str`A device of ${name} has ${count} that are not here yet, and is offline.`)
}

export function completenessSentence({ devices, complete, upTo }: Completeness): string {
  const heard = devices.filter(({ heardAt }) => heardAt > 0).length
  const most = devices.find(({ lacking }) => lacking > 0)
  if (!complete && most !== undefined) return lackSentence(most)
  if (devices.length === 0) return msg('There is no other device yet that could hold anything.')
  if (heard === 0) return msg('No other device has told yet what it holds.')
  const until = upTo === 0 ? '' : shortTime(upTo)
  if (heard < devices.length) {
    return heard === 1
      ? msg(str`One of ${devices.length} devices was heard from: everything it has is here.`)
      : msg(str`${heard} of ${devices.length} devices were heard from: everything they have is here.`)
  }
  if (heard === 1) {
    return until === ''
      ? msg('You have everything from the other device.')
      : msg(str`You have everything from the other device, as of ${until}.`)
  }
  return until === ''
    ? msg(str`You have everything from all ${heard} devices.`)
    : msg(str`You have everything from all ${heard} devices, as of ${until}.`)
}

export const unreadableSentence = (count: number): string =>
  count === 1
    ? msg('One message is here whose key has not come yet.')
    : msg(str`${count} messages are here whose keys have not come yet.`)

/** Of one device, in the list. */
export function deviceSentence(device: HeldDevice): string {
  if (device.heardAt === 0) return msg('Not heard from yet')
  const parts = [
    device.lacking > 0 ? msg(str`has ${entries(device.lacking)} you lack`) : '',
    device.ahead > 0 ? msg(str`lacks ${entries(device.ahead)} you have`) : '',
  ].filter((each) => each !== '')
  const known = parts.length === 0 ? msg('has the same as this device') : parts.join(', ')
  return device.linked ? known : msg(str`${known} · offline, last heard ${shortTime(device.heardAt)}`)
}
