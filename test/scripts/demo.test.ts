import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { shortFolder } from '../support/running-api.ts'
import { warren } from '../support/warren-process.ts'

t.setTimeout(240_000)

t.test('make demo: three people who are contacts of each other, until Ctrl-C', async (t) => {
  const folder = shortFolder(t)
  const cwd = new URL('../..', import.meta.url)
  const words = ['--disable-warning=ExperimentalWarning', 'scripts/demo.ts', '--folder', folder, '--port', '0']
  const { NODE_OPTIONS: _, ...env } = process.env
  const demo = spawn(process.execPath, words, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(demo, 'exit')
  t.teardown(async () => {
    demo.kill('SIGTERM')
    await ended
  })
  const lines: string[] = []
  for await (const line of createInterface({ input: demo.stdout })) {
    lines.push(line)
    if (line.startsWith('The links work once')) break
  }
  const names = ['Alice', 'Bob', 'Carol']
  for (const name of names) t.ok(lines.includes(name), name)
  t.equal(
    lines.filter((line) => /^ {2}page +http:\/\/127\.0\.0\.1:\d+\/\?open=[\w-]{8}#code=[\w-]{22}$/.test(line)).length,
    3,
  )
  t.ok(lines.filter((line) => /^ {2}address +\/ip4\/127\.0\.0\.1\/tcp\//.test(line)).length >= 3)
  for (const name of names) {
    const { stdout } = await warren(['contacts', '--json'], { home: join(folder, name.toLowerCase()) })
    const others = names.filter((each) => each !== name)
    const contacts = JSON.parse(stdout) as { name: string; state: string }[]
    const found = contacts.map((contact) => `${contact.name} ${contact.state}`)
    t.strictSame(
      found.toSorted(),
      others.map((other) => `${other} accepted`),
    )
  }
  demo.kill('SIGINT')
  t.strictSame(await ended, [0, null])
  for (const name of names) t.notOk(existsSync(join(folder, name.toLowerCase(), 'api.sock')), `${name} is stopped`)
})
