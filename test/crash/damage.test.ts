/**
 * A byte flipped, a file cut off or gone, anywhere in the home of a real daemon: it starts and peers bring what is lost, or it says
 * that the data is damaged and `warren doctor --repair` mends it. Nothing that is left is deleted; what both ends showed they show again.
 */

import {
  cpSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { Level } from 'level'
import t, { type Test } from 'tap'
import type { ExaminedHome } from '../../daemon/examine-home.ts'
import { tables, type Table } from '../../daemon/store/store.ts'
import { createRandom, type Random } from '../../scripts/soak/random.ts'
import { linked, pairOfProcesses, type Daemon, type PairOfProcesses } from '../support/pair-of-processes.ts'
import { warren } from '../support/warren-process.ts'

const seed = Number(process.env['WARREN_SEED'] ?? 20261120)
const rounds = process.env['WARREN_LONG'] === '1' ? 200 : 10

t.setTimeout(120_000 + rounds * 20_000)

type Harm = (random: Random, database: string) => string

const pick = (random: Random, database: string, pattern: RegExp): { name: string; path: string; size: number } => {
  const names = readdirSync(database).filter((name) => pattern.test(name) && statSync(join(database, name)).size > 0)
  const name = random.pick(names.toSorted())
  const path = join(database, name)
  return { name, path, size: statSync(path).size }
}

function flip(path: string, at: number, bit: number): void {
  const bytes = readFileSync(path)
  const file = openSync(path, 'r+')
  writeSync(file, Uint8Array.of((bytes[at] ?? 0) ^ (1 << bit)), 0, 1, at)
  closeSync(file)
}

const flipIn =
  (pattern: RegExp): Harm =>
  (random, database) => {
    const { name, path, size } = pick(random, database, pattern)
    const at = random.below(size)
    flip(path, at, random.below(8))
    return `a bit of ${name} at ${at} of ${size}`
  }

const cut =
  (pattern: RegExp): Harm =>
  (random, database) => {
    const { name, path, size } = pick(random, database, pattern)
    const to = random.below(size)
    truncateSync(path, to)
    return `${name} cut to ${to} of ${size}`
  }

const scribble: Harm = (random, database) => {
  const { name, path, size } = pick(random, database, /\.(?:ldb|log)$/)
  const at = random.below(size)
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(Math.min(8192, size - at), 0xa5), 0, Math.min(8192, size - at), at)
  closeSync(file)
  return `${name} overwritten at ${at} of ${size}`
}

const remove =
  (pattern: RegExp): Harm =>
  (random, database) => {
    const { name, path } = pick(random, database, pattern)
    rmSync(path)
    return `${name} removed`
  }

const harms: readonly Harm[] = [
  flipIn(/\.ldb$/),
  cut(/\.log$/),
  remove(/^CURRENT$/),
  scribble,
  flipIn(/\.log$/),
  cut(/\.ldb$/),
  flipIn(/^MANIFEST/),
  remove(/\.ldb$/),
  flipIn(/\.ldb$/),
  cut(/^MANIFEST/),
]

/** Both have said a lot, in several runs: there are tables and a log. */
async function talk({ alice, bob, chat }: PairOfProcesses): Promise<void> {
  for (let run = 0; run < 3; run += 1) {
    const texts = Array.from({ length: 120 }, (_, each) => `${run} ${each} ${'.'.repeat(each)}`)
    await Promise.all(texts.map(async (text) => await alice.seat.say(chat, `a ${text}`, `a ${text.slice(0, 8)}`)))
    await Promise.all(texts.map(async (text) => await bob.seat.say(chat, `b ${text}`, `b ${text.slice(0, 8)}`)))
    await alice.seat.hears(chat, `b ${texts.at(-1)}`)
    await bob.seat.hears(chat, `a ${texts.at(-1)}`)
    // The last time it is killed: its log stays as it is.
    await alice.end(run === 2 ? 'SIGKILL' : 'SIGTERM')
    if (run < 2) await alice.start()
    if (run < 2) await linked(alice, bob)
  }
}

/** A contact that was lost is added again, as the guide says; the other side has nothing to do. */
async function meetAgain(alice: Daemon, bob: Daemon): Promise<void> {
  const { seat } = alice
  if ((await seat.contacts()).length === 0) {
    const { deviceId } = await seat.look(`127.0.0.1:${bob.port}`)
    await seat.client.ask('POST', '/contacts', { deviceId, note: '' })
  }
  await linked(alice, bob)
}

async function needsStop(home: string): Promise<boolean> {
  const { code, stdout, stderr } = await warren(['doctor', '--repair'], { home })
  const asks = /warren stop/.test(stdout + stderr)
  if (asks && code !== 1) throw new Error('what is left to do is no success')
  return asks
}

/** Undefined where it says that only a backup helps. */
async function repair(home: string): Promise<ExaminedHome | undefined> {
  const { stdout, stderr } = await warren(['doctor', '--repair', '--json'], { home })
  if (stdout === '' && /put the home back from a backup/.test(stderr)) return undefined
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as ExaminedHome
}

