/** The program as an operator runs it. */

import { spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { makeKeys } from '../../pnserver/make-keys.ts'
import { toBase64url } from '../../protocol/base64url.ts'
import { encodeSubscription } from '../../protocol/wake.ts'
import { readVapidKey } from '../../protocol/web-push.ts'
import { ask } from './support/rig.ts'
import { bytesOf, fromNowhere, sendWake, Sleeper, wakeBody, type Surroundings } from './support/sleeper.ts'
import { openWebPushStandIn } from './support/web-push-stand-in.ts'

t.setTimeout(300_000)
const program = fileURLToPath(new URL('../../scripts/pnserver', import.meta.url))
// Nothing of this machine's own environment is meant.
const env = { PATH: process.env['PATH'] }

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly error: string
}

async function run(...words: readonly string[]): Promise<Ended> {
  const child = spawn(program, words, { env })
  const [out, error, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { code, out, error }
}

/** A folder with the keys of a server, and the flags that name them. */
function withKeys(t: Test): { folder: string; flags: string[] } {
  const folder = join(t.testdir(), 'keys')
  makeKeys(folder)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const apple = join(folder, 'apple.p8')
  writeFileSync(apple, privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const places = [
    '--secret-file',
    join(folder, 'secret'),
    '--data',
    join(folder, 'data'),
    '--port',
    '0',
    '--metrics-port',
    '0',
  ]
  const names = ['--apns-key-id', 'ABC123DEFG', '--apns-team-id', 'DEF123GHIJ', '--apns-topic', 'org.example.warren']
  const browsers = ['--vapid-key-file', join(folder, 'vapid-key'), '--vapid-subject', 'mailto:operator@example.org']
  return { folder, flags: [...places, '--apns-key-file', apple, ...names, ...browsers] }
}

t.test('keys are made once, for nobody else to read', async (t) => {
  const folder = join(t.testdir(), 'keys')
  t.match(await run('keys', folder), { code: 0, out: /public key for browsers: [\w-]{87}\n/ })
  for (const name of ['secret', 'vapid-key']) t.equal(statSync(join(folder, name)).mode & 0o777, 0o600)
  t.match(await run('keys', folder), { code: 1, error: /is there already/ })
})

t.test('it says what is missing, and what it can do', async (t) => {
  t.match(await run(), { code: 2, error: 'pnserver: --secret-file is needed' })
  t.match(await run('--help'), { code: 0, out: /--trust-proxy/ })
  t.match(await run('--version'), { code: 0, out: /^\d+\.\d+\.\d+\n$/ })
  t.match(await run('--secret-file', '/nowhere', '--vapid-key-file', '/nowhere', '--vapid-subject', 'mailto:a@b.c'), {
    code: 1,
    error: /nowhere/,
  })
})

interface Running {
  readonly origin: string
  readonly metricsPort: number
  /** Its exit code. */
  readonly end: () => Promise<number | null>
}

async function start(flags: readonly string[], over: Readonly<Record<string, string>> = {}): Promise<Running> {
  const child = spawn(program, flags, { env: { ...env, ...over }, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close') as Promise<[number | null]>
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { origin, metricsPort } = JSON.parse(line) as { origin: string; metricsPort: number }
  const end = async (): Promise<number | null> => {
    child.kill('SIGTERM')
    return (await ended)[0]
  }
  return { origin, metricsPort, end }
}

t.test(
  'it listens, tells where, wakes a browser from its registration to the note in its hands, and ends on SIGTERM',
  async (t) => {
    const { folder, flags } = withKeys(t)
    const senderKey = readVapidKey(readFileSync(join(folder, 'vapid-key'), 'utf8')).publicKey
    const service = await openWebPushStandIn(senderKey, Date.now)
    t.teardown(() => service.close())
    const ca = join(folder, 'ca.pem')
    writeFileSync(ca, service.ca)
    const all = [...flags, '--web-push-host', service.host, '--trust-proxy', '127.0.0.1']
    const { origin, metricsPort, end } = await start(all, { NODE_EXTRA_CA_CERTS: ca })
    const platforms = { apns: { topics: ['org.example.warren'] }, webpush: { publicKey: toBase64url(senderKey) } }
    t.match((await ask(`${origin}/v1/info`)).json, { origin, platforms })
    t.match(await ask(`http://127.0.0.1:${metricsPort}/metrics`), { status: 200 })
    t.match(await run(...all), { code: 1, error: /LOCK|lock/ }, 'a second one does not open the same rows')
    let heard = 0
    const next = async (): Promise<{ note: Uint8Array }> => {
      heard += 1
      await service.arrived(heard)
      // It has to be opened, too.
      while (service.arrivals.length < heard) await new Promise((resolve) => setImmediate(resolve))
      const arrived = service.arrivals[heard - 1]?.data as
        | { notification: { data: Record<string, unknown> } }
        | undefined
      const { code, note } = arrived?.notification.data ?? {}
      return { note: bytesOf(code ?? note) }
    }
    const surroundings: Surroundings = {
      server: { origin },
      apple: { next },
      browsers: { next },
      now: Date.now,
      post: async (path, body, asking) => await ask(`${origin}${path}`, { method: 'POST', body, ...asking }),
    }
    const token = encodeSubscription(service.subscription())
    const browser = new Sleeper(surroundings, { platform: 'webpush', topic: '', token })
    await browser.settle(1)
    const note = new Uint8Array(randomBytes(160))
    const coming = next()
    t.match(await sendWake(surroundings, wakeBody(browser.keysFor(1).capability, surroundings, { note })), {
      status: 202,
    })
    t.strictSame((await coming).note, note)

    for (const [endpoint, status] of [
      ['http://169.254.169.254/', 400],
      ['https://169.254.169.254/', 403],
      ['https://localhost/', 403],
      [`https://${service.host}@169.254.169.254/`, 403],
    ] as const) {
      const inside = encodeSubscription({ ...service.subscription(), endpoint })
      const claim = new Sleeper(surroundings, { platform: 'webpush', topic: '', token: inside }).claim()
      t.equal((await surroundings.post('/v1/tokens', claim, fromNowhere())).status, status, endpoint)
    }
    t.equal(await end(), 0)
  },
)
