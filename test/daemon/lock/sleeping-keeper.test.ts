import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { Keeper } from '../../../daemon/lock/keeper.ts'
import { Vault } from '../../../daemon/store/vault.ts'
import { codeOf } from '../../contracts/store-harness.ts'
import { VirtualTime } from '../../support/virtual-time.ts'
import { newHome } from '../store/temporary-home.ts'

// scrypt takes half a second of a core each time.
t.setTimeout(240_000)

const passphrase = 'four tulips hum quietly'

interface Kept {
  readonly keeper: Keeper
  readonly vault: Vault
  readonly time: VirtualTime
  readonly seen: string[]
  /** The next houses cannot be opened. */
  readonly failing: { count: number }
}

/** A keeper of a real home with a key file and, if wanted, a passphrase. */
async function keep(t: Test, { slots }: { readonly slots: 'file' | 'both' }): Promise<Kept> {
  const vault = await Vault.hold(newHome(t), {}, { randomBytes })
  t.teardown(async () => await vault.close())
  const time = new VirtualTime()
  const seen: string[] = []
  const failing = { count: 0 }
  const keeper = new Keeper({
    vault,
    openHouse: async () => {
      await Promise.resolve()
      failing.count -= 1
      if (failing.count >= 0) throw new Error('no port')
      seen.push('opened')
      return {
        close: async (hurries) => {
          seen.push(hurries === true ? 'closed in a hurry' : 'closed')
          await Promise.resolve()
        },
      }
    },
    onLock: () => undefined,
    onFailed: () => seen.push('failed'),
    timers: time,
    randomBytes,
  })
  await keeper.start()
  if (slots === 'both') await keeper.addSlot({ kind: 'passphrase', passphrase }, true)
  return { keeper, vault, time, seen, failing }
}

t.test('the owner who was away for too long while it slept has to unlock', async (t) => {
  const { keeper, vault, time, seen } = await keep(t, { slots: 'both' })
  await keeper.setIdleMinutes(5)
  await keeper.sleep()
  await time.pass(4 * 60_000)
  await keeper.wake()
  t.strictSame(seen, ['opened', 'closed in a hurry', 'opened'])
  await keeper.sleep()
  await time.pass(60_000)
  await keeper.wake()
  t.equal(seen.length, 4, 'waking was nothing that the owner did')
  t.equal(vault.keyring, undefined)
  await keeper.unlock({ passphrase })
  t.ok(vault.keyring)
})

t.test('what comes to its turn during sleep opens nothing; a lock makes it forget its keys', async (t) => {
  const { keeper, vault, seen } = await keep(t, { slots: 'both' })
  await keeper.sleep()
  await keeper.sleep()
  for (const late of [
    keeper.unlock({ passphrase }),
    keeper.start(),
    keeper.addSlot({ kind: 'recovery' }, true),
    keeper.removeSlot('passphrase', undefined, true),
  ])
    t.equal(await codeOf(async () => await late), 'CLOSING')
  await keeper.reopen()
  t.strictSame(seen, ['opened', 'closed in a hurry'])
  await keeper.lock()
  await keeper.wake()
  t.equal(vault.keyring, undefined)
  t.strictSame(seen, ['opened', 'closed in a hurry'])
  await keeper.unlock({ passphrase })
  t.ok(vault.keyring)
})

t.test('a house that cannot be opened sleeps on with its keys', async (t) => {
  const { keeper, vault, seen, failing } = await keep(t, { slots: 'file' })
  await keeper.sleep()
  failing.count = 1
  await t.rejects(keeper.wake(), { message: 'no port' })
  t.equal(vault.keyring, undefined)
  await keeper.wake()
  t.ok(vault.keyring)
  t.strictSame(seen, ['opened', 'closed in a hurry', 'opened'])
})

t.test('a house that was to be opened anew when it fell asleep is opened anew after it woke', async (t) => {
  const { keeper, time, seen, failing } = await keep(t, { slots: 'file' })
  failing.count = 1
  await t.rejects(keeper.reopen(), { message: 'no port' })
  await keeper.sleep()
  await time.pass(600_000)
  t.strictSame(seen, ['opened', 'closed'], 'nothing is tried during sleep')
  await keeper.wake()
  await time.pass(1000)
  await keeper.sleep()
  t.strictSame(seen, ['opened', 'closed', 'opened', 'closed in a hurry'])
})
