import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readOptions, readSecrets, UsageError } from '../../pnserver/options.ts'
import { addressSubject, clientOf, trustedProxies } from '../../pnserver/server/client-address.ts'

const apple = ['--apns-key-file', 'a.p8', '--apns-key-id', 'K', '--apns-team-id', 'T', '--apns-topic', 'a.b']
const usual = ['--secret-file', 's', ...apple]

const line = (byte: number): string => Buffer.alloc(32, byte).toString('base64url')
const subject = (client: string): string => Buffer.from(addressSubject(client)).toString()

t.test('flags come before the environment, and that before what systemd hands over', async (t) => {
  const folder = t.testdir({ secret: '', 'vapid-key': '' })
  t.match(readOptions(usual, {}), {
    host: '127.0.0.1',
    port: 7719,
    metricsPort: 7720,
    store: 'level',
    secretFile: 's',
    trustProxy: [],
    apple: { keyFile: 'a.p8', keyId: 'K', teamId: 'T', topics: ['a.b'] },
    webPush: undefined,
  })
  const env = {
    CREDENTIALS_DIRECTORY: folder,
    STATE_DIRECTORY: '/var/lib/pnserver',
    WARREN_PN_PORT: '1',
    WARREN_PN_METRICS_PORT: 'none',
    WARREN_PN_TRUST_PROXY: '127.0.0.1, 10.0.0.0/8',
    WARREN_PN_VAPID_SUBJECT: 'mailto:a@b.example',
  }
  t.match(readOptions(['--port', '2'], env), {
    port: 2,
    metricsPort: undefined,
    data: '/var/lib/pnserver',
    secretFile: join(folder, 'secret'),
    trustProxy: ['127.0.0.1', '10.0.0.0/8'],
    apple: undefined,
    webPush: { keyFile: join(folder, 'vapid-key'), subject: 'mailto:a@b.example', hosts: [] },
  })
})

t.test('what cannot be meant is refused, with the flag in the message', async (t) => {
  const wrong = [
    [['--nonsense'], /nonsense/],
    [apple, /--secret-file/],
    [['--secret-file', 's'], /nothing to push through/],
    [usual.slice(0, -2), /--apns-topic/],
    [[...usual, '--port', '65536'], /--port/],
    [[...usual, '--port', 'x'], /--port/],
    [[...usual, '--origin', 'https://push.example/'], /--origin/],
    [[...usual, '--store', 'mysql://x'], /--store/],
    [[...usual, '--store', 'redis://user:secret@x'], /--store-password-file/],
    [[...usual, '--vapid-key-file', 'v'], /--vapid-subject/],
    [[...usual, '--vapid-key-file', 'v', '--vapid-subject', 'me'], /--vapid-subject/],
  ] as const
  for (const [words, message] of wrong) {
    t.throws(() => readOptions(words, {}), { name: 'UsageError', message })
  }
})

t.test('secrets are 32 bytes a line', async (t) => {
  const file = join(t.testdir(), 'secret')
  writeFileSync(file, `${line(1)}\n\n${line(2)}\n`)
  t.strictSame(readSecrets(file), [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)])
  for (const bad of ['', 'short\n', `${line(1)}\nshort`]) {
    writeFileSync(file, bad)
    t.throws(() => readSecrets(file), UsageError)
  }
})

t.test('an address is believed of trusted proxies alone, and counted without what a host can choose', async (t) => {
  const trusted = trustedProxies(['127.0.0.1', '10.0.0.0/8', 'fd00::/8'])
  const clients = [
    ['192.0.2.1', undefined, '192.0.2.1'],
    ['192.0.2.1', '198.51.100.1', '192.0.2.1'],
    ['127.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['::ffff:127.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['127.0.0.1', '203.0.113.1, 198.51.100.1, 10.1.2.3', '198.51.100.1'],
    ['fd00::1', 'made up, 2001:db8::1', '2001:db8::1'],
    ['127.0.0.1', 'made up', '127.0.0.1'],
    ['127.0.0.1', '', '127.0.0.1'],
  ] as const
  for (const [remote, forwarded, client] of clients) t.equal(clientOf(remote, forwarded, trusted), client)
  t.equal(subject('192.0.2.1'), '192.0.2.1')
  t.equal(subject('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2')
  t.equal(subject('2001:db8:1:2::'), '2001:db8:1:2')
  t.equal(subject('2001:0db8::1'), '2001:db8:0:0')
  t.equal(subject('fe80::1%eth0'), 'fe80:0:0:0')
  for (const bad of ['x', '10.0.0.0/x', '10.0.0.0/99', '']) t.throws(() => trustedProxies([bad]), bad)
})
