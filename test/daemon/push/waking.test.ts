/** Daemons on real sockets, a real push server and a stand-in for Apple's: who is woken, by whom, and who is not any more. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { logPath } from '../../../daemon/log-file.ts'
import type { Conversation } from '../../../protocol/http-conversations.ts'
import type { Contact } from '../../../protocol/http-people.ts'
import type { PushTarget } from '../../../protocol/wake.ts'
import { startWhole, type WholeServer } from '../../pnserver/support/whole-server.ts'
import { folderOf, startHere, type Here } from '../../support/here.ts'
import { link } from '../../support/linking.ts'
import { pushedTo, registerPhone } from '../../support/phone.ts'

t.setTimeout(240_000)

async function befriend(alice: Here, bob: Here): Promise<{ readonly id: string; readonly contact: Contact }> {
  const peer = await alice.seat.look(`127.0.0.1:${bob.port}`)
  const asked = await alice.seat.client.ask<Contact>('POST', '/contacts', { deviceId: peer.deviceId, note: '' })
  const { personId } = await alice.seat.me()
  await bob.seat.until(
    async () => (await bob.seat.contacts()).find(({ id, state }) => id === personId && state === 'incoming'),
    'a request',
  )
  await bob.seat.client.ask('PATCH', `/contacts/${personId}`, { state: 'accepted' })
  const contact = await alice.seat.until(
    async () => (await alice.seat.contacts()).find(({ id, state }) => id === asked.id && state === 'accepted'),
    'an answer',
  )
  return { id: contact.conversation ?? '', contact }
}

const conversation = async ({ seat }: Here, id: string): Promise<Conversation> =>
  await seat.client.ask('GET', `/conversations/${id}`)

const turn = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve))

const say = async ({ seat }: Here, chat: string, text: string): Promise<void> => void (await seat.say(chat, text))

const sleeps = async ({ daemon, seat }: Here, others: readonly Here[]): Promise<void> => {
  const { personId } = await seat.me()
  await daemon.suspend()
  for (const other of others)
    await other.seat.until(
      async () => (await other.seat.contacts()).find(({ id, online }) => id === personId && !online),
      'that nobody is there',
    )
}

interface Rig {
  readonly server: WholeServer
  readonly alice: Here
  readonly bob: Here
  readonly chat: string
}

/** Bob gave these, and nobody else, something to wake him with, and they have it. */
async function wakers(bob: Here, ...all: readonly Here[]): Promise<void> {
  const { personId } = await bob.seat.me()
  await bob.seat.until(
    async () => (bob.daemon.push()?.settings().wakers === all.length ? true : undefined),
    'that all have a grant',
  )
  for (const each of all)
    await each.seat.until(
      async () => (await each.seat.contacts()).find(({ id, wakeable }) => id === personId && wakeable === true),
      'a grant',
    )
}

async function sleepingBob(t: Test): Promise<Rig> {
  const [folder, server] = [folderOf(t), await startWhole(t)]
  const alice = await startHere(t, join(folder, 'alice'), 'alice')
  const bob = await startHere(t, join(folder, 'bob'), 'bob')
  const { id } = await befriend(alice, bob)
  return { server, alice, bob, chat: id }
}

t.test('a message for a phone that sleeps wakes it', async (t) => {
  const { server, alice, bob, chat } = await sleepingBob(t)
  const target = await registerPhone(bob, server)
  await wakers(bob, alice)
  await alice.seat.say(chat, 'first')
  await bob.seat.hears(chat, 'first')
  await bob.daemon.suspend()
  await alice.seat.contact('accepted', false)
  const pushes = server.production.pushes.length
  await alice.seat.say(chat, 'wake up')
  const { waking } = await alice.seat.until(async () => {
    const now = await conversation(alice, chat)
    return now.waking === undefined ? undefined : now
  }, 'to see that Bob is woken')
  t.match(waking, [{ name: 'bob', phone: false }], 'he never said that it is a phone')
  await server.production.delivered(pushes + 1)
  const note = pushedTo(server, target).at(-1) ?? new Uint8Array(0)
  await bob.daemon.resume()
  bob.seat.follow()
  const { deviceId, personId } = await alice.seat.me()
  const opened = bob.daemon.push()?.openNote(note)
  t.equal(opened?.device, deviceId)
  t.equal(opened?.person, personId)
  t.ok(opened?.addresses.some(({ port }) => port === alice.port))
  await bob.seat.hears(chat, 'wake up')
  await alice.seat.until(
    async () => ((await conversation(alice, chat)).waking === undefined ? true : undefined),
    'that nobody is woken any more',
  )
})

