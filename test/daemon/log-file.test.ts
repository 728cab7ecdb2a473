import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { LogFile, logPath, logPaths } from '../../daemon/log-file.ts'

const textOf = (home: string): string[] =>
  logPaths(home).map((path) => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return '-'
    }
  })

t.test('nothing is written before the home is held; then what waited comes first', async (t) => {
  const home = t.testdir()
  const file = new LogFile(home)
  file.write('one\n')
  t.strictSame(readdirSync(home), [])
  file.open()
  file.open()
  file.write('two\n')
  t.equal(readFileSync(logPath(home), 'utf8'), 'one\ntwo\n')
  file.close()
  file.write('three\n')
  t.equal(readFileSync(logPath(home), 'utf8'), 'one\ntwo\n')
})

t.test('what waits is bounded', async (t) => {
  const home = t.testdir()
  const file = new LogFile(home)
  for (let count = 0; count < 1000; count += 1) file.write(`${count}\n`)
  file.open()
  file.close()
  t.equal(readFileSync(logPath(home), 'utf8').split('\n').length, 101)
})

t.test('a log that is never opened leaves nothing', async (t) => {
  const home = t.testdir()
  const file = new LogFile(home)
  file.write('one\n')
  file.close()
  file.open()
  t.strictSame(readdirSync(home), [])
})

t.test('only the owner can read it', { skip: process.platform === 'win32' && 'no modes' }, async (t) => {
  const home = t.testdir()
  const file = new LogFile(home)
  t.teardown(() => file.close())
  file.open()
  file.write('one\n')
  t.equal(statSync(dirname(logPath(home))).mode & 0o777, 0o700)
  t.equal(statSync(logPath(home)).mode & 0o777, 0o600)
})

t.test('a file over its size is put aside, and the oldest goes', async (t) => {
  const home = t.testdir()
  const file = new LogFile(home, { bytes: 10, files: 3 })
  t.teardown(() => file.close())
  file.open()
  for (const line of ['aaaa\n', 'bbbb\n']) file.write(line)
  t.strictSame(
    textOf(home).filter((text) => text !== '-'),
    ['aaaa\nbbbb\n'],
    'exactly full',
  )
  for (const letter of ['c', 'd', 'e', 'f', 'g']) file.write(`${letter.repeat(4)}\n`)
  t.strictSame(textOf(home), ['-', '-', 'cccc\ndddd\n', 'eeee\nffff\n', 'gggg\n'])
  file.write(`${'h'.repeat(50)}\n`)
  t.strictSame(textOf(home), ['-', '-', 'eeee\nffff\n', 'gggg\n', `${'h'.repeat(50)}\n`], 'a long line is whole')
})

t.test('it goes on behind what is there, and behind a torn line', async (t) => {
  const home = t.testdir()
  for (const line of ['one\n', 'two\n']) {
    const file = new LogFile(home, { bytes: 14 })
    file.open()
    file.write(line)
    file.close()
  }
  appendFileSync(logPath(home), 'tor')
  const file = new LogFile(home, { bytes: 14 })
  t.teardown(() => file.close())
  file.open()
  file.write('x\n')
  t.equal(readFileSync(logPath(home), 'utf8'), 'one\ntwo\ntor\nx\n')
  file.write('y\n')
  t.strictSame(textOf(home).slice(-2), ['one\ntwo\ntor\nx\n', 'y\n'])
})

t.test('a log that cannot be written stops nobody, and goes on once it can be', async (t) => {
  const home = t.testdir()
  const file = new LogFile(home)
  t.teardown(() => file.close())
  writeFileSync(join(home, 'log'), 'in the way')
  file.open()
  file.write('lost\n')
  rmSync(join(home, 'log'))
  mkdirSync(join(home, 'log'))
  chmodSync(join(home, 'log'), 0o700)
  file.write('kept\n')
  t.equal(readFileSync(logPath(home), 'utf8'), 'kept\n')
})
