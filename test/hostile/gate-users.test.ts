/** Another user of the same machine: finds the home shut, the unix socket shut, and on the local port nothing but the bare page. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { shortFolder } from '../support/running-api.ts'
import { startWarren, warren } from '../support/warren-process.ts'

t.setTimeout(120_000)

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
const ask = async (method, path, body) => {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' }
  return (await fetch(api + path, { method, headers, body })).status
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
  results.me = await ask('GET', '/api/v1/me')
  results.code = await ask('POST', '/api/v1/session/code', '{"printed":true}')
  results.stop = await ask('POST', '/api/v1/stop', '{}')
  process.stdout.write(JSON.stringify(results))
}
main()
`

async function runAsNobody(...words: string[]): Promise<Record<string, unknown>> {
  const child = spawn(process.execPath, ['-e', attempts, ...words], { uid: nobody, gid: nobody, cwd: '/', env: {} })
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
  const results = await runAsNobody(home, String(pid), api)
  const { uid, health, me, code, stop, ...shut } = results
  t.strictSame({ uid, health, me, code, stop }, { uid: nobody, health: 200, me: 401, code: 401, stop: 401 })
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
  t.match(await runAsNobody(home, String(pid), api), { socket: 'EACCES', list: 'EACCES' })
})
