/** The log of a person that is long, or that somebody fills: the words work all the same, and everybody hears of it. */

import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { recoveryRuns } from '../../../daemon/devices/recovery-runs.ts'
import { recoverySeedIn } from '../../../daemon/identity/identity.ts'
import { publicBytes, signBytes, signingKeyFromSeed } from '../../../protocol/crypto.ts'
import { deviceIdOf, type EntryId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { operationsOf } from '../../../protocol/logged-operation.ts'
import { counterMessage } from '../../../protocol/operation-proofs.ts'
import type { Run } from '../../../protocol/run.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'
import { startAnother } from '../../support/own-devices.ts'
import { floodOf } from '../../support/person-flood.ts'
import { past, recoveriesOf, reopen, wordsOf } from '../../support/recovery.ts'

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
const personOf = ({ rooms }: Device) => rooms.identity.person
const logOf = async (where: Device, of: Device): Promise<readonly Run[]> =>
  await where.rooms.conversations.peers.personLog(personOf(of))
const idsOf = (log: readonly Run[]): EntryId[] => log.flatMap(({ entries }) => entries.map(({ sealed }) => sealed.id))
const devicesAt = (where: Device, of: Device): Set<string> =>
  new Set(where.rooms.conversations.peers.personState(personOf(of)).devices.keys())

interface Scene extends World {
  readonly alice: Device
  readonly bob: Device
  readonly carol: Device
}

/** Bob and Carol are contacts of Alice, and of nobody else. */
async function scene(t: Test): Promise<Scene> {
  const world = neighbourhood(t)
  const [alice, bob, carol] = [await world.start('alice'), await world.start('bob'), await world.start('carol')]
  for (const other of [bob, carol]) await alice.befriend(other, world.settle)
  return { ...world, alice, bob, carol }
}

/** Comes back through Bob, with all other devices lost; and asks Carol. */
async function comeBack(all: Scene, words: string): Promise<Device> {
  const young = await all.start('young')
  const recoveries = recoveriesOf(all, young)
  recoveries.begin({ words, address: 'bob' })
  const found = await past(all, recoveries, ['looking'])
  recoveries.finish(found.devices?.map(({ deviceId }) => deviceId) ?? [], true)
  t.equal((await past(all, recoveries, ['writing'])).state, 'done')
  await reopen(all, young)
  return young
}

async function hears(t: Test, { carol, place, settle }: Scene, young: Device): Promise<void> {
  await young.rooms.contacts.request({ device: carol.id, hello: carol.sayHello(young) }, '')
  for (let round = 0; round < 4; round += 1) {
    place.greetAll()
    await settle()
  }
  t.equal(young.rooms.book.require(personOf(carol)).state, 'accepted')
  t.strictSame(devicesAt(carol, young), new Set([young.id]))
}

t.test('who had many devices over the years is heard by every contact after coming back', async (t) => {
  const all = await scene(t)
  const { alice, bob, settle } = all
  const { ownLog } = alice.rooms.conversations
  for (let each = 0; each < 18; each += 1) {
    const key = signingKeyFromSeed(random(32))
    const device = deviceIdOf(publicBytes(key))
    const signature = signBytes(key, counterMessage(personOf(alice), device))
    await ownLog.add({ device, deviceClass: 'desktop' }, signature)
    await ownLog.remove(device)
  }
  await settle(5000)
  t.ok((await logOf(bob, alice)).length > limits.helloOperations)
  const words = wordsOf(alice)
  await alice.stop()
  await hears(t, all, await comeBack(all, words))
})

t.test('a stolen device that fills the log is removed by the words, at every contact', async (t) => {
  const all = await scene(t)
  const { alice, bob, carol } = all
  const words = wordsOf(alice)
  const phone = await startAnother(all, alice, 'phone')
  const { heads } = phone.rooms.conversations.ownLog.state
  const flood = floodOf(phone.rooms.identity.seed, personOf(alice), heads, 180)
  await all.settle()
  await phone.stop()
  await alice.stop()
  // Each contact hears another part of it first.
  await bob.rooms.conversations.peers.accept(personOf(alice), flood, phone.id)
  await carol.rooms.conversations.peers.accept(personOf(alice), [...flood.slice(0, 24), ...flood.slice(120)], phone.id)
  t.ok((await logOf(bob, alice)).length >= limits.personEraOperations)
  const young = await comeBack(all, words)
  t.strictSame(devicesAt(bob, alice), new Set([young.id]))
  await hears(t, all, young)
  const second = await startAnother(all, young, 'second')
  await all.settle(5000)
  t.strictSame(devicesAt(bob, young), new Set([young.id, second.id]), 'and devices are linked again')
})

t.test('words that were replaced fill nothing', async (t) => {
  const all = await scene(t)
  const { alice, bob, settle } = all
  const person = personOf(alice)
  const { heads } = alice.rooms.conversations.ownLog.state
  const oldKey = signingKeyFromSeed(recoverySeedIn(alice.store) ?? random(32))
  const words = wordsOf(alice)
  await alice.stop()
  const young = await comeBack(all, words)
  const log = await logOf(bob, young)
  const holding = idsOf(log.slice(1)).find((_, at) => operationsOf(log)[at + 1]?.operation?.kind === 'rotateRecovery')
  // One that is lower would hold: whoever has words is who they say.
  const lost: ReturnType<typeof recoveryRuns>[] = []
  while (lost.length < 10) {
    const seeds = { recoveryKey: oldKey, deviceSeed: random(32), nextSeed: random(32) }
    const runs = recoveryRuns({ person, heads, ...seeds, remove: [], keep: [], generation: random(8), now: 1 })
    if ((idsOf(runs)[0] ?? '') > (holding ?? '')) lost.push(runs)
  }
  await bob.rooms.conversations.peers.accept(person, lost.flat(), young.id)
  const added = (await logOf(bob, young)).length - log.length
  t.ok(added > 0 && added <= limits.personOutdated, `${added} of ${lost.flat().length}`)
  const second = await startAnother(all, young, 'second')
  await settle(5000)
  t.strictSame(devicesAt(bob, young), new Set([young.id, second.id]))
})
