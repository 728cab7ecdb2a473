/** The message that somebody means: by its id, the beginning of that, or as the last of its kind. */

import type { Message, MessagePage } from '../../protocol/http-conversations.ts'
import type { Client } from './client.ts'
import { CommandError } from './command-error.ts'

const pageItems = 200
/** Messages among which one is looked for. */
const mostLooked = 5000
/** Shorter beginnings of an id would match by accident. */
export const leastPrefix = 4

export interface Meant {
  readonly which: string
  /** Whether a message is of the kind that is looked for; the newest of them is `last`. */
  readonly isOf: (message: Message) => boolean
  /** Whether it is named so; by its own id if not given. */
  readonly isNamed?: (message: Message) => boolean
}

/** Throws NOT_FOUND, AMBIGUOUS. */
export async function findMessage(client: Client, conversation: string, meant: Meant): Promise<Message> {
  const { which, isOf, isNamed = ({ id }: Message): boolean => id.startsWith(which) } = meant
  const found: Message[] = []
  let before = ''
  for (let looked = 0; looked < mostLooked; looked += pageItems) {
    const query = new URLSearchParams({ limit: String(pageItems), ...(before === '' ? {} : { before }) })
    const path = `/conversations/${encodeURIComponent(conversation)}/messages?${query.toString()}`
    const { items, older } = await client.ask<MessagePage>('GET', path)
    const last = which === 'last' ? items.find((each) => isOf(each)) : undefined
    if (last !== undefined) return last
    const isMeant = (each: Message): boolean =>
      each.notice === undefined && which.length >= leastPrefix && isNamed(each)
    found.push(...items.filter((each) => isMeant(each)))
    before = items.at(-1)?.order ?? ''
    if (!older || before === '') break
  }
  const [only, another] = found
  if (only === undefined) throw new CommandError('NOT_FOUND', `no message "${which}" is among the newest of them`)
  if (another !== undefined) throw new CommandError('AMBIGUOUS', `several messages begin with "${which}"`)
  return only
}
