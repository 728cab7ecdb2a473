import t from 'tap'
import { createLog, logWord, mostLinesAMinute, placeOf, type Level, type Log } from '../../daemon/log.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'

interface Written {
  readonly lines: string[]
  readonly log: Log
  now: number
}

function logged(...levels: Level[]): Written & { sinks: string[][] } {
  const sinks = levels.map((): string[] => [])
  const written = { sinks, lines: sinks[0] ?? [], now: Date.UTC(2026, 0, 2, 3, 4, 5, 6) }
  const log = createLog(
    levels.map((least, at) => ({ least, write: (line: string) => void sinks[at]?.push(line) })),
    () => written.now,
  )
  return Object.assign(written, { log })
}

t.test('a line is one JSON object with time, level, text and fields', async (t) => {
  const { log, lines } = logged('debug')
  log('warn', 'a link ended', { code: errorCode(new WarrenError('TIMED_OUT', 'Bob is away')), inbound: true, of: 3 })
  t.strictSame(lines, [
    '{"at":"2026-01-02T03:04:05.006Z","level":"warn","text":"a link ended","code":"TIMED_OUT","inbound":true,"of":3}\n',
  ])
})

t.test('each sink has a level of its own', async (t) => {
  const { log, sinks } = logged('info', 'error')
  log('debug', 'one')
  log('info', 'two')
  log('error', 'three')
  t.strictSame(
    sinks.map((lines) => lines.map((line) => (JSON.parse(line) as { text: string }).text)),
    [['two', 'three'], ['three']],
  )
})

t.test('what could be anybody’s words does not compile', async (t) => {
  const { log, lines } = logged('debug')
  const name = ['Bob'].join('')
  const thrown: unknown = new WarrenError('NOT_FOUND', name)
  // @ts-expect-error a text that is no constant
  log('info', name)
  // @ts-expect-error a text with something put in
  log('info', `hello ${name}`)
  // @ts-expect-error a field of any text
  log('info', 'one', { name })
  // @ts-expect-error a field that may be any text
  log('info', 'two', { name: lines.at(0) })
  // @ts-expect-error text with something put in
  log('info', 'three', { address: `/ip4/${name}` })
  // @ts-expect-error an error's message
  log('info', 'four', { code: 1, message: (thrown as Error).message })
  // @ts-expect-error the time is the line's own
  log('info', 'five', { at: 1 })
  log('info', 'six', {
    code: errorCode(thrown),
    platform: process.platform,
    flag: true,
    count: lines.length,
    none: undefined,
  })
  log('info', 'seven', { kind: 'constant', version: logWord('1.2.3') })
  t.equal(lines.length, 9)
})

t.test('words of the program are short and plain', async (t) => {
  t.equal(logWord('24.1.0'), '24.1.0')
  for (const text of ['', 'two words', '/a/b', 'ü', 'x'.repeat(65)]) t.throws(() => logWord(text), TypeError)
  t.match(placeOf(new Error('Bob said hello')), /^log\.test\.ts:\d+$/)
  t.equal(placeOf('thrown text'), undefined)
})

t.test('a flood of one text leaves room for others, and says how much it left out', async (t) => {
  const written = logged('info')
  const { log, lines } = written
  for (let count = 0; count < mostLinesAMinute + 5; count += 1) log('warn', 'a flood')
  t.equal(lines.length, mostLinesAMinute)
  log('debug', 'not asked for')
  log('warn', 'something else')
  t.equal(lines.length, mostLinesAMinute + 1)
  written.now += 60_000
  log('warn', 'a flood')
  t.match(JSON.parse(lines.at(-1) ?? ''), { text: 'a flood', leftOut: 5 })
  log('warn', 'a flood')
  t.notOk('leftOut' in (JSON.parse(lines.at(-1) ?? '') as object))
  written.now -= 3_600_000
  log('warn', 'a flood')
  t.equal(lines.length, mostLinesAMinute + 4, 'a clock that goes back silences nothing')
})
