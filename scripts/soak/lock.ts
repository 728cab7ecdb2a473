/** Shuts the house of a member while its process lives on. */

import type { NewKeySlot } from '../../protocol/http-access.ts'
import type { Member } from './member.ts'
import { pass } from './pass.ts'
import { persist } from './passing.ts'

const passphrase = 'seven otters read slowly'

/** Beside the key file: a start asks nothing. */
export async function makeLockable({ client }: Member): Promise<void> {
  const slot: NewKeySlot = { kind: 'passphrase', passphrase }
  await client.ask('POST', '/key-slots', slot)
}

export async function lockFor(member: Member, holdMs: number): Promise<void> {
  await member.client.ask('POST', '/lock', {})
  await pass(holdMs)
  await persist(member, async () => await member.client.ask('POST', '/unlock', { passphrase }))
}
