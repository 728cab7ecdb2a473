/** Limits of what travels: frames, hellos, entries and links. */

import { base64url } from 'multiformats/bases/base64'
import t from 'tap'
import { concat } from '../../protocol/bytes.ts'
import { decode, encode, type Value } from '../../protocol/codec.ts'
import * as links from '../../protocol/contact-link.ts'
import { sha256 } from '../../protocol/crypto.ts'
import { readHeader } from '../../protocol/entry.ts'
import { encodeFrame, readFrame } from '../../protocol/frames.ts'
import { readGroupLink } from '../../protocol/group-link.ts'
import { encodeHello, readHello, type Hello } from '../../protocol/hello.ts'
import { conversationIdOf, entryIdOf, personIdOf } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { readRun, runValue, type Run } from '../../protocol/run.ts'
import { readRanges, rowValue } from '../../protocol/vector.ts'
import { alice, chainOf, conversation, entryOf, fill, generation, PersonLog, runOf } from '../protocol/cast.ts'
import { upTo } from './boundary.ts'
import { sized } from './sized.ts'

const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item)
const id = fill(7)

t.test('a value: arrays within arrays, in both directions', async (t) => {
  const nested = (depth: number): Value => (depth === 0 ? 0 : [nested(depth - 1)])
  await upTo(t, 'valueDepth', (depth) => encode(nested(depth)), 'BAD_SHAPE')
  await upTo(t, 'valueDepth', (depth) => decode(concat(fill(0x81, depth), fill(0, 1))), 'BAD_SHAPE')
})

t.test('frames: their length, known and unknown', async (t) => {
  await upTo(t, 'controlFrameBytes', (bytes) => readFrame(sized(bytes, (filling) => encode([7, id, 1, filling]))))
  await upTo(t, 'controlFrameBytes', (bytes) => readFrame(sized(bytes, (filling) => encode([77, filling]))))
  const overhead = encodeFrame({ is: 'live', scope: conversation, what: 1, value: fill(0, 70_000) }).length - 70_000
  await upTo(t, 'controlFrameBytes', (bytes) =>
    encodeFrame({ is: 'live', scope: conversation, what: 1, value: fill(0, bytes - overhead) }),
  )
  const runs = [runValue(runOf(chainOf(1)))]
  const entries = (bytes: number): unknown => readFrame(sized(bytes, (filling) => encode([3, id, runs, 1, filling])))
  await upTo(t, 'entriesFrameBytes', entries)
})

const read = (value: Value): unknown => readFrame(encode(value))

t.test('frames: their lists, texts and numbers', async (t) => {
  const entry = entryIdOf(fill(1))
  const hlc = { wallMs: 1, count: 0 }
  const row = { device: alice.device, lane: 1, generation, ranges: [[1, 1]], head: entry, hlc } as const
  await upTo(t, 'offerScopes', (count) => read([0, times(count, [id, fill(1, 16)])]))
  await upTo(t, 'vectorRows', (count) => read([1, id, times(count, rowValue(row)), 0]))
  await upTo(t, 'vectorRows', (count) => read([2, id, times(count, [id, 1, fill(1, 8), []]), 1]))
  await upTo(t, 'vectorRows', (count) => read([4, id, times(count, [id, 1, fill(1, 8), []])]))
  await upTo(t, 'wantBytes', (bytes) => read([2, id, [], bytes]), 'BAD_SHAPE')
  await upTo(t, 'frameItems', (count) => read([6, id, times(count, id), []]))
  await upTo(t, 'frameItems', (count) => read([6, id, [], times(count, [id, id])]))
  await upTo(t, 'frameItems', (count) => read([10, id, times(count, id)]))
  await upTo(t, 'byeTextBytes', (bytes) => read([8, 0, 'x'.repeat(bytes)]))
  await upTo(t, 'rowRanges', (count) => readRanges(Array.from({ length: count }, (_, at) => [at * 2 + 1, at * 2 + 1])))
})

const log = new PersonLog(alice)
const [proof] = log.entries.map((each) => runOf([each]))
const hello: Hello = {
  versions: [1, 1],
  features: [],
  bootId: fill(1, 8),
  linkNumber: 1,
  wallMs: 1,
  person: log.person,
  wish: { is: 'contact', note: 'hi', number: 7 },
  name: 'Alice',
  proof: [],
}

const greet = (changes: Partial<Hello>): unknown => readHello(encodeHello({ ...hello, ...changes }))

t.test('a hello: its length, operations, features, note and name', async (t) => {
  const fields = decode(encodeHello(hello)) as readonly Value[]
  await upTo(t, 'helloBytes', (bytes) => readHello(sized(bytes, (filling) => encode([...fields, filling]))))
  await upTo(t, 'helloOperations', (count) => greet({ proof: times(count, proof as Run) }))
  await upTo(t, 'helloFeatures', (count) => greet({ features: times(count, 'x') }))
  const group = conversationIdOf(id)
  await upTo(t, 'helloJoins', (count) =>
    greet({
      joins: times(count, {
        group,
        invite: entryIdOf(id),
        proof: fill(1, 64),
        askedAt: 1,
        signature: fill(1, 64),
      }),
    }),
  )
  await upTo(t, 'helloJoins', (count) => greet({ answers: times(count, { group, answer: 'coming' as const }) }))
  await upTo(t, 'noteCodePoints', (count) => greet({ wish: { is: 'contact', note: '🌱'.repeat(count), number: 1 } }))
  await upTo(t, 'nameCodePoints', (count) => greet({ name: '🌱'.repeat(count) }))
})

