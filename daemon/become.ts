/** This home joins another person, or comes back as a device of its own: what it was is left as it stands, and what it becomes is written down. */

import { publicBytes, signBytes, signingKeyFromSeed } from '../protocol/crypto.ts'
import { deviceIdOf, type PersonId } from '../protocol/ids.ts'
import { movedMessage } from '../protocol/operation-proofs.ts'
import { returnAs, revive, type Return } from './backup/archive-mark.ts'
import { contactRow, newRecord, readContactRow, type ContactRecord } from './contacts/contact-record.ts'
import { nextNumber } from './contacts/wish.ts'
import type { Welcome } from './devices/resuming.ts'
import {
  becomeNext,
  beginnerOf,
  decideToBecome,
  openIdentity,
  type Identity,
  type IdentityDeps,
  type Joined,
} from './identity/identity.ts'
import { broughtAlong } from './owner/carried.ts'
import { checkCard, takeCard } from './owner/profile.ts'
import type { Rooms } from './rooms.ts'
import { tables, type Batch, type Row, type Store } from './store/store.ts'

/**
 * Decides it, and tells those who know the person that this device was, unless `tells` says otherwise: both are durable when it resolves,
 * or neither is if it rejects. The rooms must be opened anew then, and become it before they do anything else; until that is durable, at each opening.
 */
export async function becomeOther(
  { conversations, identity }: Pick<Rooms, 'conversations' | 'identity'>,
  store: Store,
  welcome: Welcome & Pick<Joined, 'recoverySeed' | 'helper'>,
  tells = true,
): Promise<void> {
  const { ownLog } = conversations
  const { person } = welcome
  checkCard(welcome.card)
  const decide = (batch: Batch): void => decideToBecome(batch, person, welcome)
  // A device that was removed has nothing to say any more, and one that comes back as who it was goes nowhere.
  if (!tells || ownLog.isRemoved || person === identity.person) await store.commit(decide)
  else {
    const key = signingKeyFromSeed(welcome.seed)
    const move = { person, device: deviceIdOf(publicBytes(key)) }
    await ownLog.moveTo(move, signBytes(key, movedMessage(identity.person, person)), decide)
  }
}

/** Opens the identity of this home; one that was decided to be another becomes it first, wholly or not at all. */
export async function openAsOne(deps: IdentityDeps): Promise<Identity> {
  const identity = await openIdentity(deps)
  if (identity.next === undefined) return identity
  await become(deps, identity, identity.next)
  return await openIdentity(deps)
}

/** In one commit, made of what is durable: nobody has these rows in memory yet. */
async function become({ store, now }: IdentityDeps, before: Identity, next: Joined): Promise<void> {
  const contacts = await store.range(tables.contact)
  const joined = beginnerOf(next.log)
  await store.commit((batch) => {
    becomeNext(batch, before, next)
    const isSame = joined === before.person
    // Others have heard more of the person than what is here; but of one that begins here.
    if (isSame || (next.recoverySeed !== undefined && next.log.length > 1)) revive(batch, now())
    takeCard(batch, next.card)
    // A backup that lives again, or a device that was removed: contacts and all the rest are the person's already.
    if (isSame) return comeBack(batch, contacts, next.recoverySeed === undefined ? 'consent' : 'words')
    const change = { joined, before: before.person, now: now() }
    const persons = new Set<PersonId>()
    for (const { at, value } of contacts) {
      const key = { table: tables.contact, at }
      const kept = keptOf(readContactRow(value), change)
      if (kept === undefined) batch.delete(key)
      else batch.put(key, contactRow(kept))
      if (kept !== undefined) persons.add(kept.person)
    }
    const slot = Math.max(-1, ...contacts.map(({ at }) => at[0] ?? 0)) + 1
    if (next.helper !== undefined && !persons.has(next.helper.person)) putHelper(batch, slot, next.helper, now())
  })
}

/** Requests of another day are dropped where a device is left that knows what became of them. */
function comeBack(batch: Batch, contacts: readonly Row[], how: Return): void {
  returnAs(batch, how)
  if (how === 'words') return
  for (const { at, value } of contacts) {
    const { state } = readContactRow(value)
    if (state === 'incoming' || state === 'outgoing') batch.delete({ table: tables.contact, at })
  }
}

interface Change {
  readonly joined: PersonId
  readonly before: PersonId
  readonly now: number
}

/** Asks who knew the person to be a contact, as the owner wished. */
function putHelper(batch: Batch, slot: number, { person, device }: NonNullable<Joined['helper']>, now: number): void {
  const asked = { ...newRecord(person, 'outgoing', now), number: nextNumber(undefined, now), devices: [device] }
  batch.put({ table: tables.contact, at: [slot] }, contactRow(asked))
}

/** What is left of a contact or a request of the person that this home was. */
function keptOf(record: ContactRecord, { joined, before, now }: Change): ContactRecord | undefined {
  if (record.person === joined) return undefined
  if (record.state === 'blocked') return record
  if (record.state !== 'accepted') return undefined
  // They knew somebody else: the person whom this device joins asks them anew.
  return { ...record, state: 'outgoing', knownAs: before, number: nextNumber(record, now), changedAt: broughtAlong }
}
