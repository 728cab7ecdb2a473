/** What a page is told of an event: the object as it is now, read from the owner. */

import type { BusEvent } from '../../bus.ts'
import { errorCode } from '../../../protocol/errors.ts'
import type { Change } from '../../../protocol/events.ts'
import type { ConversationId, DeviceId, PersonId } from '../../../protocol/ids.ts'
import type { Owner } from '../owner.ts'

type File = Extract<BusEvent, { type: 'blob' }>
type Place = Extract<BusEvent, { type: 'message-gone' }> | Extract<BusEvent, { type: 'message' }>

/** Undefined if the object is gone and nobody needs to hear of it. */
async function orGone<T>(read: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (errorCode(error) === 'NOT_FOUND') return undefined
    throw error
  }
}

function renderPeer(device: DeviceId, owner: Owner): Change {
  const peer = owner.peer(device)
  return peer === undefined ? { type: 'peer-gone', deviceId: device } : { type: 'peer', peer }
}

async function renderContact(person: PersonId, owner: Owner): Promise<Change> {
  const contact = await orGone(() => owner.contact(person))
  return contact === undefined ? { type: 'contact-gone', contactId: person } : { type: 'contact', contact }
}

/** Gone is also one that is hidden now. */
async function renderConversation(id: ConversationId, owner: Owner): Promise<Change> {
  const conversation = await orGone(() => owner.conversation(id))
  return conversation === undefined
    ? { type: 'conversation-gone', conversation: id }
    : { type: 'conversation', conversation }
}

async function renderMessage({ conversation, order }: Place, owner: Owner): Promise<Change> {
  const message = await orGone(async () => await owner.message(conversation, order))
  return message === undefined ? { type: 'message-gone', conversation, order } : { type: 'message', message }
}

const unlessOver = <T extends { readonly until: number }>(event: T, now: number): T | undefined =>
  event.until > now ? event : undefined

async function renderFile({ conversation, blob }: File, owner: Owner): Promise<Change | undefined> {
  const attachment = await orGone(async () => await owner.files.attachment(conversation, blob))
  return attachment && { type: 'attachment', conversation, attachment }
}

/** Undefined where there is nothing to tell any more. */
export async function renderChange(event: BusEvent, owner: Owner, now: number): Promise<Change | undefined> {
  switch (event.type) {
    case 'me':
      return { type: 'me', me: owner.me() }
    case 'peer':
    case 'peer-gone':
      return renderPeer(event.device, owner)
    case 'contact':
    case 'contact-gone':
      return await renderContact(event.person, owner)
    case 'conversation':
      return await renderConversation(event.conversation, owner)
    case 'message':
    case 'message-gone':
      return await renderMessage(event, owner)
    case 'blob':
      return await renderFile(event, owner)
    case 'devices':
    case 'conversation-gone':
    case 'ticks':
    case 'came':
      return event
    case 'typing':
      return unlessOver(event, now)
    default:
      return event satisfies never
  }
}