const header = (filling: Uint8Array): Uint8Array => entryOf({ extension: [filling] }).sealed.bytes
const readEntry = (changes: object): unknown => readHeader(entryOf(changes).sealed.bytes)

t.test('an entry: its header, payload, life, and how many are in a run', async (t) => {
  await upTo(t, 'headerBytes', (bytes) => readHeader(sized(bytes, header)))
  await upTo(t, 'sealedPayloadBytes', (payloadLength) => readEntry({ payloadLength }), 'BAD_SHAPE')
  await upTo(t, 'lifetimeSeconds', (lifetime) => readEntry({ lifetime }), 'BAD_SHAPE')
  const entries = chainOf(limits.runEntries + 1)
  await upTo(t, 'runEntries', (count) => readRun(decode(encode(runValue(runOf(entries.slice(0, count)))))))
  const runs = (count: number): Value[] => entries.slice(0, count).map((each) => runValue(runOf([each])))
  await upTo(t, 'runEntries', (count) => readFrame(encode([3, id, runs(count), 1])))
})

/** A link around any body, with the right checksum. */
const around = (...parts: Uint8Array[]): string => {
  const body = concat(...parts)
  return `warren:${base64url.baseEncode(concat(body, sha256(body).subarray(0, 4)))}`
}

/** A link into a group whose name has so many bytes. */
const named = (bytes: number): unknown =>
  readGroupLink(
    around(Uint8Array.of(2), id, id, id, fill(0, 6), Uint8Array.of(bytes), fill(97, bytes), Uint8Array.of(0)),
  )

t.test('a link: its length, devices, addresses and host names', async (t) => {
  const one = Uint8Array.of(1)
  /** Of that many characters, or one fewer: base64 has not every length. An address of a newer kind fills it. */
  const long = (characters: number): unknown => {
    const bytes = Math.floor(((characters - 'warren:'.length) * 3) / 4) - 4
    const filling = bytes - 53
    const text = around(one, id, one, fill(1, 16), one, Uint8Array.of(200, filling), fill(0, filling))
    t.equal(text.length, characters === limits.contactLinkBytes ? characters - 1 : characters)
    return links.readContactLink(text)
  }
  await upTo(t, 'contactLinkBytes', long, 'BAD_LINK')
  const longGroup = (characters: number): unknown => {
    const bytes = Math.floor(((characters - 'warren:'.length) * 3) / 4) - 4
    const front = concat(Uint8Array.of(2), id, id, id, fill(0, 6), Uint8Array.of(0))
    const filling = bytes - front.length - 20
    const text = around(front, one, fill(1, 16), one, Uint8Array.of(200, filling), fill(0, filling))
    t.equal(text.length, characters === limits.groupLinkBytes ? characters - 1 : characters)
    return readGroupLink(text)
  }
  await upTo(t, 'groupLinkBytes', longGroup, 'BAD_LINK')
  await upTo(t, 'linkNameBytes', named, 'BAD_LINK')
  const prefix = fill(1, 16)
  const linkTo = (devices: links.ContactLink['devices']): void => {
    const link = { person: personIdOf(id), devices }
    t.strictSame(links.readContactLink(links.encodeContactLink(link)), link)
  }
  await upTo(
    t,
    'linkHostBytes',
    (bytes) => linkTo([{ prefix, addresses: [{ kind: 'dns', host: 'x'.repeat(bytes), port: 1 }] }]),
    'BAD_SHAPE',
  )
  const lists = {
    linkDevices: (count: number) => [Uint8Array.of(count), ...times(count, concat(prefix, Uint8Array.of(0)))],
    linkAddresses: (count: number) => [
      one,
      prefix,
      Uint8Array.of(count),
      ...times(count, Uint8Array.of(4, 10, 0, 0, 1, 30, 38)),
    ],
  }
  await upTo(
    t,
    'linkDevices',
    (count) => links.readContactLink(around(one, id, ...lists.linkDevices(count))),
    'BAD_LINK',
  )
  await upTo(
    t,
    'linkAddresses',
    (count) => links.readContactLink(around(one, id, ...lists.linkAddresses(count))),
    'BAD_LINK',
  )
  t.throws(() => links.readContactLink(around(one, id, Uint8Array.of(limits.linkDevices + 1))), {
    message: /more than/,
  })
  const written = (count: number, addresses: number): number[] => {
    const own = times(addresses, { kind: 'ip4', host: '10.0.0.1', port: 7718 } as const)
    const text = links.encodeContactLink({ person: personIdOf(id), devices: times(count, { prefix, addresses: own }) })
    return links.readContactLink(text).devices.map((each) => each.addresses.length)
  }
  await upTo(t, 'linkDevices', (count) => written(count, 0).length === count, 'no')
  await upTo(t, 'linkAddresses', (count) => written(1, count)[0] === count, 'no')
})
