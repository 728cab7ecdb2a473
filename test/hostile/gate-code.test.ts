/** The one-use code while a real browser is started with it: in no list of processes, in no log, in no file that stays. */

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Client } from '../../daemon/cli/client.ts'
import { shortFolder } from '../support/running-api.ts'
import { startWarren } from '../support/warren-process.ts'

t.setTimeout(240_000)

const chromium = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const skip =
  process.platform === 'linux' && existsSync(chromium) ? false : 'needs Linux and Chromium: set CHROMIUM to its path'

/** What `ps` can show of every process: its arguments. */
function allArguments(): string {
  const lines: string[] = []
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      lines.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    } catch {
      // It has just ended.
    }
  }
  return lines.join('\n')
}

/** Every file below, but for sockets. */
function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) yield join(entry.parentPath, entry.name)
  }
}

t.test('the code is seen nowhere while the browser runs, and is dead afterwards', { skip }, async (t) => {
  const [home, bin, profile] = [shortFolder(t), shortFolder(t), shortFolder(t)]
  mkdirSync(join(bin, 'bin'))
  const opener = join(bin, 'bin', 'xdg-open')
  const flags = `--headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run --user-data-dir=${profile}`
  writeFileSync(opener, `#!/bin/sh\nexec ${chromium} ${flags} "$1" > /dev/null 2>&1\n`)
  chmodSync(opener, 0o755)
  const env = { DISPLAY: ':9', HOME: profile, PATH: `${join(bin, 'bin')}:${process.env['PATH']}` }
  const words = ['start', '--api-port', '0', '--peer-port', '0', '--no-mdns', '--json', '--log-level', 'debug']
  const daemon = startWarren(t, words, { home, env })
  await daemon.json()
  const client = new Client(home)
  const seen: string[] = []
  let code = ''
  while ((await client.list('/sessions')).length === 0) {
    const page = join(home, 'open.html')
    if (code === '' && existsSync(page)) code = /#code=([\w-]+)/.exec(readFileSync(page, 'utf8'))?.[1] ?? ''
    seen.push(allArguments())
  }
  seen.push(allArguments())
  t.match(code, /^[\w-]{22}$/)
  t.ok(
    seen.some((each) => each.includes(join(home, 'open.html'))),
    'the browser was looked at: its file is among the arguments',
  )
  t.notOk(seen.some((each) => each.includes(code)))
  const { api } = await client.ask<{ api: string }>('GET', '/status')
  const body = JSON.stringify({ code, nonce: 'A'.repeat(22), label: 'thief' })
  const headers = { 'content-type': 'application/json' }
  const again = await fetch(`${api}/api/v1/session/pair`, { method: 'POST', headers, body })
  t.equal(again.status, 401, 'whoever finds it later finds it used')
  daemon.child.kill('SIGTERM')
  const { stderr, stdout } = await daemon.ended
  t.notOk((stderr + stdout).includes(code))
  const held = [...filesBelow(home)].filter((path) => readFileSync(path).includes(code))
  t.strictSame(held, [], 'the private file went with the daemon')
})