/** A key that is out of order LevelDB meets when it likes, and ends the daemon: its owner reads that, asks the doctor and goes on. */
async function survive(t: Test, { alice }: PairOfProcesses, what: string, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (alice.isRunning) throw error
    t.match(await alice.end(), { stderr: /leveldb.*Assertion/ }, `${what}: LevelDB ended the daemon`)
    // Unless the doctor that was to look at a running daemon did it already.
    await repair(alice.home)
    t.ok(readdirSync(join(alice.home, 'damaged-1')).length > 0, `${what}: mended, beside a copy`)
    await alice.start()
    await act()
  }
}

t.test(`${rounds} kinds of damage from seed ${seed}`, async (t) => {
  const random = createRandom(seed)
  const pair = await pairOfProcesses(t)
  const { alice, bob, chat } = pair
  await talk(pair)
  const expected = await bob.seat.texts(chat)
  const whole = `${alice.home}.whole`
  cpSync(alice.home, whole, { recursive: true })
  const outcomes: Record<string, number> = {}
  for (let round = 0; round < rounds; round += 1) {
    rmSync(alice.home, { recursive: true })
    cpSync(whole, alice.home, { recursive: true })
    const database = join(alice.home, 'store')
    const what = (harms[round % harms.length] as Harm)(random, database)
    let isUp = true
    try {
      await alice.start()
    } catch (error) {
      isUp = false
      t.match(String(error), /damaged|list of files|backup|leveldb.*Assertion/, `${what}: ${String(error)}`)
    }
    // As its owner would: ask the doctor, and stop the daemon where it says so.
    if (isUp && (await needsStop(alice.home))) {
      await alice.end()
      isUp = false
    }
    outcomes[isUp ? 'starts' : 'mended'] = (outcomes[isUp ? 'starts' : 'mended'] ?? 0) + 1
    if (!isUp) {
      const { findings, copy } = (await repair(alice.home)) ?? {}
      if (findings === undefined) {
        outcomes['backup'] = (outcomes['backup'] ?? 0) + 1
        t.match(await alice.startInVain(), { code: 1, stderr: /backup/ }, `${what}: the key of the device was in there`)
        continue
      }
      t.ok(findings.length > 0, `${what}: ${JSON.stringify(findings)}`)
      t.ok(copy !== undefined && readdirSync(join(alice.home, copy)).length > 0, `${what}: a copy is kept`)
      await alice.start()
    }
    const [last, own] = [`after ${round}`, `alice after ${round}`]
    expected.push(last)
    await survive(t, pair, what, async () => {
      await meetAgain(alice, bob)
      await bob.seat.say(chat, last)
      const texts = await alice.seat.until(async () => {
        const shown = await alice.seat.texts(chat)
        return shown.length >= expected.length ? shown : undefined
      }, `${what}: all ${expected.length} are there again`)
      t.strictSame(texts, expected, what)
    })
    expected.push(own)
    await survive(t, pair, what, async () => {
      await alice.seat.say(chat, own)
      await bob.seat.hears(chat, own)
    })
    t.strictSame(await bob.seat.texts(chat), expected, `${what}: nobody else has less or more`)
    await alice.end()
  }
  t.comment(JSON.stringify(outcomes))
  rmSync(whole, { recursive: true })
})

/** All values of a table overwritten, as under a broken block that still reads. */
async function overwrite(database: string, table: Table): Promise<number> {
  const level = new Level<Uint8Array, Uint8Array>(database, { keyEncoding: 'view', valueEncoding: 'view' })
  const rows = await level.iterator({ gte: Uint8Array.of(table), lt: Uint8Array.of(table + 1) }).all()
  await level.batch(rows.map(([key, value]) => ({ type: 'put' as const, key, value: new Uint8Array(value.length) })))
  await level.close()
  return rows.length
}

const someTables = ['dictionary', 'setting'] as const
const allTables = [
  'dictionary',
  'conversation',
  'state',
  'feed',
  'entry',
  'peerHeld',
  'register',
  'contact',
  'address',
  'epoch',
  'setting',
] as const

t.test('every value of a whole table', async (t) => {
  const pair = await pairOfProcesses(t)
  const { alice, bob, chat } = pair
  await talk(pair)
  const expected = await bob.seat.texts(chat)
  const whole = `${alice.home}.whole`
  cpSync(alice.home, whole, { recursive: true })
  for (const name of process.env['WARREN_LONG'] === '1' ? allTables : someTables) {
    rmSync(alice.home, { recursive: true })
    cpSync(whole, alice.home, { recursive: true })
    t.ok((await overwrite(join(alice.home, 'store'), tables[name])) > 0, name)
    const isUp = await alice.start().then(
      () => true,
      (error: unknown) => {
        t.match(String(error), /warren doctor/, `${name}: ${String(error)}`)
        return false
      },
    )
    if (!isUp || (await needsStop(alice.home))) {
      await alice.end()
      t.ok(((await repair(alice.home))?.findings.length ?? 0) > 0, `${name}: mended`)
      await alice.start()
    }
    await meetAgain(alice, bob)
    const last = `after ${name}`
    await bob.seat.say(chat, last)
    expected.push(last)
    const texts = await alice.seat.until(async () => {
      const shown = await alice.seat.texts(chat)
      return shown.length >= expected.length ? shown : undefined
    }, `${name}: all ${expected.length} are there again`)
    t.strictSame(texts, expected, name)
    await alice.end()
  }
  rmSync(whole, { recursive: true })
})
