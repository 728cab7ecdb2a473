/** How far an own message has come, said to a person. */

import { msg, str } from '@lit/localize'
import type { ConversationKind, MessageState, Reached } from '../../protocol/http-conversations.ts'
import type { PendingMessage } from '../model/outbox.ts'

export type Step = MessageState | PendingMessage['state']

const words: Readonly<Record<Step, () => string>> = {
  sending: () => msg('Sending'),
  waiting: () => msg('Waiting to be sent'),
  failed: () => msg('Not sent'),
  stored: () => msg('Saved on this device'),
  held: () => msg('Held by another device'),
  delivered: () => msg('Delivered'),
  read: () => msg('Read'),
}

/** Of a group: some have it, or have read it. */
function someWords({ held, devices, delivered, read, persons }: Reached): string {
  if (read > 0) return msg(str`Read by ${read} of ${persons}`)
  if (delivered > 0) return msg(str`Delivered to ${delivered} of ${persons}`)
  return held > 0 ? msg(str`Held by ${held} of ${devices} devices`) : words.held()
}

function groupWords(step: Step, reached: Reached): string {
  if (step === 'read') return reached.persons === 1 ? words.read() : msg('Read by everybody')
  if (step === 'delivered' && reached.read > 0)
    return msg(str`Delivered to everybody, read by ${reached.read} of ${reached.persons}`)
  if (step === 'delivered') return reached.persons === 1 ? words.delivered() : msg('Delivered to everybody')
  return step === 'held' ? someWords(reached) : words[step]()
}

/** `reached`: as it was told with the message; the step may be further by now. */
export const tickWords = (step: Step, kind: ConversationKind, reached?: Reached): string =>
  kind === 'group' && reached !== undefined ? groupWords(step, reached) : words[step]()

/** What stands beside the ticks of a group while not everybody has got it, or read it; empty if nothing need be said. */
export function tickCount(step: Step, kind: ConversationKind, reached?: Reached): string {
  if (kind !== 'group' || reached === undefined || reached.persons < 2) return ''
  const { delivered, read, persons } = reached
  if (step === 'held' && (delivered > 0 || read > 0)) return `${read > 0 ? read : delivered}/${persons}`
  return step === 'delivered' && read > 0 && read < persons ? `${read}/${persons}` : ''
}
