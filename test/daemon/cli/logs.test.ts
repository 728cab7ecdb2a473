import { appendFileSync } from 'node:fs'
import t from 'tap'
import { createLog, logWord, type Log } from '../../../daemon/log.ts'
import { LogFile, logPath } from '../../../daemon/log-file.ts'
import { shortFolder } from '../../support/running-api.ts'
import { runLine, startWarren } from '../../support/warren-process.ts'

t.setTimeout(240_000)

/** A log as a daemon writes it, with files of two or three lines. */
function logIn(home: string): { log: Log; file: LogFile } {
  const file = new LogFile(home, { bytes: 200 })
  t.teardown(() => file.close())
  file.open()
  const log = createLog([{ least: 'debug', write: (line) => file.write(line) }], () => Date.UTC(2026, 0, 2, 3, 4, 5))
  return { log, file }
}

t.test('logs prints the newest lines, oldest first, from all files and without a daemon', async (t) => {
  const home = shortFolder(t)
  const { log } = logIn(home)
  for (let count = 0; count < 7; count += 1) log('info', 'a line', { count, code: 'TIMED_OUT' })
  const { code, stdout } = await runLine(['logs', '--home', home, '--json'])
  const at = '2026-01-02T03:04:05.000Z'
  t.equal(code, 0)
  t.strictSame(
    stdout
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line)),
    Array.from({ length: 7 }, (_, count) => ({ at, level: 'info', text: 'a line', count, code: 'TIMED_OUT' })),
  )
  const two = await runLine(['logs', '--home', home, '--limit', '2'])
  t.equal(two.stdout, `${at}  info   a line  count=5  code=TIMED_OUT\n${at}  info   a line  count=6  code=TIMED_OUT\n`)
  t.match(await runLine(['logs', '--home', home, '--limit', '0']), { code: 0, stdout: '' })
  t.match(await runLine(['logs', '--home', home, '--limit', 'all']), { code: 2 })
})

t.test('a torn line is shown and moves no cursor', async (t) => {
  const home = shortFolder(t)
  logIn(home).log('info', 'whole')
  appendFileSync(logPath(home), '{"at":"\u001b[2J\n')
  t.match((await runLine(['logs', '--home', home, '--limit', '1'])).stdout, '{"at":"\\u{1b}[2J')
})

t.test('where nothing was logged there is nothing to print, and nothing to follow', async (t) => {
  const home = shortFolder(t)
  t.match(await runLine(['logs', '--home', home]), { code: 0, stdout: '' })
  t.match(await runLine(['logs', '--home', home, '--follow']), {
    code: 1,
    stderr: 'warren: there is no log in this home yet\n',
  })
})

t.test('logs --follow goes on through new files, and prints every line once', async (t) => {
  const home = shortFolder(t)
  const { log } = logIn(home)
  for (let count = 0; count < 6; count += 1) log('info', 'a line', { count })
  const following = startWarren(t, ['logs', '--follow', '--limit', '3', '--json'], { home })
  const next = async (): Promise<number> => (await following.json<{ count: number }>()).count
  t.strictSame([await next(), await next(), await next()], [3, 4, 5])
  for (let count = 6; count < 30; count += 1) {
    log('info', 'a line', { count, version: logWord('1.0.0') })
    t.equal(await next(), count)
  }
})
