/** Ids of people and devices that are nothing but a name, for owners in memory. */

import { sha256 } from '../../protocol/crypto.ts'
import { WarrenError } from '../../protocol/errors.ts'
import {
  conversationIdOf,
  deviceIdOf,
  personIdOf,
  type ConversationId,
  type DeviceId,
  type PersonId,
} from '../../protocol/ids.ts'

export const bytesOf = (name: string): Uint8Array => sha256(new TextEncoder().encode(name))

export const personOf = (name: string): PersonId => personIdOf(bytesOf(`person ${name}`))
export const deviceOf = (name: string): DeviceId => deviceIdOf(bytesOf(`device ${name}`))
export const unknownConversation: ConversationId = conversationIdOf(bytesOf('nowhere'))

export const orderOf = (seq: number): string => String(seq).padStart(12, '0')

export const find = <T>(map: ReadonlyMap<string, T>, id: string, what: string): T => {
  const found = map.get(id)
  if (found === undefined) throw new WarrenError('NOT_FOUND', `no such ${what}`)
  return found
}
