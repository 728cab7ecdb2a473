/** Two people, one of whom locks: links close, nothing is lost, and what was said meanwhile arrives when they are back. */

import { KeyObject } from 'node:crypto'
import { getActiveResourcesInfo } from 'node:process'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { queryObjects } from 'node:v8'
import t, { type Test } from 'tap'
import { ContactBook } from '../../daemon/contacts/contact-book.ts'
import { Conversations } from '../../daemon/conversations/conversations.ts'
import { Lookalikes } from '../../daemon/owner/lookalikes.ts'
import { Registers } from '../../daemon/registers/registers.ts'
import { GroupedStore } from '../../daemon/store/grouped-store.ts'
import { Keyring } from '../../daemon/store/keyring.ts'
import type { Health, Status } from '../../protocol/http.ts'
import type { Message } from '../../protocol/http-conversations.ts'
import type { NewKeySlotAnswer } from '../../protocol/http-access.ts'
import { folderOf, startHere, type Here } from '../support/here.ts'

t.setTimeout(240_000)

const passphrase = 'four tulips hum quietly'

async function friends(t: Test): Promise<{ alice: Here; bob: Here; chat: string }> {
  const folder = folderOf(t)
  const [alice, bob] = [
    await startHere(t, join(folder, 'alice'), 'alice'),
    await startHere(t, join(folder, 'bob'), 'bob'),
  ]
  const peer = await alice.seat.look(`127.0.0.1:${bob.port}`)
  await alice.seat.client.ask('POST', '/contacts', { deviceId: peer.deviceId, note: '' })
  const { id } = await bob.seat.contact('incoming')
  await bob.seat.client.ask('PATCH', `/contacts/${id}`, { state: 'accepted' })
  await Promise.all([alice.seat.contact('accepted', true), bob.seat.contact('accepted', true)])
  const { seat } = alice
  const slot = { kind: 'passphrase', passphrase, removeFile: true }
  await seat.client.ask<NewKeySlotAnswer>('POST', '/key-slots', slot)
  return { alice, bob, chat: (await seat.direct()).id }
}

const unlock = async ({ seat }: Here): Promise<void> => {
  await seat.client.ask('POST', '/unlock', { passphrase })
  seat.follow()
}

const textsOf = async ({ seat }: Here, chat: string): Promise<string[]> => {
  const { items } = await seat.client.ask<{ items: Message[] }>('GET', `/conversations/${chat}/messages`)
  return items.map(({ text }) => text).toReversed()
}

/** Rooms and what holds keys; an object of the store stands for all that it holds. */
const kinds = [Registers, ContactBook, Lookalikes, GroupedStore, Keyring, Conversations]

/** What all of these are made to descend from: one look through memory, which takes long, finds them all. */
const Kept = function Kept(): void {}
for (const kind of kinds) Object.setPrototypeOf(kind.prototype, Kept.prototype as object)

/** How many of each kind can still be reached in this process; collects the garbage first. */
function counted(): Record<string, number> {
  const found = queryObjects(Kept, { format: 'summary' }).map((each) => /^\w+/.exec(each)?.[0] ?? '')
  return Object.fromEntries(kinds.map(({ name }) => [name, found.filter((each) => each === name).length]))
}

/** Calls no constructor. */
const keysLeft = (): number => queryObjects(KeyObject, { format: 'count' })

const none = Object.fromEntries(kinds.map(({ name }) => [name, 0]))

/** What is left once the last timers and sockets of a closed house are gone: looks again at most so many times. */
async function countedInTheEnd(): Promise<Record<string, number>> {
  for (let looks = 1; ; looks += 1) {
    const left = counted()
    if (looks === 100 || Object.values(left).every((count) => count === 0)) return left
    await setImmediate()
  }
}

// First in this file: what others leave to the collector would count here.
t.test('a lock leaves no room and no key of the house within reach', async (t) => {
  const folder = folderOf(t)
  const { seat } = await startHere(t, join(folder, 'alice'), 'alice')
  seat.unfollow()
  const keysWhileOpen = keysLeft()
  t.ok(
    Object.values(counted()).every((count) => count === 1),
    'each is found while it is open',
  )
  await seat.client.ask('POST', '/key-slots', { kind: 'passphrase', passphrase, removeFile: true })
  const keys: number[] = []
  for (const count of [1, 2]) {
    await seat.client.ask('POST', '/lock', {})
    t.same(await countedInTheEnd(), none, `lock ${count}`)
    keys.push(keysLeft())
    await seat.client.ask('POST', '/unlock', { passphrase })
  }
  const [first = 0, second] = keys
  t.ok(first < keysWhileOpen, `${keysWhileOpen} keys became ${first}`)
  t.equal(second, first)
})

