import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { shortFolder } from '../../support/running-api.ts'
import { startWarren, warren, type WarrenProcess } from '../../support/warren-process.ts'

// Dozens of processes, on whatever else the machine has to do.
t.setTimeout(240_000)

interface Ready {
  ready: true
  api: string
  listen: string[]
}

/** Free ports, no multicast: many may run at once. */
const quiet = ['--api-port', '0', '--peer-port', '0', '--no-mdns']

async function start(t: Test, home: string, ...words: string[]): Promise<{ daemon: WarrenProcess; ready: Ready }> {
  const daemon = startWarren(t, ['start', ...quiet, '--json', '--no-open', ...words], { home })
  return { daemon, ready: await daemon.json<Ready>() }
}

const pair = async (link: string): Promise<number> => {
  const { origin, hash } = new URL(link)
  const nonce = randomBytes(16).toString('base64url')
  const body = JSON.stringify({ code: hash.replace('#code=', ''), nonce, label: 'Test' })
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${origin}/api/v1/session/pair`, { method: 'POST', headers, body })
  if (answer.status === 201) t.match(await answer.json(), { secret: String })
  return answer.status
}

t.test('start says ready once everything is up, and every command works then', async (t) => {
  const home = shortFolder(t)
  const { ready } = await start(t, home, '--name', 'Alice')
  t.match(ready, { ready: true, api: /^http:\/\/127\.0\.0\.1:\d+$/ })
  t.ok(ready.listen.every((address) => /^\/ip[46]\/.*\/p2p\/12D3Koo/.test(address)))
  t.match(await (await fetch(`${ready.api}/api/v1/health`)).json(), { status: 'ok' })
  t.match(JSON.parse((await warren(['id', '--json'], { home })).stdout), { name: 'Alice' })
  t.match(JSON.parse((await warren(['send', 'self', 'note', '--json'], { home })).stdout), { state: 'stored' })
  t.match(JSON.parse((await warren(['log', 'self', '--json'], { home })).stdout), [{ text: 'note' }])
  t.equal(statSync(home).mode & 0o077, 0, 'others see nothing of the home')
  t.equal(statSync(join(home, 'api.sock')).mode & 0o777, 0o600)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  t.test(`${signal} closes cleanly, and what was said is kept`, async (t) => {
    const home = shortFolder(t)
    const { daemon } = await start(t, home)
    await warren(['send', 'self', 'kept'], { home })
    daemon.child.kill(signal)
    daemon.child.kill('SIGINT') // npm and make send a Ctrl-C on
    t.match(await daemon.ended, { code: 0, stderr: '' })
    t.notOk(existsSync(join(home, 'api.sock')))
    await start(t, home)
    t.match(JSON.parse((await warren(['log', 'self', '--json'], { home })).stdout), [{ text: 'kept' }])
  })
}

t.test('stop ends the daemon and waits for it', async (t) => {
  const home = shortFolder(t)
  const { daemon } = await start(t, home)
  t.match(await warren(['stop'], { home }), { code: 0, stdout: 'stopped\n' })
  t.match(await daemon.ended, { code: 0, stderr: '' })
  t.match(await warren(['stop'], { home }), { code: 1 })
})

t.test('start goes on when nobody reads what it says, other commands end quietly', async (t) => {
  const home = shortFolder(t)
  const daemon = startWarren(t, ['start', ...quiet, '--json'], { home })
  await daemon.json<Ready>()
  daemon.child.stdout?.destroy() // as `| head -1` does, before the link to open is printed
  t.match(await warren(['open', '--print'], { home }), { code: 0 })
  for (let count = 0; count < 8; count += 1) await warren(['send', 'self', '-'], { home, input: 'x'.repeat(60_000) })
  const reading = startWarren(t, ['log', 'self'], { home })
  await reading.line()
  reading.child.stdout?.destroy()
  t.match(await reading.ended, { code: 0, stderr: '' })
  t.match(await warren(['status'], { home }), { code: 0 })
})

t.test('a second daemon on the home: one line, exit 1, and the first goes on', async (t) => {
  const home = shortFolder(t)
  await start(t, home)
  const second = await warren(['start', ...quiet], { home })
  t.match(second, { code: 1, stdout: '', stderr: /^warren: .*(?:daemon|warren).*home\n$/ })
  t.match(await warren(['status'], { home }), { code: 0 })
})

t.test('a taken port: one line that names it, exit 1', async (t) => {
  const server = createServer().listen(0, '::1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const ended = await warren(['start', '--api-port', String(port), '--peer-port', '0', '--no-mdns'], {
    home: shortFolder(t),
  })
  t.strictSame(ended, {
    code: 1,
    stdout: '',
    stderr: `warren: port ${port} is in use: choose another with --api-port\n`,
  })
})

t.test('a home that cannot be made: one line, exit 1', async (t) => {
  const file = join(shortFolder(t), 'file')
  writeFileSync(file, '')
  const ended = await warren(['start', ...quiet], { home: join(file, 'home') })
  t.match(ended, { code: 1, stdout: '', stderr: /^warren: .+\n$/ })
  t.equal(ended.stderr.split('\n').length, 2, ended.stderr)
})

t.test('where no browser can be seen, start and open print a link that works once', async (t) => {
  const home = shortFolder(t)
  const daemon = startWarren(t, ['start', ...quiet], { home, env: { DISPLAY: ':9', SSH_CONNECTION: 'x' } })
  t.match(await daemon.line(), /^Warren runs on http:\/\/127\.0\.0\.1:\d+$/)
  let line = ''
  while (!line.startsWith('Open')) line = await daemon.line()
  const link = /http:\S+$/.exec(line)?.[0] ?? ''
  t.equal(await pair(link), 201)
  t.equal(await pair(link), 401)
  const opened = await warren(['open', '--json'], { home })
  const printed = JSON.parse(opened.stdout) as { opened: boolean; url: string; expiresAt: number }
  t.match(printed, { opened: false, expiresAt: Number })
  t.ok(printed.expiresAt > Date.now() + 9 * 60_000)
  t.equal(await pair(printed.url), 201)
  const sessions = await warren(['sessions', '--json'], { home })
  t.equal((JSON.parse(sessions.stdout) as unknown[]).length, 2)
})

t.test('a browser is started on a private file: the code is in no argument list', async (t) => {
  const home = shortFolder(t)
  const bin = shortFolder(t)
  const seen = join(bin, 'seen')
  mkdirSync(join(bin, 'bin'))
  const opener = join(bin, 'bin', 'xdg-open')
  writeFileSync(
    opener,
    `#!/bin/sh\nprintf '%s ' "$@" > ${seen}.arguments\nstat -c %a "$1" > ${seen}.mode\ncat "$1" > ${seen}.page\n`,
  )
  chmodSync(opener, 0o755)
  const env = { DISPLAY: ':9', PATH: `${join(bin, 'bin')}:${process.env['PATH']}` }
  await start(t, home)
  const opened = await warren(['open', '--json'], { home, env })
  t.strictSame(opened, { code: 0, stdout: '{"opened":true}\n', stderr: '' })
  const page = readFileSync(`${seen}.page`, 'utf8')
  const link = /url=([^"]+)"/.exec(page)?.[1] ?? ''
  t.match(link, /#code=/)
  t.equal(readFileSync(`${seen}.mode`, 'utf8'), '600\n')
  t.equal(readFileSync(`${seen}.arguments`, 'utf8'), `${join(home, 'open.html')} `)
  t.equal(await pair(link), 201)
  writeFileSync(opener, '#!/bin/sh\nexit 3\n')
  t.match(await warren(['open'], { home, env }), { code: 0, stdout: /^Open this link/ }, 'an opener that fails')
  t.notOk(existsSync(join(home, 'open.html')), 'leaves nothing behind')
})
