/** Coming back with the 24 words: what those who answer may say, and what they get of it. */

import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import type { Finder } from '../../../daemon/devices/finder.ts'
import { recoveryRuns } from '../../../daemon/devices/recovery-runs.ts'
import { openFinder } from '../../../daemon/recover.ts'
import { signingKeyFromSeed } from '../../../protocol/crypto.ts'
import type { FindFrame } from '../../../protocol/find-frames.ts'
import type { Recovery } from '../../../protocol/http-recovery.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'
import { past, recoveriesOf, reopen, wordsOf, type Lies } from '../../support/recovery.ts'
import { talkPair } from '../../support/talk-pair.ts'

const personOf = ({ rooms }: Device) => rooms.identity.person
const logOf = async (where: Device, of: Device) => await where.rooms.conversations.peers.personLog(personOf(of))

interface Scene extends World {
  readonly alice: Device
  readonly bob: Device
  readonly young: Device
  readonly words: string
}

/** Alice, whom Bob knows, has lost her only device. */
async function scene(t: Test): Promise<Scene> {
  const world = neighbourhood(t)
  const [alice, bob] = [await world.start('alice'), await world.start('bob')]
  await alice.befriend(bob, world.settle)
  await world.settle()
  const words = wordsOf(alice)
  await alice.stop()
  return { ...world, alice, bob, words, young: await world.start('young') }
}

/** What `device` would answer to the young one, told to `lie` in place of it. */
function twisted(scene: Scene, device: Device, lie: (frame: FindFrame) => FindFrame): Lies {
  return new Map([
    [
      device,
      async (talk, frame) => {
        if (frame.is !== 'find') return
        const finder: Finder = openFinder(device.rooms)
        const [here, there] = talkPair(scene.young.id, device.id)
        await finder.answer(there, frame)
        const honest = await here.next(new AbortController().signal)
        if (honest.is === 'found' || honest.is === 'replaced') talk.send(lie(honest))
      },
    ],
  ])
}

async function look(scene: Scene, nearby: readonly Device[], lies: Lies): Promise<Recovery> {
  const recoveries = recoveriesOf(scene, scene.young, nearby, lies)
  recoveries.begin({ words: scene.words })
  return await past(scene, recoveries, ['looking'])
}

t.test('who says that the words were replaced, and does not show it, is not heard', async (t) => {
  const all = await scene(t)
  const { alice, bob } = all
  const mallory = await all.start('mallory')
  const [ofAlice, ofMallory] = [await logOf(bob, alice), await logOf(mallory, mallory)]
  const claims: FindFrame[] = [
    { is: 'replaced', person: personOf(mallory), log: ofMallory },
    { is: 'replaced', person: personOf(alice), log: ofAlice },
  ]
  for (const claim of claims) {
    const lies: Lies = new Map([[mallory, async (talk) => await Promise.resolve(talk.send(claim))]])
    t.match(await look(all, [mallory, bob], lies), { state: 'found', personId: personOf(alice) })
  }
  const [claim] = claims
  if (claim === undefined) throw new Error('a claim')
  const alone: Lies = new Map([[mallory, async (talk) => await Promise.resolve(talk.send(claim))]])
  t.match(await look(all, [mallory], alone), { state: 'failed', problem: 'nobody' })
})

t.test('one who shows it outweighs all who have not heard', async (t) => {
  const all = await scene(t)
  const { alice, bob, young, words } = all
  const carol = await all.start('carol')
  await carol.rooms.conversations.peers.learnPerson(personOf(alice), await logOf(bob, alice))
  const recoveries = recoveriesOf(all, young)
  recoveries.begin({ words, address: 'bob' })
  await past(all, recoveries, ['looking'])
  recoveries.finish([alice.id])
  t.equal((await past(all, recoveries, ['writing'])).state, 'done')
  const other = await all.start('other')
  const later = { ...all, young: other }
  t.equal((await look(later, [carol], new Map())).state, 'found', 'as far as Carol knows')
  t.match(await look(later, [carol, bob], new Map()), { state: 'failed', problem: 'replaced' })
})

