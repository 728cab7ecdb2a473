import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import type { KeySlotInfo } from '../../../protocol/http-access.ts'
import { commands } from '../../../daemon/cli/commands.ts'
import { shortFolder } from '../../support/running-api.ts'
import { startWarren, warren, type Ended, type WarrenProcess } from '../../support/warren-process.ts'

// Dozens of processes, on whatever else the machine has to do.
t.setTimeout(240_000)

const passphrase = 'four tulips hum quietly'
const marker = 'MARKER-grey-heron'

interface Ready {
  ready: true
  api: string
  listen: string[]
  locked: boolean
}

const start = async (t: Test, home: string): Promise<{ daemon: WarrenProcess; ready: Ready }> => {
  const words = ['start', '--api-port', '0', '--peer-port', '0', '--no-mdns', '--json', '--no-open', '--name', marker]
  const daemon = startWarren(t, words, { home })
  return { daemon, ready: await daemon.json<Ready>() }
}

type Run = (words: readonly string[], ...lines: string[]) => Promise<Ended>

const runIn =
  (home: string): Run =>
  async (words, ...lines) =>
    await warren(words, { home, input: lines.map((line) => `${line}\n`).join('') })

/** A running daemon that asks for its passphrase at every start. */
async function lockable(t: Test): Promise<{ home: string; run: Run; daemon: WarrenProcess; ready: Ready }> {
  const home = shortFolder(t)
  const run = runIn(home)
  const started = await start(t, home)
  t.match(await run(['send', 'self', `${marker} note`]), { code: 0 })
  const set = await run(['key-slots', 'passphrase', '--remove-key-file', '--passphrase-stdin'], passphrase)
  t.match(set, { code: 0, stdout: 'the passphrase is set\nfrom now on every start asks for it\n', stderr: '' })
  return { home, run, ...started }
}

const kinds = async (run: Run): Promise<string[]> => {
  const { stdout } = await run(['key-slots', '--json'])
  return (JSON.parse(stdout) as { slots: KeySlotInfo[] }).slots.map(({ kind }) => kind)
}

const bytesOf = (home: string): Buffer =>
  Buffer.concat(
    readdirSync(home, { recursive: true, encoding: 'utf8' })
      .map((name) => join(home, name))
      .filter((path) => statSync(path).isFile())
      .map((path) => readFileSync(path)),
  )

