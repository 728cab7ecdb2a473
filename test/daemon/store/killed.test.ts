import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Store } from '../../../daemon/store/store.ts'
import { codeOf } from '../../contracts/store-harness.ts'
import { newHome, openHome } from './temporary-home.ts'
import { headOf, rowKey, rowValue, writers } from './writer.ts'

const rounds = process.env['WARREN_LONG'] === undefined ? 12 : 200

t.setTimeout(rounds * 3000)

const start = (home: string): ChildProcess =>
  spawn(process.execPath, [fileURLToPath(new URL('writer.ts', import.meta.url)), home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })

/** Kills the writer after `lines` lines; resolves with every line that it wrote. */
async function linesUntilKilled(child: ChildProcess, lines: number): Promise<string[]> {
  if (child.stdout === null) throw new TypeError('no pipe')
  const exit = once(child, 'exit')
  const seen: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    seen.push(line)
    if (seen.length === lines) child.kill('SIGKILL')
  }
  const [, signal] = (await exit) as [number | null, string | null]
  if (signal !== 'SIGKILL') throw new Error('the writer ended by itself')
  return seen
}

/** What is wrong with the rows of one writer: nothing, as long as all rows below its head are there and none above. */
function wrongRows(store: Store, writer: number, from: number): string[] {
  const head = headOf(store, writer)
  const wrong: string[] = []
  for (let at = from; at < head; at += 1) {
    const value = store.get(rowKey(writer, at))
    if (value === undefined || !rowValue(writer, at).equals(value)) wrong.push(`row ${writer}/${at}`)
  }
  if (store.get(rowKey(writer, head)) !== undefined) wrong.push(`a row above the head of ${writer}`)
  return wrong
}

t.test(`kill -9 in ${rounds} rounds loses nothing that was acknowledged`, async (t) => {
  const home = newHome(t)
  const open = openHome(t, home)
  const heads = Array.from({ length: writers }, () => 0)
  let acknowledged = 0
  for (let round = 0; round < rounds; round += 1) {
    // 1: killed as soon as it is open. Else somewhere in the first thousand commits.
    const lines = await linesUntilKilled(start(home), 1 + ((round * 397) % 1009))
    const store = await open()
    const wrong: string[] = []
    for (const line of lines.slice(1)) {
      const [writer = 0, at = 0] = line.split(' ').map(Number)
      acknowledged += 1
      if (at >= headOf(store, writer)) wrong.push(`lost ${line}`)
    }
    for (const [writer, from] of heads.entries()) {
      wrong.push(...wrongRows(store, writer, from))
      heads[writer] = headOf(store, writer)
    }
    if (store.closedCleanly) wrong.push('it says that it was closed')
    await store.close()
    if (wrong.length > 0) t.fail(`round ${round}`, { wrong: wrong.slice(0, 10) })
  }
  const store = await open()
  t.ok(store.closedCleanly)
  t.same(
    heads.flatMap((_, writer) => wrongRows(store, writer, 0)),
    [],
  )
  t.ok(acknowledged > rounds * 100, `${acknowledged} acknowledged`)
})

t.test('another process is told that the home is in use, and may have it after a kill', async (t) => {
  const home = newHome(t)
  const open = openHome(t, home)
  const child = start(home)
  const exit = once(child, 'exit')
  if (child.stdout !== null) await once(createInterface({ input: child.stdout }), 'line')
  t.equal(await codeOf(open), 'HOME_IN_USE')
  child.kill('SIGKILL')
  await exit
  t.equal((await open()).closedCleanly, false)
})
