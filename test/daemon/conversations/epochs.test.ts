import t from 'tap'
import { epochCommitment, epochIdFor } from '../../../protocol/epoch.ts'
import { kinds, lanes } from '../../../protocol/entry.ts'
import { encodeOperation } from '../../../protocol/operation.ts'
import { epochMaxAgeMs } from '../../../daemon/conversations/epochs.ts'
import { twoContacts, type Pair } from '../../support/device.ts'
import { Pen, unknownEpoch } from '../../support/pen.ts'

/** How many epochs the conversation has, as its operations tell a device. */
const epochs = ({ chat }: Pair, device: Pair['alice']): number =>
  device.rooms.conversations.peers
    .vector(chat)
    .filter(({ lane }) => lane === lanes.roster)
    .reduce((sum, { ranges }) => sum + (ranges[0]?.[1] ?? 0), 0)

// Months pass in it: a bound, on a machine that does much else.
t.setTimeout(240_000)

t.test('both begin at once: two keys, all is read, and one is used from then on', async (t) => {
  const pair = await twoContacts(t)
  const { alice, bob, chat, place, settle } = pair
  place.part(alice, bob)
  await Promise.all([alice.say(chat, 'a'), bob.say(chat, 'b')])
  place.heal(alice, bob)
  await settle()
  for (const each of [alice, bob]) {
    t.strictSame((await each.texts(chat)).toSorted(), ['a', 'b'])
    t.strictSame(each.rooms.conversations.peers.missingKeys(chat), [])
  }
  for (const [who, text] of [
    [alice, 'c'],
    [bob, 'd'],
    [alice, 'e'],
  ] as const) {
    await who.say(chat, text)
    await settle()
  }
  t.equal(epochs(pair, alice), 2, 'no third one was needed')
  t.strictSame(await bob.texts(chat), await alice.texts(chat))
})

t.test('a key is used for thirty days, and what it sealed stays readable', async (t) => {
  const pair = await twoContacts(t)
  const { alice, bob, chat, time, settle } = pair
  await alice.say(chat, 'first')
  await time.pass(epochMaxAgeMs / 2)
  await bob.say(chat, 'second')
  t.equal(epochs(pair, bob), 1)
  await time.pass(epochMaxAgeMs / 2 + 1000)
  await alice.say(chat, 'third')
  await alice.say(chat, 'fourth')
  await settle()
  t.equal(epochs(pair, bob), 2)
  t.strictSame(await bob.texts(chat), ['first', 'second', 'third', 'fourth'])
})

t.test('keys are taken only if they are the ones of their epochs', async (t) => {
  const pair = await twoContacts(t)
  const { alice, bob, chat } = pair
  const { peers } = alice.rooms.conversations
  const key = new Uint8Array(32).fill(1)
  const pen = new Pen(bob.rooms.identity, chat, { lane: lanes.roster })
  const heads = [alice, bob].flatMap((each) => peers.personState(each.rooms.identity.person).heads)
  const commitment = epochCommitment(key)
  const epoch = epochIdFor(chat, [], commitment)
  const payload = encodeOperation({ kind: 'epoch', heads, epoch, parents: [], commitment, parentKeys: [] })
  await peers.accept(chat, [pen.run([pen.write('', { kind: kinds.epoch, epoch: undefined }, payload)])], bob.id)
  t.strictSame(peers.missingKeys(chat), [epoch])
  await t.rejects(peers.takeKeys(chat, [{ epoch, key: new Uint8Array(32).fill(2) }]), { code: 'BAD_HASH' })
  await t.rejects(peers.takeKeys(chat, [{ epoch, key: new Uint8Array(31) }]), { code: 'BAD_HASH' })
  await peers.takeKeys(chat, [{ epoch: unknownEpoch, key }])
  t.strictSame(peers.keysFor(chat, [unknownEpoch, epoch], bob.id), [], 'nobody minted the one, the other is not here')
  await peers.takeKeys(chat, [{ epoch, key }])
  t.strictSame(peers.missingKeys(chat), [])
  t.strictSame(peers.keysFor(chat, [epoch], bob.id), [{ epoch, key }])
  t.strictSame(peers.keysFor(chat, [epoch], alice.id), [])
  t.strictSame(peers.keysFor(alice.rooms.identity.person, [epoch], bob.id), [])
  await alice.rooms.contacts.block(bob.rooms.identity.person)
  t.strictSame(peers.keysFor(chat, [epoch], bob.id), [], 'a blocked contact gets none')
})

t.test('what its author sealed wrongly is shown as unreadable, and takes nothing with it', async (t) => {
  const { alice, bob, chat, settle } = await twoContacts(t)
  await bob.say(chat, 'makes the epoch')
  await settle()
  const { peers } = alice.rooms.conversations
  const { runs } = await peers.read(chat, peers.vector(chat), 100_000)
  const epoch = runs.flatMap(({ entries }) => entries).find(({ sealed }) => sealed.header.lane === 1)?.sealed
    .header.epoch
  const pen = new Pen(bob.rooms.identity, chat)
  await peers.accept(chat, [pen.run([pen.write('not sealed at all', { epoch })])], bob.id)
  t.match(
    (await alice.messages(chat)).filter(({ unreadable }) => unreadable),
    [{ text: '', unreadable: true, newer: false }],
  )
  t.equal((await alice.messages(chat)).length, 2)
})
