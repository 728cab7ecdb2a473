import { randomBytes } from 'node:crypto'
import { createClient, RESP_TYPES } from '@redis/client'
import t from 'tap'
import { hmac } from '../../protocol/crypto.ts'
import { dayMs } from '../../pnserver/limits.ts'
import { openStore } from '../../pnserver/store/open-store.ts'
import { storeContract } from './store-contract.ts'
import { cannotRun, startRedis } from './support/redis.ts'

t.setTimeout(300_000)
const secret = randomBytes(32)
const onError = (): void => undefined

storeContract('memory', async () => await openStore({ store: 'memory', folder: '', secret, onError }))
storeContract('level', async (t) => await openStore({ store: 'level', folder: t.testdir(), secret, onError }))
storeContract(
  'redis',
  async (t) => await openStore({ store: (await startRedis(t)).url, folder: '', secret, onError }),
  cannotRun,
)

t.test('two servers on one Redis share rows, limits and nonces', { skip: cannotRun }, async (t) => {
  const { url } = await startRedis(t)
  const open = async () => await openStore({ store: url, folder: '', secret, onError })
  const [one, other] = [await open(), await open()]
  const today = Math.floor(Date.now() / dayMs)
  const [id, nonce] = [randomBytes(32), randomBytes(16)]
  const row = { sealed: new Uint8Array(1024), revokeHash: new Uint8Array(32), expiresDay: today + 1 }
  t.equal(await one.rows.put(id, row, undefined, today), true)
  t.strictSame(await other.rows.get(id, today), row)
  const claims = [{ name: 'capability', subject: id }] as const
  t.equal((await one.limits.admit(claims, nonce, Date.now())).is, 'admitted')
  t.equal((await other.limits.admit(claims, nonce, Date.now())).is, 'replayed')
  const all = await Promise.all(
    [one, other, one, other].map(({ limits }) => limits.admit(claims, undefined, Date.now())),
  )
  t.equal(all.filter(({ is }) => is === 'admitted').length, 2, 'three in all, whichever is asked')
  for (const { rows } of [one, other]) await rows.close()
})

t.test(
  'who reads Redis, and not the server’s secret, cannot tell whom a limit counts',
  { skip: cannotRun },
  async (t) => {
    const { url } = await startRedis(t)
    const store = await openStore({ store: url, folder: '', secret, onError })
    const subject = new Uint8Array(randomBytes(32))
    t.equal((await store.limits.admit([{ name: 'capability', subject }], undefined, Date.now())).is, 'admitted')
    const client = createClient({ url }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
    await client.connect()
    const keys: Buffer[] = []
    for await (const some of client.scanIterator()) keys.push(...some)
    const ofDays = keys.filter((key) => key.includes('day:'))
    const message = Buffer.concat([Buffer.from('capability\0'), subject])
    const isThere = async (keyOf: (random: Uint8Array) => Uint8Array): Promise<boolean> => {
      const randoms = await Promise.all(ofDays.map(async (key) => Buffer.from((await client.get(key)) ?? [])))
      const names = randoms.map((random) => Buffer.from(hmac(keyOf(new Uint8Array(random)), message)))
      return keys.some((key) => names.some((name) => key.includes(name)))
    }
    t.equal(await isThere((random) => hmac(secret, random)), true)
    t.equal(await isThere((random) => random), false)
    t.equal(
      keys.some((key) => key.includes(Buffer.from(subject))),
      false,
    )
    await client.close()
    await store.rows.close()
  },
)

t.test('rows outlive the process', async (t) => {
  const folder = t.testdir()
  const id = randomBytes(32)
  const row = { sealed: new Uint8Array(1024), revokeHash: new Uint8Array(32), expiresDay: 30_000 }
  const first = await openStore({ store: 'level', folder, secret, onError })
  await t.rejects(openStore({ store: 'level', folder, secret, onError }), 'nobody else opens them meanwhile')
  await first.rows.put(id, row, undefined, 20_000)
  await first.rows.close()
  const second = await openStore({ store: 'level', folder, secret, onError })
  t.strictSame(await second.rows.get(id, 20_000), row)
  await second.rows.close()
})

t.test('a Redis that is not there is told at once', async (t) => {
  await t.rejects(openStore({ store: 'redis://127.0.0.1:1', folder: '', secret, onError }))
})
