/** Nobody leads whoever comes back with the 24 words to a person of their own making. */

import t from 'tap'
import { Finder, type FinderDeps } from '../../../daemon/devices/finder.ts'
import { searchPerson, type FoundPerson } from '../../../daemon/devices/search.ts'
import { publicBytes, signBytes, signingKeyFromSeed } from '../../../protocol/crypto.ts'
import type { DeviceFrame } from '../../../protocol/device-frames.ts'
import { kinds, lanes } from '../../../protocol/entry.ts'
import { findMessage } from '../../../protocol/find-frames.ts'
import type { PersonId } from '../../../protocol/ids.ts'
import { loggedOperation } from '../../../protocol/logged-operation.ts'
import { recoveryMessage } from '../../../protocol/operation-proofs.ts'
import { encodeOperation } from '../../../protocol/operation.ts'
import { reducePerson, type PersonState } from '../../../protocol/roster.ts'
import type { Run } from '../../../protocol/run.ts'
import { seedOfPhrase } from '../../../protocol/words.ts'
import {
  actor,
  alice,
  bob,
  entryOf,
  fill,
  generation,
  mallory,
  PersonLog,
  recoverySeed,
  runOf,
} from '../../protocol/cast.ts'
import { neighbourhood, type Device } from '../../support/device.ts'
import { past, recoveriesOf, wordsOf } from '../../support/recovery.ts'
import { talkPair } from '../../support/talk-pair.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const never = new AbortController().signal
const young = actor(91)
const runsOf = (log: PersonLog): Run[] => log.entries.map((each) => runOf([each]))
const stateOf = (log: PersonLog): PersonState => reducePerson(log.person, log.operations)
const preview = (person: PersonId, log: readonly Run[]): PersonState =>
  reducePerson(
    person,
    log.flatMap(({ entries }) =>
      entries.flatMap(({ sealed, slot }) => (slot.is === 'held' ? [loggedOperation(sealed, slot.payload)] : [])),
    ),
  )
const personOf = ({ rooms }: Device): PersonId => rooms.identity.person

for (const first of ['mallory', 'alice'] as const)
  t.test(`a contact who names somebody's recovery key is not found by it, met ${first} first`, async (t) => {
    const world = neighbourhood(t)
    const [owner, helper, other] = [await world.start('alice'), await world.start('bob'), await world.start('mallory')]
    for (const each of first === 'alice' ? [owner, other] : [other, owner]) await each.befriend(helper, world.settle)
    await world.settle()
    const words = wordsOf(owner)
    const { peers } = helper.rooms.conversations
    const person = personOf(other)
    const by = actor(92)
    const rotation = {
      kind: 'rotateRecovery',
      heads: peers.personState(person).heads,
      recoveryKey: peers.personState(personOf(owner)).recoveryKey,
      recovery: undefined,
      proof: fill(1, 64),
    } as const
    const key = signingKeyFromSeed(seedOfPhrase(wordsOf(other)))
    const recovery = signBytes(key, recoveryMessage(person, rotation, { device: by.device, generation, seq: 1 }))
    const place = { lane: lanes.roster, scope: person, kind: kinds.rotateRecovery, epoch: undefined }
    const rotated = entryOf(place, encodeOperation({ ...rotation, recovery }), by)
    await peers.learnPerson(person, [...(await peers.personLog(person)), runOf([rotated])])
    t.ok(
      (await peers.personLog(person)).some((run) => run.entries[0]?.sealed.id === rotated.sealed.id),
      'it is here',
    )
    await owner.stop()
    const home = await world.start('young')
    const recoveries = recoveriesOf(world, home)
    recoveries.begin({ words, address: 'bob' })
    t.match(await past(world, recoveries, ['looking']), { state: 'found', personId: personOf(owner) })
    recoveries.end()
  })

/** What a search ends with that is answered so: by device and frame, in the order of their addresses. */
async function search(answers: readonly (readonly [typeof alice, DeviceFrame])[]): Promise<FoundPerson> {
  return await searchPerson(
    {
      timers: new VirtualTime(),
      self: young,
      preview,
      line: (text) => text,
      open: async (address) => {
        const answer = answers[Number(address)]
        if (answer === undefined) throw new Error('an address')
        const [here, there] = talkPair(young.device, answer[0].device)
        there.send(answer[1])
        return await Promise.resolve(here)
      },
    },
    recoverySeed.key,
    Array.from(answers.keys(), String),
    never,
  )
}
const found = (log: PersonLog): DeviceFrame => ({
  is: 'found',
  person: log.person,
  log: runsOf(log),
  card: undefined,
  by: undefined,
})
const hers = new PersonLog(alice)
/** By somebody who has the words. */
const second = new PersonLog(mallory, 2)
/** By somebody who knows the public half of the key. */
const madeUp = new PersonLog(mallory, 3, mallory.key)

t.test('a person made up on the spot is no answer, whoever is asked first', async (t) => {
  const [lie, truth] = [
    [mallory, found(madeUp)],
    [bob, found(hers)],
  ] as const
  await t.rejects(search([lie]), { message: 'nobody' })
  t.match(await search([lie, truth]), { state: { person: hers.person }, from: { device: bob.device } })
  t.match(await search([truth, lie]), { state: { person: hers.person }, from: { device: bob.device } })
})

t.test('answers that name different persons are none, also if one is by a device of its person', async (t) => {
  const answers = [
    [bob, found(hers)],
    [mallory, found(second)],
  ] as const
  await t.rejects(search(answers), { message: 'several' })
  await t.rejects(search(answers.toReversed()), { message: 'several' })
})

/** What is answered to whoever has the recovery key, by somebody who knows these. */
async function answerOf(known: readonly PersonLog[]): Promise<DeviceFrame> {
  const [here, there] = talkPair(young.device, bob.device)
  const deps: FinderDeps = {
    self: { device: bob.device, person: new PersonLog(bob).person },
    known: () => known.map((each) => stateOf(each)),
    logOf: async (person) =>
      await Promise.resolve(known.flatMap((each) => (each.person === person ? runsOf(each) : []))),
    cardOf: () => undefined,
    answerer: async (person) => await Promise.resolve({ person, proof: [], name: '' }),
    preview,
    learn: async () => await Promise.reject(new Error('nobody asked for that')),
  }
  const recoveryKey = publicBytes(recoverySeed.key)
  const signature = signBytes(recoverySeed.key, findMessage(bob.device, young.device))
  await new Finder(deps).answer(there, { is: 'find', recoveryKey, signature })
  return await here.next(never)
}

t.test('a device that knows several persons of a key names none', async (t) => {
  t.match(await answerOf([hers]), { is: 'found', person: hers.person })
  for (const known of [
    [hers, madeUp],
    [madeUp, hers],
  ])
    t.match(await answerOf(known), { is: 'found', person: hers.person }, 'but one that is proven')
  t.match(await answerOf([madeUp]), { is: 'refuse' })
  t.match(await answerOf([hers, second]), { is: 'refuse' })
  t.match(await answerOf([second, hers]), { is: 'refuse' })
})

t.test('words that were replaced lead to nobody, also not to a person who was begun with them since', async (t) => {
  const replaced = new PersonLog(alice)
  replaced.rotate(alice, actor(95))
  t.match(await answerOf([replaced, second]), { is: 'replaced', person: replaced.person })
  t.match(await answerOf([second, replaced]), { is: 'replaced', person: replaced.person })
  const shown: DeviceFrame = { is: 'replaced', person: replaced.person, log: runsOf(replaced) }
  await t.rejects(
    search([
      [mallory, found(second)],
      [bob, shown],
    ]),
    { message: 'several' },
  )
})
