/** Coming back with the 24 words: from what contacts and own devices hold. */

import t, { type Test } from 'tap'
import { openFinder } from '../../../daemon/recover.ts'
import type { Recovery } from '../../../protocol/http-recovery.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'
import { ownerOf } from '../../support/owner-of.ts'
import { startAnother } from '../../support/own-devices.ts'
import { past, recoveriesOf, reopen, wordsOf } from '../../support/recovery.ts'
import { talkPair } from '../../support/talk-pair.ts'

const personOf = ({ rooms }: Device) => rooms.identity.person
const devicesAt = (where: Device, of: Device): Set<string> =>
  new Set(where.rooms.conversations.peers.personState(personOf(of)).devices.keys())

/** `young` becomes the person whose words these are; what it ended with. */
async function recover(
  world: World,
  young: Device,
  wish: { words: string; address?: string; ask?: boolean },
  lost: (found: Recovery) => readonly string[],
): Promise<Recovery> {
  const recoveries = recoveriesOf(world, young)
  recoveries.begin(wish)
  const found = await past(world, recoveries, ['looking'])
  if (found.state !== 'found') return found
  recoveries.finish(lost(found), wish.ask)
  const ended = await past(world, recoveries, ['writing'])
  if (ended.state === 'done') await reopen(world, young)
  return ended
}

interface Scene extends World {
  readonly alice: Device
  readonly bob: Device
  readonly young: Device
  readonly words: string
}

/** Alice and Bob have talked; her only device is lost, and she has a new one and her words. */
async function lostDevice(t: Test): Promise<Scene> {
  const world = neighbourhood(t)
  const alice = await world.start('alice')
  const bob = await world.start('bob')
  const chat = await alice.befriend(bob, world.settle)
  await alice.say(chat, 'the lake is frozen')
  await world.settle()
  await bob.say(chat, 'then we skate')
  await world.settle()
  const words = wordsOf(alice)
  await alice.stop()
  return { ...world, alice, bob, words, young: await world.start('young') }
}

t.test('from a contact: the same person, with the conversation, on a new device; the lost one is out', async (t) => {
  const scene = await lostDevice(t)
  const { alice, bob, young, words, settle } = scene
  const before = young.id
  const recoveries = recoveriesOf(scene, young)
  recoveries.begin({ words, address: 'bob' })
  const found = await past(scene, recoveries, ['looking'])
  t.match(found, {
    state: 'found',
    personId: personOf(alice),
    from: { own: false, name: bob.rooms.profile.data.name, askable: true },
  })
  t.strictSame(
    found.devices?.map(({ deviceId, here }) => [deviceId, here]),
    [[alice.id, false]],
  )
  t.throws(() => recoveries.finish([bob.id]), { code: 'NOT_FOUND' })
  recoveries.finish([alice.id], true)
  t.equal((await past(scene, recoveries, ['writing'])).state, 'done')
  await reopen(scene, young)
  t.equal(personOf(young), personOf(alice))
  t.not(young.id, before, 'with a fresh key')
  t.strictSame(devicesAt(bob, alice), new Set([young.id]))
  t.equal(young.rooms.book.require(personOf(bob)).state, 'accepted', 'who helped is asked, and knew the person')
  await settle(60_000)
  const chat = young.conversationWith(bob)
  t.strictSame(await young.texts(chat), ['the lake is frozen', 'then we skate'])
  await young.say(chat, 'I am back')
  await settle()
  t.strictSame(await bob.texts(chat), ['the lake is frozen', 'then we skate', 'I am back'])
})

t.test('the words are replaced: the new ones wait to be written down, the old ones are worth nothing', async (t) => {
  const scene = await lostDevice(t)
  const { bob, young, words } = scene
  await recover(scene, young, { words, address: 'bob' }, () => [])
  t.equal(young.rooms.phrase.status().state, 'unwritten')
  const next = wordsOf(young)
  t.not(next, words)
  const other = await scene.start('other')
  t.match(await recover(scene, other, { words, address: 'bob' }, () => []), { state: 'failed', problem: 'replaced' })
  t.equal((await recover(scene, other, { words: next, address: 'bob' }, () => [])).state, 'done')
  t.strictSame(devicesAt(bob, young), new Set([scene.alice.id, young.id, other.id]))
})

t.test('from another device of the person: contacts and all the rest come with it', async (t) => {
  const world = neighbourhood(t)
  const first = await world.start('first')
  const bob = await world.start('bob')
  const chat = await first.befriend(bob, world.settle)
  await bob.say(chat, 'hello')
  const second = await startAnother(world, first, 'second')
  const words = wordsOf(first)
  await first.stop()
  const young = await world.start('young')
  const ended = await recover(world, young, { words, address: 'second' }, ({ devices = [], from }) => {
    t.match(from, { own: true, askable: false })
    t.strictSame(
      devices.map(({ deviceId, here }) => [deviceId, here]),
      [
        [first.id, false],
        [second.id, true],
      ],
    )
    return [first.id]
  })
  t.equal(ended.state, 'done')
  await world.settle(5000)
  t.strictSame(devicesAt(second, first), new Set([second.id, young.id]))
  t.equal(young.rooms.book.require(personOf(bob)).state, 'accepted')
  t.strictSame(await young.texts(young.conversationWith(bob)), ['hello'])
})

