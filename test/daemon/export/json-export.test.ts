import t from 'tap'
import { tables } from '../../../daemon/store/store.ts'
import { fromBase64url, toBase64url } from '../../../protocol/base64url.ts'
import { encodeErase, encodeGenerationEnd } from '../../../protocol/content.ts'
import { kinds, readHeader } from '../../../protocol/entry.ts'
import { selfId } from '../../../protocol/ids.ts'
import { neighbourhood, twoContacts, type Pair } from '../../support/device.ts'
import {
  asJson,
  briefly,
  checked,
  entriesOf,
  exported,
  exporterOf,
  textsOf,
  verdictOn,
} from '../../support/exported.ts'
import { lose } from '../../support/lost-rows.ts'
import { Pen } from '../../support/pen.ts'
import { count } from '../../support/talked.ts'

async function chat(t: Parameters<typeof twoContacts>[0]): Promise<Pair> {
  const pair = await twoContacts(t)
  for (const text of count(3, 'from alice')) await pair.alice.say(pair.chat, text)
  await pair.settle()
  for (const text of count(3, 'from bob')) await pair.bob.say(pair.chat, text)
  await pair.settle()
  return pair
}

t.test('what two have said is one JSON document in the order of the screen, on either side, and checks', async (t) => {
  const { alice, bob, chat: id } = await chat(t)
  const nameOf = (person: string): string => (person === bob.rooms.identity.person ? 'Bob \u202e\u009b31m' : 'Alice')
  for (const device of [alice, bob]) {
    const text = await exported(device, id, asJson, nameOf)
    t.strictSame(textsOf(text), await device.texts(id))
    const report = await checked(text, 7)
    t.match(report, {
      entries: 6,
      messages: 6,
      forks: { proven: 0, unproven: 0 },
      gaps: { deleted: 0, missing: 0, unproven: 0 },
    })
    t.match(report.made, { by: device.rooms.identity.person, device: device.id, warren: '0.0.1' })
    const other = device === alice ? bob : alice
    t.match(report.persons, [
      { person: device.rooms.identity.person, messages: 3, devices: [{ device: device.id, messages: 3 }] },
      { person: other.rooms.identity.person, messages: 3, devices: [{ device: other.id, messages: 3 }] },
    ])
    t.ok(report.first > 0 && report.last > report.first)
    t.notMatch(text, /[\u007f-\u009f\u202e]/, 'nothing in it moves a cursor or turns the reading order')
    t.equal(report.persons.find(({ person }) => person === bob.rooms.identity.person)?.name, 'Bob \u202e\u009b31m')
  }
})

t.test('it holds a key for every message, and none that opens another one', async (t) => {
  const { alice, bob, chat: id } = await chat(t)
  const text = await exported(alice, id)
  const lines = entriesOf(text)
  t.equal(new Set(lines.map(({ key }) => key)).size, 6)
  const epochs = new Set(lines.flatMap(({ header }) => readHeader(fromBase64url(header ?? '')).header.epoch ?? []))
  const given = alice.rooms.conversations.peers.keysFor(id, [...epochs], bob.id)
  t.ok(given.length > 0, 'the conversation has keys')
  for (const secret of [...given.map(({ key }) => key), alice.rooms.identity.seed])
    for (const bytes of [secret, secret.subarray(3), secret.subarray(1)])
      t.notOk(text.includes(toBase64url(bytes).slice(0, 30)))
})

t.test('it tells the moment at which it was begun', async (t) => {
  const { alice, bob, chat: id, settle } = await chat(t)
  const { pieces } = exporterOf(alice).begin(id, asJson)
  await alice.say(id, 'later')
  await bob.say(id, 'later')
  await settle()
  let text = ''
  for await (const piece of pieces) text += piece
  t.equal(textsOf(text).length, 6)
  t.notMatch(text, /later/)
  t.equal(await verdictOn(text), 'genuine')
  t.equal(textsOf(await exported(alice, id)).length, 8)
})

t.test('one that is deleted while it is read breaks off', async (t) => {
  const { alice, chat: id } = await chat(t)
  const { pieces } = exporterOf(alice).begin(id, asJson)
  await alice.rooms.conversations.owner.delete(id)
  await t.rejects(pieces.next(), { code: 'NOT_FOUND' })
})

t.test('what was deleted here is told, also where nothing came after', async (t) => {
  const { alice, bob, chat: id, settle } = await chat(t)
  await alice.rooms.conversations.owner.delete(id)
  await settle()
  t.strictSame(entriesOf(await exported(alice, id)).map(briefly), ['1-3 deleted', '1-3 deleted'])
  await bob.say(id, 'again')
  await settle()
  const text = await exported(alice, id)
  t.strictSame(entriesOf(text).map(briefly), ['1-3 deleted', '1-3 deleted', 'message'])
  t.match(await checked(text), { messages: 1, gaps: { deleted: 6, missing: 0 } })
})

