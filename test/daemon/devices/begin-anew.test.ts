/** The words are lost: nobody replaces them, and somebody with others goes on. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { beginAnew, lookAtBeginning } from '../../../daemon/begin-anew.ts'
import { isRevived } from '../../../daemon/backup/archive-mark.ts'
import type { BeginningAnew } from '../../../protocol/http-phrase.ts'
import { startAnother } from '../../support/own-devices.ts'
import { floodOf } from '../../support/person-flood.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'
import { ownerOf } from '../../support/owner-of.ts'
import { archive, past, recoveriesOf, reopen, wordsOf } from '../../support/recovery.ts'

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))
const anew = async ({ rooms, store }: Device, { time }: World): Promise<BeginningAnew> =>
  await beginAnew({ rooms, store, random, now: () => time.now() })
const writeDown = async ({ rooms }: Device): Promise<void> => {
  const { words, asked } = rooms.phrase.show()
  await rooms.phrase.written(asked.map((place) => words[place - 1] ?? ''))
}

t.test(
  'a person goes on with other words, contacts follow, and the old words bring back nobody whom they know',
  async (t) => {
    const world = neighbourhood(t)
    const alice = await world.start('alice')
    const bob = await world.start('bob')
    const chat = await alice.befriend(bob, world.settle)
    await alice.say(chat, 'before')
    await world.settle()
    const old = alice.rooms.identity.person
    const words = wordsOf(alice)
    await t.rejects(anew(alice, world), { code: 'CONFLICT', message: /write them down/ })
    await writeDown(alice)
    await anew(alice, world)
    await reopen(world, alice)
    await world.settle()
    const { person } = alice.rooms.identity
    t.not(person, old)
    t.notOk(isRevived(alice.store), 'nobody has heard more of them')
    t.equal(alice.rooms.phrase.status().state, 'unwritten')
    t.not(wordsOf(alice), words)
    t.match(ownerOf(bob).contact(old).movedTo, { id: person, answer: 'open' })
    await ownerOf(bob).patchContact(old, { follow: true })
    for (let round = 0; round < 4; round += 1) {
      world.place.greetAll()
      await world.settle()
    }
    t.equal(ownerOf(bob).contact(person).state, 'accepted')
    await alice.say(alice.conversationWith(bob), 'after')
    await world.settle()
    t.strictSame(await bob.texts(bob.rooms.conversations.owner.idFor(person) ?? chat), ['after'])
    const finder = await world.start('finder')
    const recoveries = recoveriesOf(world, finder)
    recoveries.begin({ words, address: 'bob' })
    t.match(await past(world, recoveries, ['looking']), { state: 'found', personId: old })
    recoveries.finish([], true)
    await past(world, recoveries, ['writing'])
    await reopen(world, finder)
    await world.settle()
    t.match(ownerOf(bob).contact(person), { state: 'accepted' })
    t.not(ownerOf(bob).contact(old).state, 'accepted', 'whoever finds the paper is who Alice was, and no contact')
  },
)

t.test('where a stolen device filled the log it begins all the same, and contacts hear of somebody new', async (t) => {
  const world = neighbourhood(t)
  const alice = await world.start('alice')
  const bob = await world.start('bob')
  await alice.befriend(bob, world.settle)
  await writeDown(alice)
  const old = alice.rooms.identity.person
  const { ownLog, peers } = alice.rooms.conversations
  t.strictSame(lookAtBeginning(alice.rooms), { asksContacts: true })
  const stolen = await startAnother(world, alice, 'stolen')
  const flood = floodOf(stolen.rooms.identity.seed, old, ownLog.state.heads, 180)
  await peers.accept(old, flood, stolen.id)
  await world.settle(3000)
  await stolen.stop()
  t.strictSame(lookAtBeginning(alice.rooms), { asksContacts: false })
  t.strictSame(await anew(alice, world), { asksContacts: false })
  await reopen(world, alice)
  for (let round = 0; round < 4; round += 1) {
    world.place.greetAll()
    await world.settle()
  }
  const { person } = alice.rooms.identity
  t.not(person, old)
  t.equal(ownerOf(bob).contact(old).movedTo, undefined)
  t.equal(ownerOf(bob).contact(person).state, 'incoming', 'asked like anybody')
})

t.test('a home that cannot speak for its person begins nothing', async (t) => {
  const world = neighbourhood(t)
  const alice = await world.start('alice')
  await writeDown(alice)
  await archive(alice)
  await alice.stop()
  await alice.start()
  await t.rejects(anew(alice, world), { code: 'NOT_ALLOWED' })
})
