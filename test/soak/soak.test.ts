/** A short soak from one seed, as `make soak` runs it for an hour; and that its judge can find fault. */

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import t from 'tap'
import { faultsOf } from '../../scripts/soak/report.ts'
import { makePlan } from '../../scripts/soak/plan.ts'
import { createRandom } from '../../scripts/soak/random.ts'
import { judgeFiles, type FileCounts, type FileEnd, type GivenFile } from '../../scripts/soak/file-counts.ts'
import { SoakFiles } from '../../scripts/soak/files.ts'
import type { SoakReport } from '../../scripts/soak/run-soak.ts'
import type { Said, Side } from '../../scripts/soak/load.ts'
import { judge, type Counts, type Shown } from '../../scripts/soak/verdict.ts'

const isLong = process.env['WARREN_LONG'] === '1'
// Whoever was removed alone is waited for up to four minutes.
t.setTimeout(isLong ? 1_800_000 : 600_000)

const said = (...texts: string[]): Said[] => texts.map((text) => ({ text, lane: text.slice(0, 1) }))
/** Words of what an end shows, oldest first; those in parentheses are outside. */
const end = (words: string): Shown[] =>
  words.split(' ').map((word) => ({ text: word.replaceAll(/[()]/g, ''), isOutside: word.startsWith('(') }))
const good = { sent: 3, delivered: 3, outside: 0, lost: 0, doubled: 0, reordered: 0 }

t.test('the judge sees what is lost, doubled, moved and made up', async (t) => {
  const three = said('a1', 'b1', 'a2')
  const of = (...ends: string[]): Counts => judge(three, ends.map(end))
  t.strictSame(of('a1 a2 b1', 'a1 a2 b1', 'a1 a2 b1'), good, 'other lanes may stand between')
  t.match(of('a1 b1 a2', 'a1 b1 a2', 'a1 b1'), { delivered: 2, lost: 1, doubled: 0 })
  t.match(of('a1 b1 a2', 'a1 b1 a2 b1'), { lost: 0, doubled: 1 })
  t.match(of('a1 b1 a2', 'a1 b1 a2 c1'), { lost: 0, doubled: 1 })
  t.match(of('a2 b1 a1', 'a2 b1 a1'), { lost: 0, doubled: 0, reordered: 1 })
  t.match(of('a1 b1 a2', 'a1 b1 a2', 'a1 a2 b1'), { lost: 0, doubled: 0, reordered: 2 })
})

t.test('only who was removed may have said something outside, and then it is outside everywhere', async (t) => {
  const [a1, b1] = said('a1', 'b1') as [Said, Said]
  const some: Said[] = [a1, { ...b1, comesAndGoes: true }]
  const of = (...ends: string[]): Counts => judge(some, ends.map(end), new Set(['b2']))
  t.match(of('a1', 'a1 (b1)'), { sent: 2, delivered: 1, outside: 1, lost: 0, doubled: 0, reordered: 0 })
  t.match(of('a1 b1', 'a1 (b1)'), { delivered: 1, outside: 0, lost: 1 })
  t.match(of('a1', 'a1'), { outside: 0, lost: 1 }, 'nobody shows it')
  t.match(of('b1', '(a1) b1'), { delivered: 1, outside: 0, lost: 1 }, 'it was never removed')
  t.match(of('a1 b1 b2', 'a1 b1 b2'), { delivered: 2, doubled: 0 }, 'of which nobody knows what came of it')
  t.match(of('a1 b1', 'a1 b1 b2'), { delivered: 2, reordered: 1 }, 'but all show the same')
})

const has = (rows: Readonly<Record<string, string>>): FileEnd => new Map(Object.entries(rows))

t.test('the judge sees files that are lost, differ, or stay behind with who was removed', async (t) => {
  const given: GivenFile[] = ['a1', 'b1'].map((text) => ({ text, id: `id ${text}`, hash: `hash ${text}` }))
  const all = has({ a1: 'hash a1', b1: 'hash b1' })
  const of = (...ends: FileEnd[]): FileCounts => judgeFiles(given, ends)
  t.strictSame(of(all, all), { given: 2, whole: 4, lost: 0, damaged: 0 })
  t.match(of(all, has({ a1: 'hash a1', b1: 'nothing' })), { whole: 3, lost: 1, damaged: 0 })
  t.match(of(all, has({ a1: 'hash a1' })), { whole: 3, lost: 1 }, 'its message is not there')
  t.match(of(all, has({ a1: 'hash a1', b1: 'hash a1' })), { whole: 3, lost: 0, damaged: 1 })
  t.match(of(has({}), has({})), { whole: 0, lost: 4 })
  const gone = given.map((each) => ({ ...each, comesAndGoes: true }) as const)
  t.match(judgeFiles(gone, [has({ a1: 'hash a1' }), has({ a1: 'hash a1' })]), { whole: 2, lost: 0 }, 'b1 is outside')
  t.match(judgeFiles(gone, [all, has({ a1: 'hash a1' })]), { whole: 3, lost: 1 }, 'outside only here')
})

