/** Five people who all know each other, a group of all of them, and one more device that belongs to one of them. */

import type { Conversation } from '../../protocol/http-conversations.ts'
import type { Linking } from '../../protocol/http-devices.ts'
import type { GroupMember } from '../../protocol/http-groups.ts'
import type { Me } from '../../protocol/http-people.ts'
import { befriend, waitFor } from '../bench/contacts.ts'
import type { Talk } from './ends.ts'
import { makeLockable } from './lock.ts'
import type { Member } from './member.ts'
import { isPassing } from './passing.ts'

/** In this order the members of a soak. `bob-2` is bob's, too. */
export const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'bob-2'] as const

/** Places in `names`. */
const people = [0, 1, 2, 3, 4]
const secondOfBob = 5
export const lockable = [4]
/** Alice and bob stay, so that the group is never without somebody who may let others in. */
export const removable = [2, 3, 4]

export interface Circle {
  readonly talks: readonly Talk[]
  readonly group: string
  readonly personOf: (whom: Member) => string
  /** Who removes and adds that person. */
  readonly keeperOf: (whom: Member) => Member
}

export async function makeCircle(members: readonly Member[]): Promise<Circle> {
  const five = people.map((at) => members[at] as Member)
  const [alice, bob, , dave] = five as [Member, Member, Member, Member]
  const young = members[secondOfBob] as Member
  const withSecond = (some: readonly Member[]): Member[] => (some.includes(bob) ? [...some, young] : [...some])
  const talks: Talk[] = []
  for (const [at, a] of five.entries()) {
    for (const b of five.slice(at + 1)) {
      const conversation = await befriend(a.client, b.client)
      talks.push({ conversation, sides: withSecond([a, b]).map((member) => ({ member, conversation })) })
    }
  }
  const persons = new Map<Member, string>()
  for (const each of five) persons.set(each, (await each.client.ask<Me>('GET', '/me')).personId)
  const personOf = (whom: Member): string => persons.get(whom) ?? ''
  const group = await gather(five, personOf)
  await link(bob, young)
  for (const { conversation } of talks.filter(({ sides }) => sides.some(({ member }) => member === young)))
    await waitFor('the second device has all conversations', async () => await here(young, conversation))
  await waitFor('the second device has the group', async () => await here(young, group))
  for (const at of lockable) await makeLockable(members[at] as Member)
  const sides = withSecond(five).map((member) => {
    const comesAndGoes = removable.includes(members.indexOf(member))
    return { member, conversation: group, ...(comesAndGoes ? { comesAndGoes } : {}) }
  })
  talks.push({ conversation: group, sides })
  return { talks, group, personOf, keeperOf: (whom) => (whom === dave ? bob : alice) }
}

/** A group of all, by the first of them; the second is an admin. */
async function gather(five: readonly Member[], personOf: (whom: Member) => string): Promise<string> {
  const [founder, admin, ...rest] = five as [Member, Member, ...Member[]]
  const others = [admin, ...rest]
  const wish = { kind: 'group', name: 'Garden', history: 'everything', members: others.map(personOf) }
  const { id } = await founder.client.ask<Conversation>('POST', '/conversations', wish)
  for (const each of others) {
    await waitFor('the group arrives', async () => await here(each, id))
    await each.client.ask('POST', `/conversations/${id}/answer`, { answer: 'accept' })
  }
  const path = `/conversations/${id}/members`
  const joined = async ({ client }: Member): Promise<true | undefined> =>
    (await client.list<GroupMember>(path)).filter(({ state }) => state === 'joined').length === five.length
      ? true
      : undefined
  for (const each of five) await waitFor('all have joined', async () => await joined(each))
  await founder.client.ask('PATCH', `${path}/${personOf(admin)}`, { role: 'admin' })
  await waitFor('the second may let others in', async () => {
    const { group } = await admin.client.ask<Conversation>('GET', `/conversations/${id}`)
    return group?.role === 'admin' ? true : undefined
  })
  return id
}

const here = async ({ client }: Member, conversation: string): Promise<Conversation | undefined> =>
  (await client.list<Conversation>('/conversations')).find(({ id }) => id === conversation)

const linkingAt = async ({ client }: Member): Promise<Linking> => await client.ask<Linking>('GET', '/devices/linking')

/** What the owner does at both screens. */
async function link(old: Member, young: Member): Promise<void> {
  const { link: code = '' } = await old.client.ask<Linking>('POST', '/devices/linking', {})
  await young.client.ask('POST', '/devices/linking', { code })
  for (const each of [young, old]) {
    await waitFor('both show words', async () => ((await linkingAt(each)).state === 'comparing' ? true : undefined))
  }
  if ((await linkingAt(old)).words?.join() !== (await linkingAt(young)).words?.join())
    throw new Error('both show other words')
  for (const each of [young, old]) await each.client.ask('POST', '/devices/linking/confirm', {})
  await waitFor('the device is linked', async () => ((await linkingAt(old)).state === 'done' ? true : undefined))
  const { personId } = await old.client.ask<Me>('GET', '/me')
  await waitFor('the device is its person’s', async () => {
    try {
      return (await young.client.ask<Me>('GET', '/me')).personId === personId ? true : undefined
    } catch (error) {
      if (isPassing(error)) return undefined
      throw error
    }
  })
}
