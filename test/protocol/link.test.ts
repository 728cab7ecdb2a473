import { base64url } from 'multiformats/bases/base64'
import fc from 'fast-check'
import t from 'tap'
import { concat } from '../../protocol/bytes.ts'
import * as links from '../../protocol/contact-link.ts'
import { sha256 } from '../../protocol/crypto.ts'
import { errorCode } from '../../protocol/errors.ts'
import { encodeGroupLink, readGroupLink } from '../../protocol/group-link.ts'
import { conversationIdOf, entryIdOf, personIdOf } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { alice, bob, fill } from './cast.ts'

const person = personIdOf(fill(1))
const prefix = links.devicePrefix(alice.device)
const ip4 = (last: number): links.LinkAddress => ({ kind: 'ip4', host: `10.0.0.${last}`, port: 7718 })
const linkTo = (...addresses: links.LinkAddress[]): links.ContactLink => ({ person, devices: [{ prefix, addresses }] })
const bad = { code: 'BAD_LINK' }
const shape = { code: 'BAD_SHAPE' }

/** A link around any body, with the right checksum. */
const around = (...parts: Uint8Array[]): string => {
  const body = concat(...parts)
  return `warren:${base64url.baseEncode(concat(body, sha256(body).subarray(0, 4)))}`
}

const many = (count: number, addresses: number): links.ContactLink => ({
  person,
  devices: Array.from({ length: count }, (_, at) => ({
    prefix: fill(at, 16),
    addresses: Array.from({ length: addresses }, (__, last) => ip4(last)),
  })),
})
const groupLink = {
  conversation: conversationIdOf(fill(2)),
  invite: entryIdOf(fill(3)),
  secret: fill(9),
  expiresAt: 1_763_000_000_123,
  name: 'Garden',
  devices: [],
}
const head = (count: number): Uint8Array => concat(Uint8Array.of(1), fill(1), Uint8Array.of(count))

t.test('a link leads back to its person, devices and addresses', async (t) => {
  const link: links.ContactLink = {
    person,
    devices: [
      { prefix, addresses: [ip4(1), { kind: 'dns', host: 'box.tail1.ts.net', port: 1 }] },
      { prefix: links.devicePrefix(bob.device), addresses: [{ kind: 'ip6', host: 'fd7a:115c:a1e0::1', port: 65_535 }] },
    ],
  }
  const text = links.encodeContactLink(link)
  t.ok(text.length <= limits.contactLinkBytes)
  t.strictSame(links.readContactLink(text), link)
  t.strictSame(links.readContactLink(`  ${text}\n`), link)
  t.strictSame(links.readContactLink(text.replace('warren:', 'WARREN:')), link)
  t.ok(links.namesDevice(link, bob.device))
  t.notOk(links.namesDevice(linkTo(), bob.device))
})

t.test('IPv6 addresses are written as RFC 5952 says', async (t) => {
  const spellings: [string, string][] = [
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['0:0:1:0:0:0:0:0', '0:0:1::'],
  ]
  for (const [host, expected] of spellings) {
    const read = links.readContactLink(links.encodeContactLink(linkTo({ kind: 'ip6', host, port: 1 })))
    t.equal(read.devices[0]?.addresses[0]?.host, expected, host)
  }
})

t.test('an address that is none gets into no link', async (t) => {
  const wrong: [links.LinkAddress['kind'], string[]][] = [
    ['ip4', ['1.2.3', '1.2.3.4.5', '1.2.3.256', '1..2.3', '01.2.3.4', '1e1.2.3.4', '1.2.3.-4', '']],
    [
      'ip6',
      [
        '',
        '1',
        ':',
        ':::',
        '1::2::3',
        '1:2:3:4:5:6:7:8:9',
        '1:2:3:4:5:6:7::8',
        'fe80::1%eth0',
        '::ffff:1.2.3.4',
        'g::',
      ],
    ],
    ['dns', ['', '-a', 'a-', 'a..b', 'a.', '.a', 'a b', 'ä.de', 'a'.repeat(limits.linkHostBytes + 1), 'a_b']],
  ]
  for (const [kind, hosts] of wrong) {
    for (const host of hosts) {
      t.throws(() => links.encodeContactLink(linkTo({ kind, host, port: 1 })), shape, `${kind} ${host}`)
    }
  }
  for (const port of [0, -1, 65_536, 1.5, NaN]) {
    t.throws(() => links.encodeContactLink(linkTo({ ...ip4(1), port })), shape, `port ${port}`)
  }
  t.throws(() => links.encodeContactLink({ person, devices: [{ prefix: fill(1), addresses: [] }] }), shape)
})

