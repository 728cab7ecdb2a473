/** Another user of the same machine: finds the home shut, the unix socket shut, and on the local port nothing but the bare page. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, constants, copyFileSync, readdirSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { userInTable } from '../../daemon/api/peer-users.ts'
import { ownPort } from '../support/own-port.ts'
import { shortFolder } from '../support/running-api.ts'
import { startWarren, warren } from '../support/warren-process.ts'

t.setTimeout(240_000)

const skip =
  process.platform === 'linux' && process.getuid?.() === 0 ? false : 'needs Linux and root to become another user'

const nobody = 65_534

/** Runs as that user; prints what each attempt came to. */
const attempts = `
const { connect } = require('node:net')
const fs = require('node:fs')
const [home, pid, api] = process.argv.slice(1)
const results = {}
const attempt = (name, work) => {
  try {
    work()
    results[name] = 'worked'
  } catch (error) {
    results[name] = error.code
  }
}
const reach = (path) => new Promise((resolve) => {
  const socket = connect(path)
  socket.once('connect', () => resolve('worked'))
  socket.once('error', (error) => resolve(error.code))
})
const ask = async (method, path, body, address = api) => {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  try {
    return (await fetch(address + path, { method, headers, body })).status
  } catch {
    return 'cut'
  }
}
const main = async () => {
  results.uid = process.getuid()
  attempt('list', () => fs.readdirSync(home))
  for (const name of ['key', 'keyring', 'sessions', 'open.html', 'store']) attempt(name, () => fs.readFileSync(home + '/' + name))
  attempt('write', () => fs.writeFileSync(home + '/planted', ''))
  attempt('replace', () => fs.renameSync(home + '/api.sock', home + '/other'))
  attempt('memory', () => fs.openSync('/proc/' + pid + '/mem', 'r'))
  attempt('environment', () => fs.readFileSync('/proc/' + pid + '/environ'))
  attempt('descriptors', () => fs.readdirSync('/proc/' + pid + '/fd'))
  results.socket = await reach(home + '/api.sock')
  results.throughProcess = await reach('/proc/' + pid + '/cwd/api.sock')
  results.health = await ask('GET', '/api/v1/health')
  results.six = await ask('GET', '/api/v1/health', undefined, api.replace('127.0.0.1', '[::1]'))
  results.mapped = await ask('GET', '/api/v1/health', undefined, api.replace('127.0.0.1', '[::ffff:127.0.0.1]'))
  results.me = await ask('GET', '/api/v1/me')
  results.code = await ask('POST', '/api/v1/session/code', '{"printed":true}')
  results.stop = await ask('POST', '/api/v1/stop', '{}')
  process.stdout.write(JSON.stringify(results))
}
main()
`

/** A copy that everybody may run: this checkout may lie where others cannot look. */
function programForAll(t: Test): string {
  const folder = shortFolder(t)
  chmodSync(folder, 0o755)
  const program = join(folder, 'node')
  copyFileSync(process.execPath, program, constants.COPYFILE_FICLONE)
  chmodSync(program, 0o755)
  return program
}

async function runAsNobody(t: Test, ...words: string[]): Promise<Record<string, unknown>> {
  const child = spawn(programForAll(t), ['-e', attempts, ...words], { uid: nobody, gid: nobody, cwd: '/', env: {} })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (data: Buffer) => {
    stdout += data.toString('utf8')
  })
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString('utf8')
  })
  await once(child, 'close')
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Record<string, unknown>
}

t.test('another uid gets into nothing', { skip }, async (t) => {
  const home = join(shortFolder(t), 'home')
  chmodSync(dirname(home), 0o755) // all that keeps others out is the home itself
  const words = ['start', '--api-port', '0', '--peer-port', '0', '--no-mdns', '--no-open', '--json']
  const daemon = startWarren(t, words, { home })
  const { api, pid } = await daemon.json<{ api: string; pid: number }>()
  t.equal(statSync(home).mode & 0o777, 0o700)
  for (const name of readdirSync(home))
    t.equal(statSync(join(home, name)).mode & 0o077, 0, `${name} is the owner's alone`)
  const results = await runAsNobody(t, home, String(pid), api)
  const { uid, health, six, mapped, me, code, stop, ...shut } = results
  t.equal(uid, nobody)
  t.strictSame(
    [health, six, mapped, me, code, stop],
    Array.from({ length: 6 }, () => 'cut'),
    'not even the bare page',
  )
  t.equal((await fetch(`${api}/api/v1/health`)).status, 200, 'the owner is served')
  t.equal(Object.keys(shut).length, 13)
  for (const [name, result] of Object.entries(shut)) t.match(String(result), /^E(?:ACCES|PERM)$/, name)
  t.match(await warren(['status'], { home }), { code: 0 })
})

