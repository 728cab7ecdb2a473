/** Frames cut out of a stream, and what addresses are. */

import fc from 'fast-check'
import t from 'tap'
import { joinFrames, Progress, splitFrames } from '../../../daemon/net/frame-bytes.ts'
import { addressBlock, addressKind, interfaceAddresses, isPrivateAddress } from '../../../daemon/net/ip.ts'
import { readTarget } from '../../../daemon/net/target.ts'

async function* pieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    yield bytes.subarray(at, at + size)
    at += size
  }
}

async function all(source: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = []
  for await (const frame of source) frames.push(Uint8Array.from(frame))
  return frames
}

t.test('frames come out as they went in, however the stream cuts them', async (t) => {
  const frames = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 })
  const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(frames, sizes, async (sent, cuts) => {
      const got = await all(splitFrames(40)(pieces(joinFrames(sent), cuts)))
      return got.length === sent.length && got.every((each, at) => Buffer.compare(each, sent[at] ?? each) === 0)
    }),
  )
  t.pass()
})

t.test('frames that pass share memory, and are right while they last', async (t) => {
  const most = 5000
  const frames = fc.array(fc.uint8Array({ minLength: 900, maxLength: most, size: 'max' }), { maxLength: 8 })
  const sizes = fc.array(fc.integer({ min: 1, max: 7000 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(frames, sizes, async (sent, cuts) => {
      const split = splitFrames(most, new Progress(), { isPassing: true })
      const got = await all(split(pieces(joinFrames(sent), cuts)))
      return got.length === sent.length && got.every((each, at) => Buffer.compare(each, sent[at] ?? each) === 0)
    }),
    { numRuns: 50 },
  )
  t.pass()
})

t.test('a length over the limit is refused before its bytes come, a cut stream where it ends', async (t) => {
  const long = joinFrames([new Uint8Array(41)])
  await t.rejects(all(splitFrames(40)(pieces(long.subarray(0, 4), [1]))), { code: 'TOO_LARGE' })
  for (const cut of [1, 3, 4, 5, 40]) {
    const bytes = joinFrames([new Uint8Array(40)]).subarray(0, cut)
    await t.rejects(all(splitFrames(40)(pieces(bytes, [2]))), { code: 'BAD_SHAPE' }, `${cut} bytes`)
  }
  t.same(await all(splitFrames(40)(pieces(new Uint8Array(0), [1]))), [])
})

t.test('addresses are told apart', (t) => {
  const kinds = {
    '127.0.0.1': 'loopback',
    '::1': 'loopback',
    '10.1.2.3': 'lan',
    '172.31.255.255': 'lan',
    '172.32.0.0': 'other',
    '192.168.7.7': 'lan',
    '169.254.1.1': 'lan',
    '100.63.255.255': 'other',
    '100.64.0.1': 'tailnet',
    '100.127.255.255': 'tailnet',
    '8.8.8.8': 'other',
    'fd7a:115c:a1e0::1': 'tailnet',
    'fd00::1': 'lan',
    'fe80::1': 'lan',
    '2001:db8::1': 'ipv6',
  } as const
  for (const [ip, kind] of Object.entries(kinds)) t.equal(addressKind(ip), kind, ip)
  t.equal(isPrivateAddress('100.64.0.1'), true)
  t.equal(isPrivateAddress('2001:db8::1'), false)
  t.equal(addressBlock('10.0.0.1'), '10.0.0.1')
  t.equal(addressBlock('2001:db8:0:7::1'), addressBlock('2001:db8::7:ffff:0:0:9'))
  t.not(addressBlock('2001:db8:0:7::1'), addressBlock('2001:db8:0:8::1'))
  t.ok(interfaceAddresses().some(({ ip, kind }) => ip === '127.0.0.1' && kind === 'loopback'))
  t.end()
})

t.test('what people type is read, with 7718 where there is no port', (t) => {
  const texts = {
    box: '/dns/box/tcp/7718',
    'box.tail1234.ts.net': '/dns/box.tail1234.ts.net/tcp/7718',
    'BOX:99': '/dns/box/tcp/99',
    'bücher.example': '/dns/xn--bcher-kva.example/tcp/7718',
    '10.0.0.1': '/ip4/10.0.0.1/tcp/7718',
    '10.0.0.1:1': '/ip4/10.0.0.1/tcp/1',
    'fd00::1': '/ip6/fd00::1/tcp/7718',
    '[fd00::1]': '/ip6/fd00::1/tcp/7718',
    '[fd00::1]:65535': '/ip6/fd00::1/tcp/65535',
    '/dns4/box/tcp/5': '/dns4/box/tcp/5',
  }
  for (const [typed, text] of Object.entries(texts)) t.equal(readTarget(typed).addresses[0]?.text, text, typed)
  t.throws(() => readTarget('http://10.0.0.1:7718/'), { code: 'BAD_SHAPE', message: /no web address/ })
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        return readTarget(text).addresses.length > 0
      } catch (error) {
        return error instanceof Error && error.name === 'WarrenError'
      }
    }),
  )
  t.end()
})
