import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { shortFolder } from '../../support/running-api.ts'
import { startWarren, warren } from '../../support/warren-process.ts'

t.setTimeout(240_000)

const skip = process.platform === 'linux' ? false : 'needs Linux'
const marker = 'MarkerInMemory'
const start = ['start', '--api-port', '0', '--peer-port', '0', '--no-mdns', '--no-open', '--json']
const launcher = fileURLToPath(new URL('../../../scripts/warren', import.meta.url))
const main = fileURLToPath(new URL('../../../daemon/cli/main.ts', import.meta.url))

t.test('ps shows nobody what the command was told', { skip }, async (t) => {
  const home = shortFolder(t)
  const daemon = startWarren(t, [...start, '--name', marker], { home })
  await daemon.line()
  t.match(JSON.parse((await warren(['id', '--json'], { home })).stdout), { name: marker })
  const seen = spawnSync('ps', ['-o', 'args=', '-p', String(daemon.child.pid)], { encoding: 'utf8' }).stdout
  t.equal(seen, 'warren\n')
  t.notMatch(readFileSync(`/proc/${daemon.child.pid}/cmdline`, 'utf8'), marker)
})

/** Where the kernel writes core files into the working folder under the name `core`, as it does by default. */
const writesCores = (): boolean => readFileSync('/proc/sys/kernel/core_pattern', 'utf8').trim() === 'core'

/** Starts a daemon that is allowed core files of any size, crashes it and answers the core, if there is one. */
async function crash(t: Test, home: string, program: readonly string[]): Promise<Uint8Array | undefined> {
  const folder = shortFolder(t)
  const line = ['-c', 'ulimit -c unlimited 2>/dev/null; exec "$@"', 'sh', ...program]
  const child = spawn('sh', line, { cwd: folder, env: { ...process.env, NODE_OPTIONS: '', WARREN_HOME: home } })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const closed = once(child, 'close')
  process.kill(child.pid ?? 0, 'SIGSEGV')
  await closed
  const name = readdirSync(folder).find((each) => each.startsWith('core'))
  return name === undefined ? undefined : readFileSync(join(folder, name))
}

t.test('a crash leaves no memory behind', { skip }, async (t) => {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning']
  if (writesCores()) {
    // The marker is in memory, in parts only in the source: a core of a process that does not mind holds it.
    const open = `const kept = Buffer.from(['Marker', 'InMemory'].join('')); setInterval(() => kept, 1e6); console.log('up')`
    const careless = await crash(t, shortFolder(t), [...node, '-e', open])
    t.ok(Buffer.from(careless ?? []).includes(marker), 'a core would hold it')
  }
  const home = shortFolder(t)
  const core = await crash(t, home, [...node, main, ...start, '--name', marker])
  t.notOk(Buffer.from(core ?? []).includes(marker), 'by the program itself')
  t.ok((core?.length ?? 0) < 1024 * 1024)
  t.equal(await crash(t, shortFolder(t), [launcher, ...start]), undefined, 'no file at all by the launcher')
})

t.test('no signal opens the port of the debugger', { skip }, async (t) => {
  const careless = spawn(process.execPath, ['-e', "console.log('up'); setInterval(() => {}, 1000)"])
  t.teardown(() => careless.kill('SIGKILL'))
  await once(careless.stdout, 'data')
  careless.kill('SIGUSR1')
  const [said] = (await once(careless.stderr, 'data')) as [Buffer]
  t.match(said.toString(), /debugger|inspector/i, 'Node.js alone does')
  const home = shortFolder(t)
  const daemon = startWarren(t, start, { home })
  await daemon.line()
  daemon.child.kill('SIGUSR1')
  t.match(await warren(['status'], { home }), { code: 0 })
  daemon.child.kill('SIGTERM')
  t.match(await daemon.ended, { code: 0, stderr: '' })
})

t.test('an exception that nobody caught is noted by its place alone', { skip }, async (t) => {
  const home = shortFolder(t)
  const preload = `data:text/javascript,process.on('SIGUSR2', () => { throw new Error('${marker}') })`
  const words = ['--disable-warning=ExperimentalWarning', '--import', preload, main, ...start, '--home', home]
  const daemon = spawn(process.execPath, words, { env: { PATH: process.env['PATH'] } })
  t.teardown(() => daemon.kill('SIGKILL'))
  let said = ''
  daemon.stderr.on('data', (data: Buffer) => {
    said += data.toString()
  })
  await once(daemon.stdout, 'data')
  const ended = once(daemon, 'close')
  daemon.kill('SIGUSR2')
  t.strictSame(await ended, [1, null])
  const line = JSON.parse(said) as { place: string }
  t.match(line, { level: 'error', text: 'the daemon failed and ends' })
  t.notMatch(said, marker)
  const log = readFileSync(join(home, 'log', 'warren.log'), 'utf8')
  t.match(log, 'the daemon failed and ends')
  t.notMatch(log, marker)
})

t.test('the launcher hands on every argument as it is', { skip }, async (t) => {
  const folder = shortFolder(t)
  mkdirSync(join(folder, 'node_modules', '.bin'), { recursive: true })
  mkdirSync(join(folder, 'scripts'))
  const [copy, node, seen] = ['scripts/warren', 'node_modules/.bin/node', 'seen'].map((name) => join(folder, name))
  writeFileSync(copy ?? '', readFileSync(launcher))
  writeFileSync(node ?? '', `#!/bin/sh\nulimit -c > ${seen}\nshift 3\nprintf '<%s>' "$@" >> ${seen}\n`)
  for (const file of [copy, node]) chmodSync(file ?? '', 0o755)
  const words = ['send', 'two words', '', '*', '$HOME', '-', "'"]
  t.equal(spawnSync(copy ?? '', words).status, 0)
  t.ok(existsSync(seen ?? ''))
  t.equal(readFileSync(seen ?? '', 'utf8'), `0\n${words.map((word) => `<${word}>`).join('')}`)
})
