/** What browsers are pushed: the examples of the RFCs, other people's code for the other side, and the hosts that it may go to. */

import { createECDH, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { createLocalJWKSet, jwtVerify } from 'jose'
import t from 'tap'
import { fromBase64url, toBase64url } from '../../protocol/base64url.ts'
import { utf8 } from '../../protocol/bytes.ts'
import { p256Agree } from '../../protocol/crypto.ts'
import { limits } from '../../protocol/limits.ts'
import {
  declarativePush,
  pushHosts,
  pushOriginOf,
  readVapidKey,
  sealPush,
  vapidAuthorization,
  vapidKeyFrom,
} from '../../protocol/web-push.ts'
import { upTo } from '../limits/boundary.ts'
import { openPush } from '../support/http-ece.ts'

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length))

/** RFC 8291, appendix A. */
const example = {
  plain: 'V2hlbiBJIGdyb3cgdXAsIEkgd2FudCB0byBiZSBhIHdhdGVybWVsb24',
  senderPrivate: 'yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw',
  readerPublic: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  readerPrivate: 'q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94',
  salt: 'DGv6ra1nlYgDCS1FRnbzlw',
  secret: 'BTBZMqHH6r4Tts7J_aSIgg',
  common: 'kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs',
  body:
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6' +
    'cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
}

t.test('the example of RFC 8291 comes out byte by byte', async (t) => {
  const bytes = fromBase64url
  const draws = [bytes(example.salt), bytes(example.senderPrivate)]
  const reader = { publicKey: bytes(example.readerPublic), secret: bytes(example.secret) }
  const sealed = sealPush(reader, bytes(example.plain), () => draws.shift() ?? new Uint8Array(0))
  t.equal(toBase64url(sealed), example.body)
  t.equal(toBase64url(p256Agree(bytes(example.senderPrivate), reader.publicKey)), example.common)
  const browser = createECDH('prime256v1')
  browser.setPrivateKey(Buffer.from(bytes(example.readerPrivate)))
  t.equal(openPush(sealed, browser, reader.secret).toString(), 'When I grow up, I want to be a watermelon')
})

t.test('another project opens every message, and lengths are hidden as far as they are padded', async (t) => {
  const browser = createECDH('prime256v1')
  const reader = { publicKey: new Uint8Array(browser.generateKeys()), secret: random(16) }
  const lengths = new Set<number>()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 512 }), (plain) => {
      const sealed = sealPush(reader, plain, random, 512)
      lengths.add(sealed.length)
      t.ok(openPush(sealed, browser, reader.secret).equals(plain))
    }),
    { numRuns: 50 },
  )
  t.equal(lengths.size, 1)
  await upTo(t, 'pushPlainBytes', (length) => {
    const sealed = sealPush(reader, new Uint8Array(length), random)
    t.equal(sealed.length, 4096)
    t.equal(openPush(sealed, browser, reader.secret).length, length)
  })
  t.throws(() => sealPush(reader, new Uint8Array(1), random, limits.pushPlainBytes + 1), { code: 'TOO_LARGE' })
})

t.test('keys that are none are refused', async (t) => {
  const browser = createECDH('prime256v1')
  const publicKey = new Uint8Array(browser.generateKeys())
  const offCurve = Uint8Array.from(publicKey)
  offCurve[64] = (offCurve[64] ?? 0) ^ 1
  const plain = utf8('x')
  for (const reader of [
    { publicKey: offCurve, secret: random(16) },
    { publicKey: publicKey.subarray(1), secret: random(16) },
    { publicKey: new Uint8Array(browser.getPublicKey(null, 'compressed')), secret: random(16) },
    { publicKey, secret: random(15) },
  ]) {
    t.throws(() => sealPush(reader, plain, random), { code: 'BAD_SHAPE' })
  }
  for (const bad of [new Uint8Array(32), new Uint8Array(32).fill(255), random(31)]) {
    t.throws(() => vapidKeyFrom(bad), { code: 'BAD_SHAPE' })
  }
  t.throws(() => readVapidKey('not a key'), { code: 'BAD_SHAPE' })
})

const said = (token: string): string => token.slice(0, token.lastIndexOf('.'))
const read = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString())

/** RFC 8292, section 2.4. */
const signedExample = {
  token:
    'eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0' +
    '.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA',
  key: 'BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs',
}
const claims = { origin: 'https://push.example.net', subject: 'mailto:push@example.com', expiresAt: 1_453_523_768 }

/** Checks by another library what an `Authorization` header says, as of the time of the example. */
async function verifyHeader(header: string): Promise<unknown> {
  const [, token = '', key = ''] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(header) ?? []
  const point = Buffer.from(key, 'base64url')
  const part = (from: number): string => point.subarray(from, from + 32).toString('base64url')
  const keys = createLocalJWKSet({ keys: [{ kty: 'EC', crv: 'P-256', x: part(1), y: part(33) }] })
  const currentDate = new Date((claims.expiresAt - 60) * 1000)
  return (await jwtVerify(token, keys, { audience: claims.origin, algorithms: ['ES256'], currentDate })).payload
}

