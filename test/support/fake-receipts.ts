/** Who has a message of an owner in memory. */

import { WarrenError } from '../../protocol/errors.ts'
import type { Message, Receipt, Receipts } from '../../protocol/http-conversations.ts'

/** As a test says. Throws as the rooms do. */
export function fakeReceipts(messages: readonly Message[], name: string, people: readonly Receipt[]): Receipts {
  const found = messages.find((each) => each.id === name || each.order === name)
  if (found === undefined) throw new WarrenError('NOT_FOUND', 'no such message')
  if (!found.mine) throw new WarrenError('NOT_ALLOWED', 'who has a message is known to its author alone')
  const { id, order, state } = found
  const devices = people.flatMap((each) => each.devices)
  return {
    id,
    order,
    state,
    held: devices.filter(({ held }) => held).length,
    devices: devices.length,
    delivered: people.filter((each) => each.state !== 'waiting').length,
    read: people.filter((each) => each.state === 'read').length,
    persons: people.length,
    people: [...people],
    own: [],
  }
}