t.test('where a contact is to be woken through this machine nothing is asked of it', async (t) => {
  const [folder, server] = [folderOf(t), await startWhole(t)]
  const home = join(folder, 'alice')
  const alice = await startHere(t, home, 'alice', { announceLoopback: false })
  const bob = await startHere(t, join(folder, 'bob'), 'bob')
  const { id: chat } = await befriend(alice, bob)
  await registerPhone(bob, server)
  await wakers(bob, alice)
  await sleeps(bob, [alice])
  await say(alice, chat, 'are you there?')
  const refused = /could not be woken.*NOT_ALLOWED/
  await alice.seat.until(
    async () => (refused.test(readFileSync(logPath(home), 'utf8')) ? true : undefined),
    'that it was not tried',
  )
  t.equal(server.server.metrics.valueOf('wakes'), 0)
})

t.test('who is blocked wakes nobody, everybody else still does, and who is unblocked does again', async (t) => {
  const { server, alice, bob, chat } = await sleepingBob(t)
  const carol = await startHere(t, join(folderOf(t), 'carol'), 'carol')
  const { id: carolsChat } = await befriend(carol, bob)
  const target = await registerPhone(bob, server)
  await wakers(bob, alice, carol)
  const [{ personId }, { personId: bobs }] = [await alice.seat.me(), await bob.seat.me()]
  const wish = { kind: 'group', name: 'two', members: [bobs] }
  const { id: group } = await alice.seat.client.ask<Conversation>('POST', '/conversations', wish)
  await bob.seat.until(async () => await conversation(bob, group).catch(() => undefined), 'an invitation')
  await bob.seat.client.ask('POST', `/conversations/${group}/answer`, { answer: 'accept' })
  const named = async (groups: number, groupsWithout: number): Promise<true> =>
    await bob.seat.until(async () => {
      const now = bob.daemon.push()?.settings()
      return now?.groups === groups && now.groupsWithout === groupsWithout ? true : undefined
    }, 'who wakes for the group')
  await named(1, 0)
  await bob.seat.client.ask('PATCH', `/contacts/${personId}`, { state: 'blocked' })
  await wakers(bob, carol)
  await named(0, 1)
  await sleeps(bob, [alice, carol])
  const before = server.production.pushes.length
  // Whoever is blocked is told nothing, and tries.
  await say(alice, chat, 'can you hear me?')
  await alice.seat.until(async () => (await conversation(alice, chat)).waking, 'that she tries')
  await server.server.settled()
  await say(carol, carolsChat, 'and me?')
  await server.production.delivered(before + 1)
  await server.server.settled()
  const pushed = pushedTo(server, target).slice(before)
  await bob.daemon.resume()
  bob.seat.follow()
  await bob.seat.hears(carolsChat, 'and me?')
  const by = pushed.map((note) => bob.daemon.push()?.openNote(note)?.person)
  t.strictSame(by, [(await carol.seat.me()).personId], 'one push, by the one who may')
  await bob.seat.client.ask('PATCH', `/contacts/${personId}`, { state: 'unblocked' })
  await wakers(bob, alice, carol)
})