t.test('who sends is said as in the example of RFC 8292, and another library agrees', async (t) => {
  t.match(await verifyHeader(`vapid t=${signedExample.token}, k=${signedExample.key}`), { sub: claims.subject })
  const key = vapidKeyFrom(random(32))
  const header = vapidAuthorization(key, claims)
  t.match(await verifyHeader(header), { sub: claims.subject, exp: claims.expiresAt })
  t.equal(said(header.slice('vapid t='.length)), said(signedExample.token), 'all but the signature is the example')
  await t.rejects(verifyHeader(header.replace(/k=.*/, `k=${signedExample.key}`)))
})

t.test('nothing is sent but to a push service', async (t) => {
  const allowed: [endpoint: string, origin: string][] = [
    ['https://fcm.googleapis.com/fcm/send/abc:APA91b-_x', 'https://fcm.googleapis.com'],
    ['https://updates.push.services.mozilla.com/wpush/v2/gAAAA', 'https://updates.push.services.mozilla.com'],
    ['https://eu.updates.push.services.mozilla.com:443/x', 'https://eu.updates.push.services.mozilla.com'],
    ['https://wns2-par02p.notify.windows.com/w/?token=BQYAAA%3d%3d', 'https://wns2-par02p.notify.windows.com'],
    ['https://web.push.apple.com/QGlq', 'https://web.push.apple.com'],
  ]
  for (const [endpoint, origin] of allowed) {
    t.equal(pushOriginOf(endpoint), origin)
    t.equal(new URL(endpoint).origin, origin, 'as parsers of URLs read it, too')
  }
  const refused = [
    'http://169.254.169.254',
    'http://169.254.169.254/latest/meta-data',
    'https://169.254.169.254/',
    'https://[::ffff:169.254.169.254]/',
    'https://2852039166/',
    'https://localhost/',
    'https://127.0.0.1/',
    'http://fcm.googleapis.com/x',
    'https://fcm.googleapis.com:8443/x',
    'https://fcm.googleapis.com:0443/x',
    'https://fcm.googleapis.com./x',
    'https://user@fcm.googleapis.com/x',
    'https://user:pass@fcm.googleapis.com/x',
    'https://fcm.googleapis.com@evil.example/x',
    'https://evil.example/fcm.googleapis.com',
    'https://evil.example#.notify.windows.com',
    'https://evil.example\\.notify.windows.com/',
    'https://evil.example?.notify.windows.com',
    'https://fcm.googleapis.com.evil.example/x',
    'https://notfcm.googleapis.com/x',
    'https://notify.windows.com/x',
    'https://.notify.windows.com/x',
    'https://evilnotify.windows.com/x',
    'https://FCM.googleapis.com/x',
    'https://fcm.googleapis.com/a b',
    'https://fcm.googleapis.com/x\nHost: evil',
    'https://fcm.googleapis.com/x#y',
    'https:/fcm.googleapis.com/x',
    'https:\\\\fcm.googleapis.com\\x',
    ' https://fcm.googleapis.com/x',
    '//fcm.googleapis.com/x',
    'file:///etc/passwd',
    '',
  ]
  for (const endpoint of refused) t.equal(pushOriginOf(endpoint), undefined, endpoint)
})

t.test('a host may be added, with its port and no other', async (t) => {
  const more = ['push.example.org', 'localhost:8443', '*.example.net']
  t.equal(pushOriginOf('https://push.example.org/x', more), 'https://push.example.org')
  t.equal(pushOriginOf('https://localhost:8443/x', more), 'https://localhost:8443')
  t.equal(pushOriginOf('https://a.example.net/x', more), 'https://a.example.net')
  for (const endpoint of ['https://localhost/x', 'https://localhost:8444/x', 'https://push.example.org:8443/x']) {
    t.equal(pushOriginOf(endpoint, more), undefined)
  }
  t.equal(pushOriginOf('https://127.0.0.1/x', ['127.0.0.1']), undefined, 'an address is none')
})

t.test('whatever is allowed is read alike by parsers of URLs', async (t) => {
  const hosts = pushHosts.map((host) => host.replace('*', 'a'))
  const joins = fc.constantFrom('', '@', ':', '/', '\\', '#', '?', '.', '%2f', '%00', '\t', '\n', ' ', ';', '[', '443')
  const pieces = fc.array(
    fc.oneof(fc.constantFrom(...hosts, 'evil.example', '10.0.0.1'), joins, fc.string({ maxLength: 2 })),
    {
      maxLength: 6,
    },
  )
  let allowed = 0
  fc.assert(
    fc.property(pieces, (parts) => {
      const endpoint = `https://${parts.join('')}`
      const origin = pushOriginOf(endpoint)
      if (origin === undefined) return true
      allowed += 1
      const { origin: parsed, username, password, hash } = new URL(endpoint)
      return parsed === origin && username === '' && password === '' && hash === ''
    }),
    { numRuns: 3000 },
  )
  t.ok(allowed > 50, `${allowed} of them were allowed`)
})

t.test('a notification that a browser can show by itself', async (t) => {
  const notice = { title: 'Warren', body: 'x', navigate: './', tag: 'a', data: { note: 'b' } }
  t.strictSame(read(declarativePush(notice)), { web_push: 8030, notification: notice, mutable: true })
  t.match(read(declarativePush(notice, 3)), { app_badge: 3 })
})