t.test('a link that would be too long leaves out the last addresses, then the last devices', async (t) => {
  fc.assert(
    fc.property(fc.nat(12), fc.nat(12), (count, addresses) => {
      const text = links.encodeContactLink(many(count, addresses))
      const read = links.readContactLink(text)
      const kept = read.devices.every(({ prefix: each }, at) => each[0] === at)
      return text.length <= limits.contactLinkBytes && kept && (count === 0 || read.devices.length > 0)
    }),
    { seed: 1, numRuns: 60 },
  )
  const four = links.readContactLink(links.encodeContactLink(many(4, 3)))
  t.strictSame(
    four.devices.map(({ addresses }) => addresses.length),
    [2, 1, 1, 1],
  )
})

t.test('one mistyped or lost character is noticed', async (t) => {
  const text = links.encodeContactLink(linkTo(ip4(1)))
  const letters = Array.from('Aaz09-_')
  fc.assert(
    fc.property(fc.integer({ min: 7, max: text.length - 1 }), fc.constantFrom(...letters), (at, letter) => {
      if (text[at] === letter) return true
      t.throws(() => links.readContactLink(text.slice(0, at) + letter + text.slice(at + 1)), bad)
      t.throws(() => links.readContactLink(text.slice(0, at)), bad)
      return true
    }),
    { seed: 2, numRuns: 100 },
  )
})

t.test('readContactLink() throws nothing but BAD_LINK, whatever it gets', async (t) => {
  const body = fc.uint8Array({ maxLength: 140 }).map((bytes) => around(Uint8Array.of(1), bytes))
  const short = fc
    .uint8Array({ maxLength: 30 })
    .map((bytes) => around(Uint8Array.of(1), fill(1), Uint8Array.of(1), bytes))
  const devices = fc
    .uint8Array({ maxLength: 60 })
    .map((bytes) => around(Uint8Array.of(1), fill(1), Uint8Array.of(1), fill(1, 16), bytes))
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.string(), body, short, devices), (value) => {
      try {
        links.readContactLink(value)
      } catch (error) {
        return errorCode(error) === 'BAD_LINK'
      }
      return true
    }),
    { seed: 3, numRuns: 1500 },
  )
  t.throws(() => links.readContactLink(`warren:${'A'.repeat(limits.contactLinkBytes)}`), bad)
})

t.test('an address of a newer kind is stepped over', async (t) => {
  const newer = Uint8Array.of(200, 3, 9, 9, 9)
  const known = Uint8Array.of(4, 10, 0, 0, 1, 30, 38)
  const text = around(Uint8Array.of(1), fill(1), Uint8Array.of(1), prefix, Uint8Array.of(2), newer, known)
  t.strictSame(links.readContactLink(text), linkTo(ip4(1)))
})

t.test('a link ends where it says', async (t) => {
  t.throws(() => links.readContactLink(around(head(0), fill(0, 1))), bad, 'bytes behind the end')
})

t.test('links of one kind are not taken for another', async (t) => {
  const secret = fill(9)
  const devices = [{ prefix, addresses: [ip4(1)] }]
  const invite = { ...groupLink, secret, devices }
  const joining = { person, secret, devices }
  t.strictSame(readGroupLink(encodeGroupLink(invite)), invite)
  t.strictSame(links.readDeviceLink(links.encodeDeviceLink(joining)), joining)
  t.throws(() => links.readContactLink(encodeGroupLink(invite)), { ...bad, message: /group/ })
  t.throws(() => readGroupLink(links.encodeDeviceLink(joining)), { ...bad, message: /device/ })
  t.throws(() => links.readContactLink(around(Uint8Array.of(77), fill(1))), { ...bad, message: /newer/ })
  t.throws(() => encodeGroupLink({ ...invite, secret: fill(1, 31) }), shape)
})

t.test('a link into a group holds its name, cut at a whole character, and as many devices as fit', async (t) => {
  const devices = [0, 1, 2, 3, 4, 5].map((at) => ({ prefix: fill(at, 16), addresses: [ip4(1), ip4(2)] }))
  const text = encodeGroupLink({ ...groupLink, name: 'ü'.repeat(64), devices })
  t.ok(text.length <= limits.groupLinkBytes, `${text.length} characters`)
  const read = readGroupLink(` ${text.replace('warren', 'WARREN')}\n`)
  t.equal(read.name, 'ü'.repeat(limits.linkNameBytes / 2))
  t.equal(read.devices.length, 2)
  t.equal(read.expiresAt, groupLink.expiresAt)
  t.equal(readGroupLink(encodeGroupLink({ ...groupLink, name: 'a' + 'ü'.repeat(64) })).name.length, 24)
  t.throws(() => encodeGroupLink({ ...groupLink, expiresAt: -1 }), shape)
})