t.test(
  'a lock closes every link at once; the other side sees it, and what they say arrives after unlocking',
  async (t) => {
    const { alice, bob, chat } = await friends(t)
    const say = async ({ seat }: Here, text: string): Promise<Message> =>
      await seat.client.ask('POST', `/conversations/${chat}/messages`, { text, clientId: text })
    await say(alice, 'before')
    await alice.seat.client.ask('POST', '/lock', {})
    await bob.seat.contact('accepted', false)
    t.match(await alice.seat.client.ask<Health>('GET', '/health'), { status: 'locked' })
    t.match(await alice.seat.client.ask<Status>('GET', '/status'), { locked: true, links: [] })
    t.same((await bob.seat.client.ask<Status>('GET', '/status')).links, [])
    await say(bob, 'while locked')
    await t.rejects(say(alice, 'into a locked house'), { code: 'LOCKED' })
    await unlock(alice)
    await alice.seat.contact('accepted', true)
    const both = await alice.seat.until(async () => {
      const texts = await textsOf(alice, chat)
      return texts.includes('while locked') ? texts : undefined
    }, 'what was said meanwhile')
    t.same(both, ['before', 'while locked'])
    await say(alice, 'after')
    await bob.seat.until(
      async () => ((await textsOf(bob, chat)).includes('after') ? true : undefined),
      'what is said afterwards',
    )
  },
)

t.test(
  'locked and unlocked many times, also at once: it ends where it was told last, and nothing piles up',
  async (t) => {
    const { alice, bob, chat } = await friends(t)
    const { client } = alice.seat
    const round = async (): Promise<void> => {
      await client.ask('POST', '/lock', {})
      await client.ask('POST', '/unlock', { passphrase })
    }
    /** What is open after one more round, once they are linked again. */
    const handles = async (): Promise<number> => {
      await client.ask('POST', '/lock', {})
      await bob.seat.contact('accepted', false)
      await client.ask('POST', '/unlock', { passphrase })
      await bob.seat.contact('accepted', true)
      return getActiveResourcesInfo().filter((each) => each !== 'Immediate').length
    }
    const before = await handles()
    for (let count = 0; count < 5; count += 1) await round()
    const after = await handles()
    t.ok(after <= before + 4, `${before} handles became ${after}`)
    const locks = await Promise.allSettled([1, 2, 3].map(async () => await client.ask('POST', '/lock', {})))
    t.ok(locks.every(({ status }) => status === 'fulfilled'))
    const unlocks = await Promise.allSettled(
      [1, 2, 3].map(async () => await client.ask('POST', '/unlock', { passphrase })),
    )
    t.ok(
      unlocks.some(({ status }) => status === 'fulfilled'),
      'one of those who came at once',
    )
    t.match(await client.ask<Status>('GET', '/status'), { locked: false })
    t.same(await textsOf(alice, chat), [])
  },
)

t.test('posts that race a lock are either there, or were refused', async (t) => {
  const { alice, chat } = await friends(t)
  const { client } = alice.seat
  const acknowledged: string[] = []
  const posts = Array.from({ length: 200 }, async (_, at) => {
    const text = `post ${at}`
    try {
      await client.ask('POST', `/conversations/${chat}/messages`, { text, clientId: text })
      acknowledged.push(text)
    } catch (error) {
      t.match(error, { code: /^(?:LOCKED|CLOSING)$/ })
    }
  })
  await posts[20]
  await client.ask('POST', '/lock', {})
  await Promise.all(posts)
  await unlock(alice)
  const path = `/conversations/${chat}/messages?limit=200`
  const { items } = await client.ask<{ items: Message[] }>('GET', path)
  const there = new Set(items.map(({ text }) => text))
  t.ok(acknowledged.length > 20)
  t.same(
    acknowledged.filter((text) => !there.has(text)),
    [],
  )
})

t.test('a daemon that is told to stop while it is locked, or while it unlocks, ends cleanly', async (t) => {
  const { alice, bob } = await friends(t)
  await alice.seat.client.ask('POST', '/lock', {})
  await alice.daemon.close()
  await bob.seat.client.ask('POST', '/key-slots', { kind: 'passphrase', passphrase })
  await bob.seat.client.ask('POST', '/lock', {})
  const unlocking = Promise.allSettled([bob.seat.client.ask('POST', '/unlock', { passphrase })])
  await bob.daemon.close()
  await unlocking
  t.pass('both are gone')
})
