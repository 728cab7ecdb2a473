import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { judge, readExceptions, readReport, type Advisory } from '../../scripts/audit/judge.ts'

t.setTimeout(240_000)

const script = fileURLToPath(new URL('../../scripts/audit.ts', import.meta.url))
const url = 'https://github.com/advisories/GHSA-xxxx'
const flaw: Advisory = { url, package: 'one', severity: 'high', title: 'it breaks' }
const why = 'that part of it is not used here'

t.test('a flaw is a problem until it is explained, and again when that ends', async (t) => {
  const line = `high, shipped: one: it breaks (${url})`
  t.strictSame(judge([flaw], [flaw], [], '2026-06-01'), { problems: [line], explained: [] })
  t.match(judge([flaw], [], [], '2026-06-01').problems, ['high, builds and tests only: one: it breaks'])
  for (const today of ['2026-05-31', '2026-06-01']) {
    t.strictSame(judge([flaw], [flaw], [{ url, why, until: '2026-06-01' }], today), {
      problems: [],
      explained: [`${line}: until 2026-06-01, since ${why}`],
    })
  }
  t.match(judge([flaw], [flaw], [{ url, why, until: '2026-06-01' }], '2026-06-02').problems, ['ended on 2026-06-01'])
  t.match(judge([], [], [{ url, why, until: '2026-06-01' }], '2026-06-01').problems, ['take it off the list'])
})

t.test('an exception says which, why and until when', async (t) => {
  t.strictSame(readExceptions([{ url, why, until: '2026-06-01' }]), [{ url, why, until: '2026-06-01' }])
  for (const bad of [
    {},
    [{ url, why }],
    [{ url, why: 'so', until: '2026-06-01' }],
    [{ url, why, until: 'later' }],
    [{ why, until: '2026-06-01' }],
  ])
    t.throws(() => readExceptions(bad))
})

t.test('what is no report is none', async (t) => {
  for (const value of [undefined, null, 'x', {}, { message: 'audit endpoint returned an error' }])
    t.equal(readReport(value), undefined)
})

/** A registry that knows one package, with a flaw or without. */
async function registry(t: Test, flaws: object): Promise<string> {
  const server = createServer((request, response) => {
    request.resume()
    const isAudit = request.url?.endsWith('/security/advisories/bulk') === true
    const versions = { '1.0.0': { name: 'one', version: '1.0.0' } }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(isAudit ? flaws : { name: 'one', versions, 'dist-tags': { latest: '1.0.0' } }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function audit(t: Test, address: string, exceptions: unknown = []): Promise<Ended> {
  const dependencies = { one: '1.0.0' }
  const cwd = t.testdir({
    'package.json': JSON.stringify({ name: 'x', version: '1.0.0', dependencies }),
    'package-lock.json': JSON.stringify({
      lockfileVersion: 3,
      packages: { '': { dependencies }, 'node_modules/one': { version: '1.0.0' } },
    }),
    scripts: { audit: { 'exceptions.json': JSON.stringify(exceptions) } },
  })
  const env = {
    ...process.env,
    npm_config_registry: address,
    npm_config_cache: t.testdirName + '-cache',
    npm_config_fetch_retries: '0',
  }
  return await new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', script],
      { cwd, env },
      (error, stdout, stderr) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    )
  })
}

t.test('npm is asked, and what it says counts', async (t) => {
  const flaws = { one: [{ id: 1, url, title: 'it breaks', severity: 'high', vulnerable_versions: '<2.0.0' }] }
  t.match(await audit(t, await registry(t, {})), {
    code: 0,
    stdout: 'no known flaw that is not explained\n',
    stderr: '',
  })
  const flawed = await registry(t, flaws)
  t.match(await audit(t, flawed), { code: 1, stdout: '', stderr: `high, shipped: one: it breaks (${url})\n` })
  t.match(await audit(t, flawed, [{ url, why, until: '9999-12-31' }]), { code: 0, stdout: /^explained: high, shipped/ })
})

t.test('without a registry it says so, and does not pass', async (t) => {
  const address = await registry(t, 'no audit here' as unknown as object)
  const closed = 'http://127.0.0.1:1'
  for (const each of [address, closed]) {
    t.match(await audit(t, each), { code: 2, stderr: 'audit: the registry could not be asked: nothing was checked\n' })
  }
})
