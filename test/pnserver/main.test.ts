/** The program as an operator runs it. */

import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { ask } from './support/rig.ts'

t.setTimeout(180_000)
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
async function withKeys(t: Test): Promise<{ folder: string; flags: string[] }> {
  const folder = join(t.testdir(), 'keys')
  t.match(await run('keys', folder), { code: 0, out: /public key for browsers: [\w-]{87}\n/ })
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
  const { folder } = await withKeys(t)
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

t.test('it listens, tells where, answers, and ends on SIGTERM', async (t) => {
  const { flags } = await withKeys(t)
  const child = spawn(program, flags, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close') as Promise<[number | null]>
  const lines = createInterface({ input: child.stdout })
  const [line] = (await once(lines, 'line')) as [string]
  const { origin, metricsPort } = JSON.parse(line) as { origin: string; metricsPort: number }
  const { json } = await ask(`${origin}/v1/info`)
  t.match(json, {
    origin,
    platforms: { apns: { topics: ['org.example.warren'] }, webpush: { publicKey: /^B[\w-]{86}$/ } },
  })
  t.match(await ask(`http://127.0.0.1:${metricsPort}/metrics`), { status: 200 })
  t.match(await run(...flags), { code: 1, error: /LOCK|lock/ }, 'a second one does not open the same rows')
  child.kill('SIGTERM')
  t.strictSame((await ended)[0], 0)
})
