import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { Keeper } from '../../../daemon/lock/keeper.ts'
import { Vault } from '../../../daemon/store/vault.ts'
import { codeOf } from '../../contracts/store-harness.ts'
import { VirtualTime } from '../../support/virtual-time.ts'
import { newHome } from '../store/temporary-home.ts'

// scrypt takes half a second of a core each time.
t.setTimeout(240_000)

const minuteMs = 60_000
const passphrase = 'four tulips hum quietly'
const slot = { kind: 'passphrase', passphrase } as const

interface Kept {
  readonly keeper: Keeper
  readonly vault: Vault
  readonly time: VirtualTime
  /** What became of the house and its door, in order. */
  readonly seen: string[]
}

/** A keeper of a real home, with a house in which nobody lives; its owner has set a passphrase besides the key file. */
async function keep(t: Test): Promise<Kept> {
  const vault = await Vault.hold(newHome(t), {}, { randomBytes })
  t.teardown(async () => await vault.close())
  const time = new VirtualTime()
  const seen: string[] = []
  const close = async (): Promise<void> => {
    seen.push('closed')
    await Promise.resolve()
  }
  const keeper = new Keeper({
    vault,
    openHouse: async () => {
      seen.push('opened')
      return await Promise.resolve({ close })
    },
    onLock: () => seen.push('door shut'),
    onFailed: (error) => seen.push(`failed: ${String(error)}`),
    timers: time,
    randomBytes,
  })
  await keeper.start()
  await keeper.addSlot(slot, true)
  return { keeper, vault, time, seen }
}

t.test('the lock that falls by itself is there again with the passphrase', async (t) => {
  const { keeper, vault, time, seen } = await keep(t)
  await keeper.setIdleMinutes(5)
  await keeper.removeSlot('passphrase', undefined, true)
  await time.pass(6 * minuteMs)
  t.strictSame(seen, ['opened'], 'nobody could unlock')
  await keeper.addSlot(slot, true)
  t.match(keeper.settings(), { idleMinutes: 5, canLock: true })
  await time.pass(5 * minuteMs - 1)
  t.strictSame(seen, ['opened'], 'counted anew')
  await time.pass(10_000)
  // Behind the lock, which comes first.
  await keeper.unlock({ passphrase })
  t.strictSame(seen, ['opened', 'door shut', 'door shut', 'closed', 'opened'])
  t.ok(vault.keyring)
})

t.test('a lock behind the removal of the passphrase is refused, and changes nothing', async (t) => {
  const { keeper, vault, time, seen } = await keep(t)
  await keeper.setIdleMinutes(5)
  const removal = keeper.removeSlot('passphrase', undefined, true)
  // For both the passphrase is there still: its removal has its turn, and has not ended.
  for (let turns = 0; turns < 3; turns += 1) await Promise.resolve()
  t.ok(keeper.settings().canLock)
  const byHand = codeOf(async () => await keeper.lock())
  const idle = time.pass(6 * minuteMs)
  await removal
  t.equal(await byHand, 'CONFLICT')
  await idle
  t.strictSame(seen, ['opened'])
  t.ok(vault.keyring)
  t.same(
    keeper.slots().map(({ kind }) => kind),
    ['file'],
  )
})

t.test('a lock before the removal of the passphrase shuts the door at once, and the passphrase stays', async (t) => {
  const { keeper, vault, seen } = await keep(t)
  const lock = keeper.lock()
  t.strictSame(seen, ['opened', 'door shut'], 'whoever asks next is not let in')
  t.equal(await codeOf(async () => await keeper.removeSlot('passphrase', undefined, true)), 'LOCKED')
  await lock
  t.equal(vault.keyring, undefined)
  await keeper.unlock({ passphrase })
  t.equal(seen.at(-1), 'opened')
})

t.test('a lock while the house is opened by a key file that is all there is is refused', async (t) => {
  const { keeper, seen } = await keep(t)
  await keeper.removeSlot('passphrase', undefined, true)
  t.equal(await codeOf(async () => await keeper.lock()), 'CONFLICT')
  t.strictSame(seen, ['opened'])
})
