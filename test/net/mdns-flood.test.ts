/** A LAN flooded with multicast adverts: memory stays in its budget, a contact is reached as before, and found again. */

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { limits } from '../../protocol/limits.ts'
import { judge, memoryBudgetBytes } from '../support/hostile.ts'
import { deviceOfSeed, startChild, type Child } from './child.ts'
import { cannotRun, Hosts } from './hosts.ts'

t.setTimeout(240_000)

const floods = Number(process.env['WARREN_ATTACK_MS'] ?? 4000)
const program = fileURLToPath(new URL('mdns-flood.ts', import.meta.url))
const mib = 1024 * 1024

const memoryOf = ({ pid }: Child): number => {
  // The child is `ip netns exec`, which became the program.
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

t.test('adverts of thousands of devices, and forged ones of a contact', { skip: cannotRun }, async (t) => {
  const hosts = new Hosts()
  t.teardown(() => hosts.stop())
  const [a = '', b = '', c = ''] = hosts.lan('10.77.0.1/24', '10.77.0.2/24', '10.77.0.3/24')
  const [seed, other] = [randomBytes(32), randomBytes(32)]
  const bobs = deviceOfSeed(other)
  const alice = await startChild(seed, { wants: [bobs], mdns: true }, a)
  const start = async (): Promise<Child> => await startChild(other, { wants: [alice.device], mdns: true }, b)
  let bob = await start()
  t.teardown(async () => await Promise.all([alice.stop(), bob.stop()]))
  await alice.event((event) => event.is === 'link')
  const look = async (): Promise<number> => {
    const at = alice.events.length
    alice.tell({ do: 'look', address: '10.77.0.2' })
    const looked = await alice.event(({ is }) => is === 'looked', at)
    t.match(looked, { result: bobs })
    return looked.is === 'looked' ? looked.ms : Infinity
  }
  await look()
  const calm = [await look(), await look(), await look()]
  const before = memoryOf(alice)
  const flood = spawn('ip', ['netns', 'exec', c, process.execPath, program, '10.77.0.3', bobs], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => flood.kill('SIGKILL'))
  await once(flood.stdout, 'data')
  const [waits, end] = [[] as number[], performance.now() + floods]
  let most = before
  while (performance.now() < end) {
    waits.push(await look())
    // As fast as it can would be more knocks than one address has.
    await wait(2000 / limits.addressKnocksPerSecond)
    most = Math.max(most, memoryOf(alice))
  }
  const { mostlyMs, budgetMs, longestMs } = judge(waits, calm)
  const cost = `${waits.length} looks, mostly under ${Math.round(mostlyMs)}, at most ${Math.round(longestMs)} ms, ${Math.round((most - before) / mib)} MiB more`
  t.comment(cost)
  t.ok(mostlyMs < budgetMs, `${cost}; the budget is ${Math.round(budgetMs)} ms`)
  t.ok(most - before < memoryBudgetBytes, cost)
  const at = alice.events.length
  bob.kill('SIGKILL')
  await alice.event(({ is }) => is === 'ended', at)
  bob = await start()
  await alice.event(({ is }) => is === 'link', at)
  t.pass('and bob is linked again while the flood goes on')
  t.equal(flood.exitCode, null)
})