t.test('whoever compared safety numbers is told loudly that the keys are others', async (t) => {
  const scene = await lostDevice(t)
  const { alice, bob, young, words } = scene
  const contact = () => ownerOf(bob).contact(personOf(alice))
  const { safety } = ownerOf(bob)
  await safety.verify(personOf(alice), { number: safety.show(personOf(alice)).number })
  t.match(contact(), { verified: true })
  await recover(scene, young, { words, address: 'bob' }, () => [alice.id])
  t.match(contact(), { verified: false, keysChanged: true })
})

t.test('of those nearby one knows the person; a stranger, and one who blocked them, say nothing', async (t) => {
  const scene = await lostDevice(t)
  const { alice, bob, young, words } = scene
  const carol = await scene.start('carol')
  const search = async (nearby: readonly Device[]): Promise<Recovery> => {
    const recoveries = recoveriesOf(scene, young, nearby)
    recoveries.begin({ words })
    return await past(scene, recoveries, ['looking'])
  }
  t.match(await search([carol]), { state: 'failed', problem: 'nobody' })
  t.match(await search([carol, bob]), { state: 'found', personId: personOf(alice) })
  await bob.rooms.contacts.block(personOf(alice))
  t.match(await search([carol, bob]), { state: 'failed', problem: 'nobody' })
})

t.test('wrong words are told at once, words of nobody after the search', async (t) => {
  const scene = await lostDevice(t)
  const { young, words } = scene
  const recoveries = recoveriesOf(scene, young)
  t.throws(() => recoveries.begin({ words: words.replace(/^\S+/, 'warren') }), {
    code: 'BAD_SHAPE',
    details: { phrase: 'unknown-word', word: 1 },
  })
  t.equal(recoveries.shown.state, 'none')
  t.throws(() => recoveries.finish([]), { code: 'CONFLICT' })
  const ask = async (wish: { words: string; address?: string }): Promise<Recovery> => {
    recoveries.begin(wish)
    return await past(scene, recoveries, ['looking'])
  }
  t.match(await ask({ words, address: 'nowhere' }), { problem: 'unreachable' })
  t.match(await ask({ words: wordsOf(young), address: 'bob' }), { problem: 'nobody' })
  recoveries.begin({ words, address: 'bob' })
  recoveries.end()
  t.match(await past(scene, recoveries, ['looking']), { state: 'failed', problem: 'cancelled' })
})

t.test('a device of the person needs no words', async (t) => {
  const scene = await lostDevice(t)
  const { alice, words } = scene
  await alice.start()
  const recoveries = recoveriesOf(scene, alice)
  recoveries.begin({ words, address: 'bob' })
  t.match(await past(scene, recoveries, ['looking']), { problem: 'same-person' })
})

t.test('an older log is no way back for words that were replaced', async (t) => {
  const scene = await lostDevice(t)
  const { alice, bob, young, words, settle } = scene
  const carol = await scene.start('carol')
  // Carol knows Alice from before, and hears nothing of what follows until later.
  await carol.rooms.conversations.peers.learnPerson(
    personOf(alice),
    await bob.rooms.conversations.peers.personLog(personOf(alice)),
  )
  await recover(scene, young, { words, address: 'bob' }, () => [alice.id])
  const thief = await scene.start('thief')
  t.equal((await recover(scene, thief, { words, address: 'carol' }, () => [])).state, 'done', 'as far as Carol knows')
  const stolen = await thief.rooms.conversations.peers.personLog(personOf(alice))
  const log = await bob.rooms.conversations.peers.personLog(personOf(alice))
  await thief.rooms.conversations.peers.learnPerson(personOf(alice), log)
  await bob.rooms.conversations.peers.learnPerson(personOf(alice), stolen)
  await settle()
  // One of two at once holds, and it is the same one everywhere.
  const [here, there] = [devicesAt(bob, alice), devicesAt(thief, alice)]
  t.strictSame(here, there)
  t.equal(Number(here.has(young.id)) + Number(here.has(thief.id)), 1)
})

t.test('what a peer brings as a recovery is taken only if it brings a device', async (t) => {
  const scene = await lostDevice(t)
  const { alice, bob } = scene
  const log = await bob.rooms.conversations.peers.personLog(personOf(alice))
  const finder = openFinder(bob.rooms)
  const [, there] = talkPair(scene.young.id, bob.id)
  const before = await bob.rooms.conversations.peers.personLog(personOf(alice))
  await finder.answer(there, { is: 'recovered', person: personOf(alice), log })
  await finder.answer(there, {
    is: 'recovered',
    person: personOf(scene.young),
    log: scene.young.rooms.identity.log,
  })
  t.strictSame(await bob.rooms.conversations.peers.personLog(personOf(alice)), before)
  t.notOk(bob.rooms.conversations.peers.persons().includes(personOf(scene.young)))
})
