/** A phone that sleeps, its friends, a push server and Apple's stand-in, over real sockets. */

import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startWhole, type WholeServer } from '../pnserver/support/whole-server.ts'
import { folderOf, startHere } from '../support/here.ts'
import { befriend, Phone, startPhone } from '../support/app-on-phone.ts'
import type { Seat } from '../support/seat.ts'

t.setTimeout(240_000)

interface Friend {
  readonly seat: Seat
  readonly chat: string
}

interface Scene {
  readonly whole: WholeServer
  readonly phone: Phone
  readonly friends: readonly Friend[]
  readonly seats: readonly Seat[]
}

/** The phone is awake, and whoever is named holds what wakes it. */
async function sceneOf(t: Test, ...names: readonly string[]): Promise<Scene> {
  const [folder, whole] = [folderOf(t), await startWhole(t)]
  const phone = await startPhone(t, join(folder, 'phone'), whole)
  const friends: Friend[] = []
  for (const name of names) {
    const { seat } = await startHere(t, join(folder, name), name)
    friends.push({ seat, chat: await befriend(seat, phone.here) })
  }
  const seats = friends.map(({ seat }) => seat)
  await phone.register()
  await phone.granted(seats)
  return { whole, phone, friends, seats }
}

t.test('alice writes: the phone wakes, has it, is told of it, and sleeps again', async (t) => {
  const {
    phone,
    friends: [alice],
    seats,
  } = await sceneOf(t, 'alice')
  const { seat, chat } = alice as Friend
  for (const round of [1, 2]) {
    await phone.sleeps(seats)
    const begun = performance.now()
    await seat.say(chat, `round ${round}`)
    const came = await phone.wakes((await phone.pushed()).note)
    t.comment(`told after ${Math.round(performance.now() - begun)} ms`)
    t.strictSame(came, [{ conversation: chat, count: 1 }])
    t.ok((await phone.seat.texts(chat)).includes(`round ${round}`))
  }
})

t.test(
  'a wake that is lost costs nothing: it comes with the next, or when the phone is taken in the hand',
  async (t) => {
    const {
      phone,
      friends: [alice],
      seats,
    } = await sceneOf(t, 'alice')
    const { seat, chat } = alice as Friend
    await phone.sleeps(seats)
    await seat.say(chat, 'lost on its way')
    const { note } = await phone.pushed()
    t.strictSame(await phone.wakes(), [{ conversation: chat, count: 1 }], 'it was opened, for another reason')
    await phone.sleeps(seats)
    t.strictSame(await phone.wakes(note), [], 'and now the push comes')
    await phone.sleeps(seats)
    await seat.say(chat, 'the next')
    const { note: next } = await phone.pushed()
    t.strictSame(await phone.wakes(next), [{ conversation: chat, count: 1 }])
    await phone.sleeps(seats)
    for (const bad of [next, new Uint8Array(160), new Uint8Array(3)]) {
      t.strictSame(await phone.wakes(bad), [])
      await phone.sleeps(seats)
    }
    await seat.say(chat, 'behind notes that say nothing')
    t.strictSame(
      await phone.wakes(new Uint8Array(160).fill(7)),
      [{ conversation: chat, count: 1 }],
      'as without a note',
    )
  },
)

t.test('who moved while the phone slept is found by what the note says, where nothing else leads there', async (t) => {
  const [folder, whole] = [folderOf(t), await startWhole(t)]
  // Nobody is told where it listens: it dials, and is dialled by nobody.
  const phone = new Phone(await startHere(t, join(folder, 'phone'), 'phone', { announceLoopback: false }), whole)
  const before = await startHere(t, join(folder, 'alice'), 'alice')
  const chat = await befriend(phone.seat, before)
  await phone.register()
  await phone.granted([before.seat])
  await phone.sleeps([before.seat])
  await before.daemon.close()
  const { seat, port } = await startHere(t, join(folder, 'alice'), 'alice')
  t.not(port, before.port)
  await seat.say(chat, 'I live elsewhere now')
  t.strictSame(await phone.wakes((await phone.pushed()).note), [{ conversation: chat, count: 1 }])
})

t.test('with the push server down a message waits for the phone', async (t) => {
  const {
    whole,
    phone,
    friends: [alice],
    seats,
  } = await sceneOf(t, 'alice')
  const { seat, chat } = alice as Friend
  await phone.sleeps(seats)
  await whole.server.close()
  await seat.say(chat, 'nobody wakes you')
  t.strictSame(await phone.wakes(), [{ conversation: chat, count: 1 }])
})

t.test('another token is told to the server, and what woke the old one wakes it', async (t) => {
  const {
    whole,
    phone,
    friends: [alice],
    seats,
  } = await sceneOf(t, 'alice')
  const { seat, chat } = alice as Friend
  const rows = whole.server.metrics.valueOf('rows_put')
  await phone.register()
  while (whole.server.metrics.valueOf('rows_put') === rows) await new Promise((resolve) => setImmediate(resolve))
  await phone.sleeps(seats)
  await seat.say(chat, 'are you the same?')
  t.strictSame(await phone.wakes((await phone.pushed()).note), [{ conversation: chat, count: 1 }])
})

t.test('one whose right was taken back wakes nobody, and the others still do', async (t) => {
  const {
    whole,
    phone,
    friends: [alice, bob],
  } = await sceneOf(t, 'alice', 'bob')
  const { metrics } = whole.server
  const blocked = (await phone.seat.contacts()).find(({ name }) => name === 'alice')
  await phone.seat.client.ask('PATCH', `/contacts/${blocked?.id}`, { state: 'blocked' })
  while (metrics.valueOf('rows_revoked') === 0) await new Promise((resolve) => setImmediate(resolve))
  await phone.sleeps([bob?.seat as Seat])
  await alice?.seat.say(alice.chat, 'you blocked me?')
  while (metrics.valueOf('wakes') === 0) await new Promise((resolve) => setImmediate(resolve))
  await whole.server.settled()
  t.equal(metrics.valueOf('pushes'), 1, 'the code alone')
  await bob?.seat.say(bob.chat, 'hello')
  t.strictSame(await phone.wakes((await phone.pushed()).note), [{ conversation: bob?.chat, count: 1 }])
})

t.test('several who write at once wake it, and it has what all of them wrote', async (t) => {
  const { phone, friends, seats } = await sceneOf(t, 'alice', 'bob', 'carol')
  await phone.sleeps(seats)
  await Promise.all(friends.map(async ({ seat, chat }) => await seat.say(chat, 'dinner?')))
  const counts = new Map<string, number>()
  const tell = (came: Awaited<ReturnType<Phone['came']>>): void => {
    for (const { conversation, count } of came) counts.set(conversation, (counts.get(conversation) ?? 0) + count)
  }
  tell(await phone.wakes((await phone.pushed()).note))
  while (counts.size < friends.length) tell(await phone.came())
  t.strictSame(
    friends.map(({ chat }) => counts.get(chat)),
    [1, 1, 1],
  )
})