t.test('a home with a passphrase starts locked, shows nothing, and opens with the passphrase only', async (t) => {
  const { home, run, daemon } = await lockable(t)
  t.notOk(existsSync(join(home, 'key')))
  t.strictSame(await kinds(run), ['passphrase'])
  await run(['stop'])
  await daemon.ended
  t.notOk(bytesOf(home).includes('MARKER'), 'the disk shows nothing')

  const again = await start(t, home)
  t.match(again.ready, { ready: true, locked: true, listen: [] })
  t.match(JSON.parse((await run(['status', '--json'])).stdout), { running: true, locked: true, links: [] })
  t.match((await run(['status'])).stdout, /^locked, process \d+/)
  t.match(await run(['open', '--print']), { code: 0, stdout: /#code=/ })

  const refused = await run(['unlock', '--passphrase-stdin'], 'four tulips hum loudly')
  t.strictSame(refused, { code: 1, stdout: '', stderr: 'warren: this is not the passphrase\n' })
  t.match(
    await run(['unlock'], passphrase),
    { code: 2, stderr: /use --passphrase-stdin/ },
    'never without being told to',
  )
  t.match(await run(['unlock', passphrase]), { code: 2 }, 'never from arguments')
  t.strictSame(await run(['unlock', '--passphrase-stdin'], passphrase), { code: 0, stdout: 'unlocked\n', stderr: '' })
  t.match((await run(['log', 'self'])).stdout, `${marker} note`)
  t.match(JSON.parse((await run(['id', '--json'])).stdout), { name: marker, addresses: [/\/p2p\//] })
  t.match(await run(['unlock']), { code: 0, stdout: 'it was not locked\n' })
  await run(['stop'])
  t.match(await again.daemon.ended, { code: 0, stderr: '' })
})

/** What works while it is locked; the others need what the lock shuts. */
const works = new Set([
  'start',
  'stop',
  'status',
  'open',
  'lock',
  'unlock',
  'logs',
  'doctor',
  'check-export',
  'restore',
])
/** Enough words for each command to ask the daemon. */
const wordsOf: Readonly<Record<string, readonly string[]>> = {
  send: ['self', 'x'],
  log: ['self'],
  name: ['x'],
  add: ['nowhere'],
  group: ['list'],
  device: ['list'],
}

t.test('while it is locked every other command fails with one line that says so', async (t) => {
  const { run } = await lockable(t)
  t.match(await run(['lock']), { code: 0, stdout: 'locked\n' })
  for (const [name, load] of Object.entries(commands)) {
    if (works.has(name)) continue
    const { command } = await load()
    const [least] = command.takes
    const words = wordsOf[name] ?? Array.from({ length: least }, () => 'self')
    const ended = await run([name, ...words])
    t.strictSame(
      ended,
      { code: 1, stdout: '', stderr: 'warren: the daemon is locked: warren unlock\n' },
      [name, ...words].join(' '),
    )
  }
  t.match(await run(['lock']), { code: 0 }, 'locking twice is no error')
  t.match(await run(['stop']), { code: 0, stdout: 'stopped\n' })
})

t.test('whoever follows events is told that the daemon was locked', async (t) => {
  const { home, run } = await lockable(t)
  const following = startWarren(t, ['events'], { home })
  t.match(await following.json(), { type: 'snapshot' })
  await run(['lock'])
  t.match(await following.json(), { type: 'closing', reason: 'locked' })
  t.match(await following.ended, { code: 1, stderr: 'warren: the daemon was locked\n' })
})

t.test('a recovery key opens what nobody remembers the passphrase of, and sets a new one', async (t) => {
  const { run } = await lockable(t)
  t.match(await run(['key-slots', 'recovery-key', '--passphrase-stdin'], 'not the passphrase'), { code: 1 })
  const made = await run(['key-slots', 'recovery-key', '--json', '--passphrase-stdin'], passphrase)
  const { recoveryKey } = JSON.parse(made.stdout) as { recoveryKey: string }
  t.match(recoveryKey, /^(?:\w{4}-){13}\w{4}$/)
  await run(['lock'])
  const typed = recoveryKey.toLowerCase().replaceAll('-', ' ')
  const slip = `${typed.slice(0, -1)}${typed.endsWith('0') ? '2' : '0'}`
  t.match(await run(['unlock', '--recovery-key', '--passphrase-stdin'], slip), { code: 1, stderr: /look for a slip/ })
  t.match(await run(['unlock', '--recovery-key', '--passphrase-stdin'], typed), { code: 0 })
  const other = 'nine pale owls whistle'
  const set = ['key-slots', 'passphrase', '--recovery-key', '--passphrase-stdin']
  t.match(await run(set, typed, other), { code: 0 })
  await run(['lock'])
  t.match(await run(['unlock', '--passphrase-stdin'], passphrase), { code: 1 }, 'the old one is gone')
  t.match(await run(['unlock', '--passphrase-stdin'], other), { code: 0 })
})

t.test('slots: weak ones, the last one, the key file again, idle minutes', async (t) => {
  const home = shortFolder(t)
  const run = runIn(home)
  await start(t, home)
  t.match(await run(['lock']), { code: 1, stderr: /^warren: set a passphrase first/ })
  t.match(await run(['key-slots', 'idle', '5']), { code: 1, stderr: /set a passphrase first/ })
  t.match(await run(['key-slots', 'remove', 'key-file']), { code: 1, stderr: /last key slot/ })
  for (const weak of ['short', 'passwordpassword']) {
    t.match(await run(['key-slots', 'passphrase', '--passphrase-stdin'], weak), { code: 1, stderr: /^warren: .+\n$/ })
  }
  t.strictSame(await kinds(run), ['file'])
  const set = await run(['key-slots', 'passphrase', '--passphrase-stdin'], passphrase)
  t.match(set, { code: 0, stdout: /The key file still opens the home without it/ })
  t.strictSame(await kinds(run), ['file', 'passphrase'])
  t.match(await run(['key-slots', 'idle', '15', '--json']), { stdout: '{"idleMinutes":15,"canLock":true}\n' })
  t.match((await run(['key-slots'])).stdout, /passphrase +made 20\d\d.*\n[^]*locks itself after 15 minutes/)
  t.match(await run(['key-slots', 'remove', 'key-file']), { code: 0, stdout: 'removed: key-file\n' })
  t.notOk(existsSync(join(home, 'key')))
  t.match(await run(['key-slots', 'key-file', '--passphrase-stdin'], passphrase), { code: 0 })
  t.equal(statSync(join(home, 'key')).mode & 0o777, 0o600)
  t.match(await run(['key-slots', 'remove', 'passphrase']), { code: 0 }, 'who can read the key file needs no proof')
  for (const words of [['fly'], ['remove'], ['remove', 'x'], ['idle', '7'], ['recovery-key', 'x']]) {
    t.match(await run(['key-slots', ...words]), { code: 2, stderr: /^warren: .+\n$/ }, words.join(' '))
  }
})

t.test('after five wrong ones the next has to wait', async (t) => {
  const { run } = await lockable(t)
  await run(['lock'])
  for (let count = 0; count < 5; count += 1) {
    t.match(await run(['unlock', '--passphrase-stdin'], `wrong one number ${count}`), { stderr: /not the passphrase/ })
  }
  // A slow machine comes when the wait is over: each wrong one more doubles it.
  const next = async (): ReturnType<typeof run> => {
    const answer = await run(['unlock', '--passphrase-stdin'], 'one more wrong one')
    return answer.stderr.includes('not the passphrase') ? await next() : answer
  }
  t.match(await next(), { code: 1, stderr: /too many attempts: wait \d+ s/ })
})

const main = fileURLToPath(new URL('../../../daemon/cli/main.ts', import.meta.url))
const skipTerminal =
  existsSync('/usr/bin/script') && process.platform === 'linux' ? false : 'needs script of util-linux'

t.test('on a terminal it asks, and shows nothing of what is typed', { skip: skipTerminal }, async (t) => {
  const { home, run } = await lockable(t)
  await run(['lock'])
  const line = `${process.execPath} --disable-warning=ExperimentalWarning ${main} unlock`
  const child = spawn('/usr/bin/script', ['-qec', line, '/dev/null'], {
    env: { PATH: process.env['PATH'], WARREN_HOME: home, TERM: 'xterm' },
  })
  t.teardown(() => child.kill('SIGKILL'))
  let seen = ''
  child.stdout.on('data', (data: Buffer) => {
    if (!seen.includes('Passphrase: ') && data.includes('Passphrase: ')) child.stdin.write(`X\u007f${passphrase}\r`)
    seen += data.toString('utf8')
  })
  const [code] = (await once(child, 'close')) as [number]
  t.equal(code, 0, seen)
  t.match(seen, /Passphrase: [^]*unlocked/)
  t.notMatch(seen, /tulips|hum/)
})