t.test(
  'what the disk lost breaks it off once; then it is told, and what nothing vouches for is left out',
  async (t) => {
    const { alice, bob, chat: id, place, settle } = await twoContacts(t)
    await bob.say(id, 'alone')
    await settle()
    place.part(alice, bob)
    for (const text of count(8, 'from bob')) await bob.say(id, text)
    for (const text of count(8, 'from alice')) await alice.say(id, text)
    await settle()
    place.heal(alice, bob)
    await settle()
    place.part(alice, bob)
    t.equal(entriesOf(await exported(alice, id)).length, 17)
    const number = alice.store.numberOf(id)
    lose(alice, tables.entry, (at) => at[0] === number && at[2] === 5)
    let refused = 0
    for (let each = 0; each < 2; each += 1) {
      if ((await exported(alice, id).catch((error: unknown) => error)) instanceof Error) refused += 1
      await settle()
    }
    t.equal(refused, 2, 'once for every feed that lost something')
    const text = await exported(alice, id)
    // Bob signed 1, and 9 for all that came later: of 2 to 4 nothing proves any more whose they are.
    const feeds = Map.groupBy(entriesOf(text), ({ device }) => device)
    t.strictSame(feeds.get(bob.id)?.map(briefly), [
      'message',
      '2-2 unproven',
      '3-3 unproven',
      '4-4 unproven',
      '5-5 missing',
      ...count(4, 'x').map(() => 'message'),
    ])
    t.strictSame(feeds.get(alice.id)?.map(briefly), [
      ...count(4, 'x').map(() => 'message'),
      '5-5 missing',
      ...count(3, 'x').map(() => 'message'),
      // Alice begins another generation, which says where this one ended.
      'close',
    ])
    t.match(await checked(text), { messages: 12, gaps: { missing: 2, unproven: 3, deleted: 0 } })
  },
)

t.test('what cannot be read, ended, was taken back or is of a newer Warren stands there by its header', async (t) => {
  const { alice, bob, chat: id } = await twoContacts(t)
  const pen = new Pen(bob.rooms.identity, id)
  const plain = { epoch: undefined }
  const ended = { generation: pen.write().sealed.header.generation, seq: 1, id: pen.write().sealed.id }
  pen.goOnFrom(undefined)
  const written = [
    pen.write('without a key'),
    pen.write('', { kind: kinds.closeGeneration, ...plain }, encodeGenerationEnd(ended)),
    pen.write('', { kind: kinds.closeGeneration, ...plain }, new Uint8Array(3)),
    pen.write('', { kind: kinds.erase, ...plain }, encodeErase([ended.id])),
    pen.write('', { kind: kinds.erase, ...plain }, new Uint8Array(3)),
    pen.write('of another kind', { kind: 77 }),
    pen.write('of another version', { version: 2, kind: kinds.closeGeneration }),
    pen.write('sealed for a while', { lifetime: 60 }),
  ]
  const run = pen.run(written)
  const entries = run.entries.map(({ sealed, slot }) =>
    sealed.header.lifetime > 0 ? { sealed, slot: { is: 'lapsed' as const } } : { sealed, slot },
  )
  await alice.rooms.conversations.peers.accept(id, [{ ...run, entries }], bob.id)
  const text = await exported(alice, id)
  t.match(
    entriesOf(text).map(({ is, entries }) => [is, entries?.length]),
    [['unreadable'], ['close'], ['close'], ['erase', 1], ['erase', 0], ['newer'], ['newer'], ['gone']],
  )
  t.match(await checked(text), { messages: 0, entries: 8, bare: { gone: 1, unreadable: 1, newer: 2 } })
})

t.test('notes to self are exported, empty ones too', async (t) => {
  const { start } = neighbourhood(t)
  const alice = await start('alice')
  const id = selfId(alice.rooms.identity.person)
  t.match(await checked(await exported(alice, id)), { messages: 0, entries: 0, conversation: { kind: 'self' } })
  await alice.say(id, 'a note')
  t.match(await checked(await exported(alice, id)), { messages: 1, persons: [{ messages: 1 }] })
  t.equal(exporterOf(alice).begin(id, asJson).name, 'warren-notes-2027-01-15.json')
})

t.test('a history of 20,000 is read as it is taken, each entry once', async (t) => {
  const { alice, bob, chat: id, place } = await twoContacts(t)
  place.part(alice, bob)
  const texts = count(20_000, 'x'.repeat(20))
  await Promise.all(texts.map(async (text) => await alice.say(id, text)))
  const { counts } = alice.store
  const before = counts.reads
  const { pieces } = exporterOf(alice).begin(id, asJson)
  const taken: string[] = []
  let given = 0
  let ahead = 0
  for await (const piece of pieces) {
    taken.push(piece)
    given += piece.split('"is":"message"').length - 1
    ahead = Math.max(ahead, counts.reads - before - given)
  }
  const read = counts.reads - before
  const longest = Math.max(...taken.map(({ length }) => length))
  t.ok(ahead < 300, `at most ${ahead} were read ahead`)
  t.ok(read < 20_000 + 20, `${read} reads`)
  t.ok(longest < 70_000, `the longest piece has ${longest} characters`)
  t.match(await checked(taken.join('')), { messages: 20_000 })
})