t.test('what a device held that is removed wakes nobody; the others are given another', async (t) => {
  const { server, alice, bob } = await sleepingBob(t)
  const young = await startHere(t, join(folderOf(t), 'young'), 'alice')
  await link(alice, young)
  await registerPhone(bob, server)
  await wakers(bob, alice)
  const { metrics } = server.server
  t.equal(metrics.valueOf('rows_revoked'), 0)
  const { deviceId } = await young.seat.me()
  await alice.seat.client.ask('DELETE', `/devices/${deviceId}`)
  while (metrics.valueOf('rows_revoked') === 0) await turn()
  while (metrics.valueOf('rows_put') === 1) await turn()
  t.equal(metrics.valueOf('rows_revoked'), 1)
  t.equal(metrics.valueOf('rows_put'), 2)
})

t.test('in a group a member whom the sleeper named wakes it for an author who cannot', async (t) => {
  const { server, alice, bob } = await sleepingBob(t)
  const carol = await startHere(t, join(folderOf(t), 'carol'), 'carol')
  await befriend(alice, carol)
  const target = await registerPhone(bob, server)
  await wakers(bob, alice)
  const [{ personId: bobs }, { personId: carols }] = [await bob.seat.me(), await carol.seat.me()]
  const wish = { kind: 'group', name: 'three', members: [bobs, carols] }
  const { id } = await alice.seat.client.ask<Conversation>('POST', '/conversations', wish)
  for (const each of [bob, carol]) {
    await each.seat.until(async () => await conversation(each, id).catch(() => undefined), 'an invitation')
    await each.seat.client.ask('POST', `/conversations/${id}/answer`, { answer: 'accept' })
  }
  for (const each of [alice, bob, carol])
    await each.seat.until(
      async () => ((await conversation(each, id)).group?.members === 3 ? true : undefined),
      'that all belong',
    )
  await bob.seat.until(
    async () => (bob.daemon.push()?.settings().groups === 1 ? true : undefined),
    'that somebody is named',
  )
  await say(bob, id, 'good night')
  for (const each of [alice, carol]) await each.seat.hears(id, 'good night')
  await sleeps(bob, [alice])
  const before = server.production.pushes.length
  await say(carol, id, 'Bob does not know Carol')
  await server.production.delivered(before + 1)
  await server.server.settled()
  const [note] = pushedTo(server, target).slice(before)
  await bob.daemon.resume()
  t.equal(bob.daemon.push()?.openNote(note ?? new Uint8Array(0))?.person, (await alice.seat.me()).personId)
})

t.test(
  'who sleeps keeps what was given through a restart, another token and another server; none takes it all back',
  async (t) => {
    const folder = folderOf(t)
    const [server, second] = [await startWhole(t), await startWhole(t)]
    const alice = await startHere(t, join(folder, 'alice'), 'alice')
    let bob = await startHere(t, join(folder, 'bob'), 'bob')
    const { id: chat } = await befriend(alice, bob)
    const wakesAt = async (whole: WholeServer, target: PushTarget, text: string): Promise<void> => {
      // What Bob said before is there, then: what he gave, too.
      await say(bob, chat, `before ${text}`)
      await alice.seat.hears(chat, `before ${text}`)
      await sleeps(bob, [alice])
      const before = pushedTo(whole, target).length
      const count = whole.production.pushes.length
      await say(alice, chat, text)
      await whole.production.delivered(count + 1)
      t.equal(pushedTo(whole, target).length, before + 1, text)
      await bob.daemon.resume()
      bob.seat.follow()
      await bob.seat.hears(chat, text)
      await wakers(bob, alice)
    }
    await registerPhone(bob, server)
    await wakers(bob, alice)
    await bob.daemon.close()
    bob = await startHere(t, join(folder, 'bob'), 'bob')
    await wakers(bob, alice)
    const other = await registerPhone(bob, server)
    await wakers(bob, alice)
    await wakesAt(server, other, 'another token')
    const elsewhere = await registerPhone(bob, second)
    await wakers(bob, alice)
    await wakesAt(second, elsewhere, 'another server')
    await bob.daemon.push()?.use(undefined)
    await wakers(bob)
    await alice.seat.until(
      async () => (await alice.seat.contacts()).find(({ wakeable }) => wakeable !== true),
      'nothing',
    )
  },
)