t.test('who answers becomes no contact unless the owner says so, and only at an address that was typed', async (t) => {
  const all = await scene(t)
  const { alice, bob, young, words } = all
  const recoveries = recoveriesOf(all, young, [bob])
  recoveries.begin({ words })
  t.match(await past(all, recoveries, ['looking']), { state: 'found', from: { own: false, askable: false } })
  t.throws(() => recoveries.finish([alice.id], true), { code: 'CONFLICT' })
  t.equal(recoveries.shown.state, 'found', 'the owner may go on without')
  recoveries.begin({ words, address: 'bob' })
  t.match(await past(all, recoveries, ['looking']), { state: 'found', from: { own: false, askable: true } })
  recoveries.finish([alice.id])
  t.equal((await past(all, recoveries, ['writing'])).state, 'done')
  await reopen(all, young)
  await all.settle(10_000)
  t.equal(personOf(young), personOf(alice))
  const states = young.rooms.book.all().map(({ state }) => state)
  t.strictSame(states, ['incoming'], 'he asks, as his device knows her still: nobody is let in before she says yes')
})

t.test('who says to be somebody else is nobody who can be asked', async (t) => {
  const all = await scene(t)
  const { bob, young, words } = all
  const carol = await all.start('carol')
  const by = { person: personOf(carol), proof: await logOf(carol, carol), name: 'Carol' }
  const lies = twisted(all, bob, (frame) => (frame.is === 'found' ? { ...frame, by } : frame))
  const recoveries = recoveriesOf(all, young, [], lies)
  recoveries.begin({ words, address: 'bob' })
  t.match(await past(all, recoveries, ['looking']), { state: 'found', from: { name: '', askable: false } })
  t.throws(() => recoveries.finish([], true), { code: 'CONFLICT' })
})

t.test('only a contact hears the name of who answers', async (t) => {
  const all = await scene(t)
  const { alice, bob, words, young } = all
  const carol = await all.start('carol')
  await carol.rooms.conversations.peers.learnPerson(personOf(alice), await logOf(bob, alice))
  for (const [address, name] of [
    ['bob', bob.rooms.profile.data.name],
    ['carol', ''],
  ] as const) {
    const recoveries = recoveriesOf(all, young)
    recoveries.begin({ words, address })
    t.match(await past(all, recoveries, ['looking']), { state: 'found', from: { name, askable: true } })
  }
  t.not(bob.rooms.profile.data.name, '')
})

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

t.test('what somebody else wrote into the log of the person is left out, and fills nothing', async (t) => {
  const all = await scene(t)
  const { alice, bob, young, words } = all
  const mallory = await all.start('mallory')
  const { person, heads } = bob.rooms.conversations.peers.personState(personOf(alice))
  const log = await logOf(bob, alice)
  const junk = Array.from({ length: 255 }, () => {
    const seeds = { recoveryKey: signingKeyFromSeed(random(32)), deviceSeed: random(32), nextSeed: random(32) }
    return recoveryRuns({ person, heads, ...seeds, remove: [], keep: [], generation: random(8), now: 1 }).slice(0, 1)
  })
  const frame: FindFrame = { is: 'found', person, log: [...log, ...junk.flat()], card: undefined, by: undefined }
  const lies: Lies = new Map([[mallory, async (talk) => await Promise.resolve(talk.send(frame))]])
  const recoveries = recoveriesOf(all, young, [mallory, bob], lies)
  recoveries.begin({ words })
  t.match(await past(all, recoveries, ['looking']), { state: 'found', personId: person })
  recoveries.finish([alice.id])
  t.match(await past(all, recoveries, ['writing']), { state: 'done' })
  await reopen(all, young)
  t.equal((await logOf(young, alice)).length, log.length + 3, 'an addition, a removal, other words')
})

t.test('names that others wrote are shown as all names of others are', async (t) => {
  const all = await scene(t)
  const { bob, young, words } = all
  const lies = twisted(all, bob, (frame) => {
    if (frame.is !== 'found' || frame.by === undefined) return frame
    const card = { name: 'Al\u202eice', status: '', color: '#112233' }
    return { ...frame, card, by: { ...frame.by, name: 'B\u202eo\nb' } }
  })
  const recoveries = recoveriesOf(all, young, [], lies)
  recoveries.begin({ words, address: 'bob' })
  t.match(await past(all, recoveries, ['looking']), { name: 'Alice', from: { name: 'Bo b' } })
})
