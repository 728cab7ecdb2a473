import { randomBytes } from 'node:crypto'
import t from 'tap'
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
