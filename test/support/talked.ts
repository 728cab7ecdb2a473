/** Two who have talked, and what is left on a disk of their conversation. */

import type { Test } from 'tap'
import { decodeKey, encodeKey } from '../../daemon/store/keys.ts'
import { tables, type Table } from '../../daemon/store/store.ts'
import { encodeReadPosition, registerKeys } from '../../protocol/register.ts'
import { twoContacts, type Device, type Pair } from './device.ts'

export const count = (length: number, word: string): string[] => Array.from({ length }, (_, each) => `${word} ${each}`)

/** Ten messages, a draft, and a read mark. */
export async function talked(t: Test): Promise<Pair> {
  const pair = await twoContacts(t)
  const { alice, bob, chat, settle } = pair
  for (const text of count(5, 'from alice')) await alice.say(chat, text)
  for (const text of count(5, 'from bob')) await bob.say(chat, text)
  await settle()
  await alice.rooms.conversations.owner.patch(chat, { draft: 'unsent words' })
  const [newest] = (await alice.messages(chat)).slice(-1)
  const position = await alice.rooms.conversations.owner.markRead(chat, newest?.order ?? '')
  if (position === undefined) throw new Error('nothing was read')
  await alice.rooms.registers.set(chat, registerKeys.read, encodeReadPosition(position))
  return pair
}

export const owner = (device: Device): Device['rooms']['conversations']['owner'] => device.rooms.conversations.owner

/** The tables in which rows of a number lie. */
export function tablesWith(device: Device, number: number): string[] {
  const names = Object.entries(tables).filter(([, table]) => {
    const [from, to] = [encodeKey(table, []), encodeKey((table + 1) as Table, [])]
    const rows = device.disk.between(from.toString('latin1'), to.toString('latin1'))
    return rows.some(({ bytes }) => decodeKey(bytes)[0] === number)
  })
  return names.map(([name]) => name).toSorted()
}