/** One end of a talk whose daemon says of each file what `says` says, and gives `bytes`. */
function fakeSide(text: string, says: string, bytes: string): Side {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from(bytes))
  }
  const client = {
    ask: async (method: string, path: string) =>
      await Promise.resolve(
        path.includes('/attachments/')
          ? { state: says }
          : { text, items: [{ text, attachments: [{ id: 'file' }] }], attachments: [{ id: 'file' }], older: false },
      ),
    upload: async () => await Promise.resolve({ id: 'file' }),
    download: async () => await Promise.resolve({ chunks: chunks() }),
  }
  const member = { client, name: 'alice', whenUp: async () => await Promise.resolve() }
  return { member: member as unknown as Side['member'], conversation: 'c' }
}

t.test('a file is asked of every end, and every byte is compared', async (t) => {
  const bytes = Buffer.from('bytes')
  const hash = createHash('sha256').update(bytes).digest('hex')
  const files = new SoakFiles(createRandom(1))
  const author = fakeSide('look', 'whole', 'bytes')
  await files.post(author, { text: 'look', clientId: 'one' }, { bytes, hash }, () => {})
  const of = async (...others: Side[]): Promise<FileCounts> =>
    await files.settle([{ conversation: 'c', sides: [author, ...others] }], 1)
  t.match(await of(fakeSide('look', 'whole', 'bytes')), { given: 1, whole: 2, lost: 0, damaged: 0 })
  t.match(await of(fakeSide('look', 'whole', 'bytez')), { whole: 1, lost: 0, damaged: 1 })
  t.match(await of(fakeSide('look', 'coming', 'bytes')), { whole: 1, lost: 1, damaged: 0 })
  t.match(await of(fakeSide('else', 'whole', 'bytes')), { whole: 1, lost: 1, damaged: 0 })
})

const planOf = (seed: number): ReturnType<typeof makePlan> =>
  makePlan(createRandom(seed), {
    members: 6,
    lastsMs: 600_000,
    everyMs: 1000,
    mostHoldMs: 20_000,
    troubles: ['kill', 'end', 'freeze', 'lock', 'remove', 'back up', 'part', 'unplug'],
    befalls: { lock: [4], remove: [2, 3] },
  })

t.test('a plan is the same for the same seed, and spares the first from death', async (t) => {
  const plan = planOf(7)
  t.equal(JSON.stringify(planOf(7)), JSON.stringify(plan))
  t.not(JSON.stringify(planOf(8)), JSON.stringify(plan))
  t.strictSame(
    plan.filter(({ who, trouble }) => who === 0 && (trouble === 'kill' || trouble === 'end')),
    [],
  )
  t.strictSame(
    plan.filter(({ who, other }) => who === other || other > 5),
    [],
  )
  const befallen = (trouble: string): number[] => [
    ...new Set(plan.filter((step) => step.trouble === trouble).map(({ who }) => who)),
  ]
  t.strictSame(befallen('lock'), [4])
  t.strictSame(
    befallen('remove').toSorted((a, b) => a - b),
    [2, 3],
  )
})

t.test('five people and a second device of one of them lose, double and move nothing under trouble', async (t) => {
  const { NODE_OPTIONS: _, ...env } = process.env
  const minutes = isLong ? '10' : '0.33'
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'scripts/soak.ts', '--json'], {
    cwd: new URL('../..', import.meta.url),
    env: { ...env, SOAK_MINUTES: minutes, SOAK_SEED: '20261120', SOAK_RATE: '60' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString('utf8')))
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString('utf8')))
  const [code] = (await once(child, 'close')) as [number | null]
  t.equal(code, 0, stderr)
  const report = JSON.parse(stdout) as SoakReport & { faults: string[] }
  t.strictSame(report.faults, [])
  // How many it can be is the machine's affair.
  t.ok(report.sent > 20, `${report.sent} sent`)
  // The plan has more than ten that wait for no other.
  t.ok(Object.values(report.troubles).reduce((sum, each) => sum + each, 0) >= 10, JSON.stringify(report.troubles))
  t.ok(report.removals > 0, 'somebody was removed and came back')
  t.ok(report.backups.made > 0, JSON.stringify(report.backups))
  t.ok(report.backups.held > 0, 'and a backup was opened')
  t.ok(report.files.given > 0 && report.files.whole > report.files.given, JSON.stringify(report.files))
  t.comment(JSON.stringify(report))
  const backups = { ...report.backups, lacking: 1 }
  const broken = { ...report, lost: 1, crashes: ['alice: '], complaints: { oops: 2 }, backups }
  t.equal(faultsOf(broken).length, 4, 'faults are told')
  for (const files of [
    { ...report.files, lost: 1 },
    { ...report.files, damaged: 1 },
  ])
    t.equal(faultsOf({ ...report, files }).length, 1, 'and those of files')
})