t.test('a home that was open to others is shut at start', { skip }, async (t) => {
  const home = shortFolder(t)
  chmodSync(home, 0o755)
  const words = ['start', '--api-port', '0', '--peer-port', '0', '--no-mdns', '--no-open', '--json']
  const daemon = startWarren(t, words, { home })
  const { api, pid } = await daemon.json<{ api: string; pid: number }>()
  t.equal(statSync(home).mode & 0o777, 0o700)
  t.match(await runAsNobody(t, home, String(pid), api), { socket: 'EACCES', list: 'EACCES' })
})

t.test('with --any-user the page may be opened by others, who need a session all the same', { skip }, async (t) => {
  const home = shortFolder(t)
  const words = ['start', '--api-port', '0', '--peer-port', '0', '--no-mdns', '--no-open', '--json', '--any-user']
  const daemon = startWarren(t, words, { home })
  const { api, pid } = await daemon.json<{ api: string; pid: number }>()
  const { health, six, mapped, me, code, stop, socket } = await runAsNobody(t, home, String(pid), api)
  t.strictSame([health, six, mapped], [200, 200, 403])
  t.strictSame([me, code, stop, socket], [401, 401, 401, 'EACCES'])
})

/** One line of proc(5)'s table. */
const row = (from: string, to: string, user: number): string =>
  `   1: ${from} ${to} 01 00000000:00000000 00:00000000 00000000 ${String(user).padStart(5)}        0 2688268 1 0000 100 0 0 10 0`

t.test('the table of sockets is read as it is written', async (t) => {
  const head = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode'
  const table = [
    head,
    row('0100007F:1E25', '0100007F:C001', 1), // the daemon's own end
    row('0101A8C0:C001', '0201A8C0:1E25', 2), // another machine's port of the same number
    row('0500007F:C001', '0100007F:1E25', 3),
    row('00000000000000000000000001000000:C002', '00000000000000000000000001000000:1E25', 4),
    row('0000000000000000FFFF00000100007F:C003', '0000000000000000FFFF00000100007F:1E25', 5),
  ].join('\n')
  const user = (address: string, port: number, toAddress: string, toPort = 7717): number | undefined =>
    userInTable(table, { address, port, toAddress, toPort })
  t.equal(user('127.0.0.5', 0xc001, '127.0.0.1'), 3)
  t.equal(user('::1', 0xc002, '::1'), 4)
  t.equal(user('127.0.0.1', 0xc003, '127.0.0.1'), 5, 'by an IPv6 socket')
  t.equal(user('::ffff:127.0.0.1', 0xc003, '::ffff:127.0.0.1'), 5)
  t.equal(user('127.0.0.1', 0xc001, '127.0.0.1'), undefined, 'another address')
  t.equal(user('127.0.0.5', 0xc001, '127.0.0.1', 7718), undefined, 'another port')
})

/** Connects from a port of its choice, as another user, and says whether it was served. */
const fromPort = `
const [host, localAddress, localPort, port] = process.argv.slice(1)
const socket = require('node:net').connect({ host, localAddress, localPort: Number(localPort), port: Number(port) })
let text = ''
socket.on('data', (data) => { text += data; socket.end() })
socket.on('error', (error) => { text += error.code })
socket.on('close', () => process.stdout.write(text === '' || text === 'ECONNRESET' ? 'cut' : text.slice(0, 12)))
const address = host.includes(':') ? '[' + host + ']' : host
socket.write('GET /api/v1/health HTTP/1.1\\r\\nHost: ' + address + ':' + port + '\\r\\nConnection: keep-alive\\r\\n\\r\\n')
`

/** A connection of the owner that stays, from a port that nobody else has on any loopback address. */
async function ownerFrom(t: Test, host: string, localAddress: string, port: number): Promise<number> {
  const localPort = await ownPort()
  const socket = connect({ host, localAddress, localPort, port })
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  return localPort
}

t.test('another uid on the port number of an owner, at another address of loopback', { skip }, async (t) => {
  const words = ['start', '--api-port', '0', '--peer-port', '0', '--no-mdns', '--no-open', '--json']
  const daemon = startWarren(t, words, { home: shortFolder(t) })
  const { api } = await daemon.json<{ api: string }>()
  const port = Number(new URL(api).port)
  const program = programForAll(t)
  const asked = async (uid: number, ...words: string[]): Promise<string> => {
    const child = spawn(program, ['-e', fromPort, ...words], { uid, gid: uid, cwd: '/', env: {} })
    let text = ''
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString('utf8')
    })
    await once(child, 'close')
    return text
  }
  for (const [host, local, otherHost, otherLocal] of [
    ['127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.2'],
    ['::1', '::1', '127.0.0.1', '127.0.0.1'],
    ['127.0.0.1', '127.0.0.1', '::1', '::1'],
  ] as const) {
    const shared = String(await ownerFrom(t, host, local, port))
    const other = [otherHost, otherLocal, shared, String(port)]
    t.equal(await asked(nobody, ...other), 'cut', `${local} and ${otherLocal}`)
    t.equal(await asked(0, ...other), 'HTTP/1.1 200', 'the owner is served there')
  }
})
