import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { Keeper } from '../../../daemon/lock/keeper.ts'
import { Vault } from '../../../daemon/store/vault.ts'
import { VirtualTime } from '../../support/virtual-time.ts'
import { newHome } from '../store/temporary-home.ts'

interface Kept {
  readonly keeper: Keeper
  readonly vault: Vault
  readonly time: VirtualTime
  /** What is to go wrong. */
  readonly faults: { opening: number; closing: boolean }
  /** How often the house was opened, or tried to. */
  readonly tries: () => number
  /** Resolves once something came of the next try. */
  readonly next: () => Promise<'opened' | 'failed'>
}

/** A keeper of a real home that only its key file opens. */
async function keep(t: Test): Promise<Kept> {
  const vault = await Vault.hold(newHome(t), {}, { randomBytes })
  t.teardown(async () => await vault.close())
  const time = new VirtualTime()
  const faults = { opening: 0, closing: false }
  let tries = 0
  let heard = Promise.withResolvers<'opened' | 'failed'>()
  const keeper = new Keeper({
    vault,
    openHouse: async () => {
      tries += 1
      if (faults.opening > 0) {
        faults.opening -= 1
        throw new Error('no house today')
      }
      heard.resolve('opened')
      return await Promise.resolve({
        close: async () => {
          await Promise.resolve()
          if (faults.closing) throw new Error('the door is stuck')
        },
      })
    },
    onLock: () => undefined,
    onFailed: () => heard.resolve('failed'),
    timers: time,
    randomBytes,
  })
  await keeper.start()
  const next = async (): Promise<'opened' | 'failed'> => {
    heard = Promise.withResolvers()
    return await heard.promise
  }
  return { keeper, vault, time, faults, tries: () => tries, next }
}

t.test('a house that could not be opened anew is opened later, by the key file, until it is', async (t) => {
  const { keeper, vault, time, faults, tries, next } = await keep(t)
  faults.opening = 3
  await t.rejects(keeper.reopen(), /no house today/)
  t.equal(vault.keyring, undefined, 'shut')
  for (const [waitMs, comes] of [
    [1_000, 'failed'],
    [2_000, 'failed'],
    [4_000, 'opened'],
  ] as const) {
    const before = tries()
    await time.pass(waitMs - 1)
    t.equal(tries(), before)
    const coming = next()
    await time.pass(1)
    t.equal(await coming, comes, `after ${waitMs} ms`)
  }
  await keeper.reopen()
  t.ok(vault.keyring, 'and it goes on as before')
  const opened = tries()
  await time.pass(600_000)
  t.equal(tries(), opened, 'once it is open nothing opens it')
})

t.test('so is one that could not be closed', async (t) => {
  const { keeper, vault, time, faults, next } = await keep(t)
  faults.closing = true
  await t.rejects(keeper.reopen(), /the door is stuck/)
  faults.closing = false
  const coming = next()
  await time.pass(1_000)
  t.equal(await coming, 'opened')
  t.ok(vault.keyring)
})

t.test('a daemon that stops opens nothing any more', async (t) => {
  const { keeper, time, faults, tries } = await keep(t)
  faults.opening = 1
  await t.rejects(keeper.reopen(), /no house today/)
  await keeper.moveOut()
  await time.pass(600_000)
  t.equal(tries(), 2)
})
