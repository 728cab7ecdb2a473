/** The one place where rooms say what changed. Each event is published once, by its owner, after its write is durable. */

import type { BlobId, ConversationId, DeviceId, PersonId } from '../protocol/ids.ts'

export type BusEvent =
  | { readonly type: 'me' }
  /** The owner's own devices, or the linking of one. */
  | { readonly type: 'devices' }
  | { readonly type: 'peer'; readonly device: DeviceId }
  | { readonly type: 'peer-gone'; readonly device: DeviceId }
  | { readonly type: 'contact'; readonly person: PersonId }
  | { readonly type: 'contact-gone'; readonly person: PersonId }
  | { readonly type: 'conversation'; readonly conversation: ConversationId }
  /** It was deleted here, with all its messages. It may come back, empty. */
  | { readonly type: 'conversation-gone'; readonly conversation: ConversationId }
  /** A message that the owner can see is stored; `order` is its order key. */
  | { readonly type: 'message'; readonly conversation: ConversationId; readonly order: string }
  /** It stands elsewhere now: own words that were said again after a loss. */
  | { readonly type: 'message-gone'; readonly conversation: ConversationId; readonly order: string }
  /** More of a file is here, or less than it was. Blobs.state() says how much. */
  | { readonly type: 'blob'; readonly conversation: ConversationId; readonly blob: BlobId }
  | {
      readonly type: 'ticks'
      readonly conversation: ConversationId
      readonly feed: string
      readonly held: number
      readonly delivered: number
      readonly read: number
    }
  | {
      readonly type: 'typing'
      readonly conversation: ConversationId
      readonly person: PersonId
      readonly until: number
    }
  /** This device was woken: so many messages came in each of these since then, or since it was last told. */
  | {
      readonly type: 'came'
      readonly conversations: { readonly conversation: ConversationId; readonly count: number }[]
    }

export type Listener = (event: BusEvent) => void

/** Calls every listener in order, in the publisher's turn; a listener must not throw and must not wait. */
export class Bus {
  readonly #listeners = new Set<Listener>()

  /** Returns the function that ends the subscription. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  publish(event: BusEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
