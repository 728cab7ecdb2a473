/** A home becomes one other and no second one: by a code of another device, or by the 24 words. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { becomeOther } from '../../../daemon/become.ts'
import { dials, nobody } from '../../support/code-asker.ts'
import { neighbourhood } from '../../support/device.ts'
import { past, recoveriesOf, reopen, wordsOf } from '../../support/recovery.ts'
import { desk } from '../../support/talk-pair.ts'

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

t.test('from the yes to joining a person on, the words wait until that is called off', async (t) => {
  const old = desk(nobody)
  const joining = dials(old)
  const world = neighbourhood(t)
  const alice = await world.start('alice')
  const bob = await world.start('bob')
  await alice.befriend(bob, world.settle)
  const words = wordsOf(alice)
  await alice.stop()
  const young = await world.start('young')
  const recoveries = recoveriesOf(world, young, [], new Map(), joining.devices)
  const { code = '' } = old.devices.begin({})
  joining.devices.begin({ code, address: 'there' })
  await Promise.all([old.until('comparing'), joining.until('comparing')])
  t.notOk(joining.devices.isAgreed)
  recoveries.begin({ words, address: 'bob' })
  t.equal((await past(world, recoveries, ['looking'])).state, 'found')
  joining.devices.confirm()
  t.ok(joining.devices.isAgreed)
  t.throws(() => recoveries.finish([]), { code: 'CONFLICT' })
  t.throws(() => recoveries.begin({ words, address: 'bob' }), { code: 'CONFLICT' })
  joining.devices.cancel(false)
  recoveries.finish([])
  t.equal((await past(world, recoveries, ['writing'])).state, 'done')
})

t.test('while the words are written nothing is linked, and no yes is taken', async (t) => {
  let isRecovering = false
  const old = desk(nobody)
  const young = dials(old, { isRecovering: () => isRecovering })
  const { code = '' } = old.devices.begin({})
  young.devices.begin({ code, address: 'there' })
  await Promise.all([old.until('comparing'), young.until('comparing')])
  isRecovering = true
  t.throws(() => young.devices.confirm(), { code: 'CONFLICT' })
  for (const wish of [{}, { code, address: 'there' }]) t.throws(() => young.devices.begin(wish), { code: 'CONFLICT' })
  isRecovering = false
  young.devices.confirm()
  t.equal(young.shown().state, 'confirmed')
})

t.test('what a home is to become is decided once', async (t) => {
  const world = neighbourhood(t)
  const [alice, bob, young] = [await world.start('alice'), await world.start('bob'), await world.start('young')]
  const welcome = async (to: typeof alice): Promise<Parameters<typeof becomeOther>[2]> => {
    const { person } = to.rooms.identity
    const log = await to.rooms.conversations.peers.personLog(person)
    return { seed: random(32), person, log, card: to.rooms.profile.data }
  }
  await becomeOther(young.rooms, young.store, await welcome(alice))
  await t.rejects(becomeOther(young.rooms, young.store, await welcome(bob)), { code: 'CONFLICT' })
  await reopen(world, young)
  t.equal(young.rooms.identity.person, alice.rooms.identity.person)
})
