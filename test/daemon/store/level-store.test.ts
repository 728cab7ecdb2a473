import { statSync } from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import t from 'tap'
import { storeContract } from '../../contracts/store.ts'
import { key, put } from '../../contracts/store-harness.ts'
import { filesBelow, fillDisk, newHome, openHome, skipMounts, smallDisk } from './temporary-home.ts'

const mode = (path: string): number => statSync(path).mode & 0o777

storeContract(t, {
  skipFull: skipMounts,
  harness: async (t) => {
    const disk = skipMounts === false && t.fullname.includes('failing') ? smallDisk(t, 32) : newHome(t)
    return {
      open: openHome(t, join(disk, 'home')),
      fill: async () => {
        const empty = fillDisk(disk)
        return async () => {
          empty()
        }
      },
    }
  },
})

t.test('a group takes as many bytes as it is told', async (t) => {
  const store = await openHome(t, newHome(t), { groupBytes: 100 })()
  await Promise.all(Array.from({ length: 10 }, (_, at) => put(store, key(at), 'x'.repeat(49))))
  t.equal(store.counts.batches, 5)
})

t.test('every batch is synced before it is acknowledged', async (t) => {
  const batches = t.capture(
    Level.prototype,
    'batch',
    Reflect.get(Level.prototype, 'batch') as (...args: unknown[]) => unknown,
  )
  const store = await openHome(t, newHome(t))()
  await Promise.all([put(store, key(1), 'x'), put(store, key(2), 'y')])
  const calls = batches()
  t.equal(calls.length, 2, 'the schema and one group')
  for (const { args } of calls) t.match(args[1], { sync: true })
})

t.test('everything in the home is for its owner only', async (t) => {
  const home = newHome(t)
  const store = await openHome(t, home)()
  await store.createConversationKey(1)
  t.equal(mode(home), 0o700)
  t.equal(mode(join(home, 'store')), 0o700)
  t.equal(mode(join(home, 'key')), 0o600)
  t.equal(mode(join(home, 'keyring')), 0o600)
  await store.close()
  t.same(
    filesBelow(home)
      .filter((path) => !path.startsWith(join(home, 'store')))
      .map((path) => path.slice(home.length + 1))
      .toSorted(),
    ['closed', 'key', 'keyring'],
  )
})
