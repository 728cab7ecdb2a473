/** The local port on odd hosts: one without IPv6, and one where somebody else sits on [::1] already. In network namespaces. */

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { cannotRun, Hosts } from '../net/hosts.ts'
import { shortFolder } from '../support/running-api.ts'

t.setTimeout(240_000)

const main = fileURLToPath(new URL('../../daemon/cli/main.ts', import.meta.url))
const node = [process.execPath, '--disable-warning=ExperimentalWarning']
const run = promisify(execFile)

interface Started {
  /** The first line, undefined if it ended without one. */
  readonly line: string | undefined
  /** Ends it. */
  readonly end: () => Promise<{ code: number | null; stderr: string }>
}

/** `warren start` with the ports that everybody has. */
async function start(t: Test, host: string, home: string): Promise<Started> {
  const words = ['start', '--home', home, '--no-mdns', '--no-open', '--json', '--log-level', 'info']
  const child = spawn('ip', ['netns', 'exec', host, ...node, main, ...words])
  t.teardown(() => child.kill('SIGKILL'))
  let stderr = ''
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString('utf8')
  })
  const closed = once(child, 'close') as Promise<[number | null]>
  const first = once(createInterface({ input: child.stdout }), 'line').then(([line]) => line as string)
  const line = await Promise.race([first, closed.then(() => undefined)])
  const end = async (): Promise<{ code: number | null; stderr: string }> => {
    child.kill('SIGTERM')
    const [code] = await closed
    return { code, stderr }
  }
  return { line, end }
}

/** Runs in the namespace; answers what it prints. */
async function inside(host: string, script: string): Promise<string> {
  const { stdout } = await run('ip', ['netns', 'exec', host, ...node, '-e', script])
  return stdout.trim()
}

const status = (url: string): string =>
  `fetch('${url}').then((answer) => console.log(answer.status), (error) => console.log(error.cause.code))`

t.test('a host without IPv6: one line in the log, and the page is on 127.0.0.1', { skip: cannotRun }, async (t) => {
  const hosts = new Hosts()
  t.teardown(() => hosts.stop())
  const host = hosts.add('six')
  hosts.run('ip', 'netns', 'exec', host, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1')
  const { line, end } = await start(t, host, shortFolder(t))
  t.match(JSON.parse(line ?? '{}'), { ready: true, api: 'http://127.0.0.1:7717' })
  t.equal(await inside(host, status('http://127.0.0.1:7717/api/v1/health')), '200')
  t.match(await inside(host, status('http://[::1]:7717/api/v1/health')), /^E(?:ADDRNOTAVAIL|NETUNREACH|CONNREFUSED)$/)
  const { code, stderr } = await end()
  t.equal(code, 0)
  t.equal(stderr.split('\n').filter((each) => each.includes('no IPv6 loopback')).length, 1, stderr)
})

for (const address of ['::1', '127.0.0.1']) {
  t.test(`somebody sits on ${address} before the start: refused in one line`, { skip: cannotRun }, async (t) => {
    const hosts = new Hosts()
    t.teardown(() => hosts.stop())
    const host = hosts.add('sq')
    const script = `require('node:http').createServer().listen(7717, '${address}', () => console.log('there'))`
    const squatter = spawn('ip', ['netns', 'exec', host, ...node, '-e', script])
    t.teardown(() => squatter.kill('SIGKILL'))
    await once(squatter.stdout, 'data')
    const home = shortFolder(t)
    const refused = await start(t, host, home)
    t.equal(refused.line, undefined)
    const { code, stderr } = await refused.end()
    t.equal(code, 1)
    t.match(stderr, /^warren: port 7717 is in use: choose another with --api-port$/m)
    const other = address === '::1' ? 'http://127.0.0.1:7717' : 'http://[::1]:7717'
    t.equal(await inside(host, status(other)), 'ECONNREFUSED', 'nothing is served on the other address, either')
  })
}
