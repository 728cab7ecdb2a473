/** What a page is told of an event: the object as it is now, read from the owner. */

import type { BusEvent } from '../../bus.ts'
import { errorCode } from '../../../protocol/errors.ts'
import type { Change } from '../../../protocol/events.ts'
import type { Owner } from '../owner.ts'

/** Undefined if the object is gone and nobody needs to hear of it. */
function orGone<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (errorCode(error) === 'NOT_FOUND') return undefined
    throw error
  }
}

/** Undefined where there is nothing to tell any more. */
export async function renderChange(event: BusEvent, owner: Owner, now: number): Promise<Change | undefined> {
  switch (event.type) {
    case 'me':
      return { type: 'me', me: owner.me() }
    case 'peer':
    case 'peer-gone': {
      const peer = owner.peer(event.device)
      return peer === undefined ? { type: 'peer-gone', deviceId: event.device } : { type: 'peer', peer }
    }
    case 'contact':
    case 'contact-gone': {
      const contact = orGone(() => owner.contact(event.person))
      return contact === undefined ? { type: 'contact-gone', contactId: event.person } : { type: 'contact', contact }
    }
    case 'conversation': {
      const conversation = orGone(() => owner.conversation(event.conversation))
      return conversation && { type: 'conversation', conversation }
    }
    case 'message': {
      const message = await owner.message(event.conversation, event.order)
      return message && { type: 'message', message }
    }
    case 'ticks':
      return event
    case 'typing':
      return event.until > now ? event : undefined
    default:
      return event satisfies never
  }
}
