/** Files at the door of the API: their addresses, and what of them is on its way in and out. */

import { WarrenError } from '../../protocol/errors.ts'
import type { Change } from '../../protocol/events.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { limits } from '../../protocol/limits.ts'
import type { Log } from '../log.ts'
import { addressedChange, addressedConversation, type AddressOf } from './file-addresses.ts'
import { FileTickets, type FileTicketsDeps, type TicketedFile } from './file-tickets.ts'
import { Outgoing } from './outgoing.ts'

const urlOf = ({ conversation, id }: TicketedFile, ticket: string | undefined): string => {
  const query = new URLSearchParams({ conversation, ...(ticket === undefined ? {} : { ticket }) })
  return `/api/v1/blobs/${encodeURIComponent(id)}?${query.toString()}`
}

export class Files {
  readonly #tickets: FileTickets
  readonly outgoing: Outgoing
  /** Per session; undefined is the unix socket. */
  readonly #incoming = new Map<string | undefined, number>()

  constructor(deps: FileTicketsDeps & { readonly log: Log }) {
    this.#tickets = new FileTickets(deps)
    const tooMany = 'too many files are being fetched at once'
    this.outgoing = new Outgoing({ log: deps.log, most: limits.filesOutAtOnce, tooMany })
  }

  /** Addresses that count for a session; on the unix socket they need not prove anything. */
  addressOf(session: string | undefined): AddressOf {
    return (conversation, { id }) => {
      const file = { conversation, id }
      return urlOf(file, session === undefined ? undefined : this.#tickets.issue(session, file))
    }
  }

  /** A change as one session is told of it. */
  addressed(session: string | undefined, change: Change): Change {
    return addressedChange(change, this.addressOf(session))
  }

  /** A conversation as one session is told of it. */
  conversation(session: string | undefined, conversation: Conversation): Conversation {
    return addressedConversation(conversation, this.addressOf(session))
  }

  /** The session that a ticket stands for. Throws NOT_ALLOWED. */
  sessionOf(ticket: string, file: TicketedFile): string {
    return this.#tickets.check(ticket, file)
  }

  /** Takes a file in, a few of one session at a time. Throws RATE_LIMITED. */
  async take<T>(session: string | undefined, receive: () => Promise<T>): Promise<T> {
    const open = this.#incoming.get(session) ?? 0
    if (open >= limits.filesInAtOnce)
      throw new WarrenError('RATE_LIMITED', 'too many files are being added at once', {
        details: { retryAfterMs: 1000 },
      })
    this.#incoming.set(session, open + 1)
    try {
      return await receive()
    } finally {
      const left = (this.#incoming.get(session) ?? 1) - 1
      if (left > 0) this.#incoming.set(session, left)
      else this.#incoming.delete(session)
    }
  }

  /** The session has ended. */
  forget(session: string): void {
    this.outgoing.forget(session)
  }

  /** The house is shut: what is on its way ends, and no address from before counts again. */
  endAll(): void {
    this.#tickets.forgetAll()
    this.outgoing.endAll()
  }
}
