/** The example of docs/embedding.md as it stands, with a test in the place of the phone's system. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { startWhole } from '../pnserver/support/whole-server.ts'
import { topic } from '../pnserver/support/apple.ts'
import { folderOf, startHere } from '../support/here.ts'
import { befriend, grantsArrive } from '../support/app-on-phone.ts'
import { ownPort } from '../support/own-port.ts'
import { Seat } from '../support/seat.ts'

t.setTimeout(240_000)

const program = fileURLToPath(new URL('../../scripts/embedding-example.ts', import.meta.url))

interface Shown {
  readonly is: string
  readonly listen: readonly string[]
  readonly [field: string]: unknown
}

interface Example {
  tell(what: object): void
  shown(is: string): Promise<Shown>
}

/** The running example: what it is told, and what it shows. */
async function startExample(t: Test, home: string): Promise<Example> {
  const ports = `--api-port ${await ownPort()} --peer-port ${await ownPort()}`
  const flags = `--name phone ${ports} --listen 127.0.0.1 --no-mdns --announce-loopback`.split(' ')
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, '--home', home, ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.teardown(async () => {
    child.stdin.end()
    if (child.exitCode === null) await once(child, 'exit')
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    tell: (what) => child.stdin.write(`${JSON.stringify(what)}\n`),
    /** The next thing that it shows has to be this. */
    shown: async (is) => {
      const { value } = (await lines.next()) as { value: string }
      const shown = JSON.parse(value) as Shown
      if (shown.is !== is) throw new Error(`${is} was to be shown, not ${value}`)
      return shown
    },
  }
}

t.test('an app registers, sleeps, is woken, tells of a message and sleeps again', async (t) => {
  const [folder, whole] = [folderOf(t), await startWhole(t)]
  const home = join(folder, 'phone')
  const example = await startExample(t, home)
  const { listen } = await example.shown('ready')
  const { seat } = await startHere(t, join(folder, 'alice'), 'alice')
  const phone = new Seat(home)
  phone.follow()
  const chat = await befriend(seat, { seat: phone, port: Number(/\/tcp\/(\d+)/.exec(listen[0] ?? '')?.[1]) })

  const token = '5a'.repeat(32)
  whole.production.devices.set(token, { topics: [topic] })
  const pushed = async (count: number): Promise<{ note?: string; code?: string }> => {
    await whole.production.delivered(count)
    return whole.production.pushes[count - 1]?.payload as { note?: string; code?: string }
  }
  example.tell({ is: 'token', token, topic, server: whole.server.origin })
  example.tell({ is: 'push', ...(await pushed(1)) })
  await example.shown('registered')
  for (let wakers = 0; wakers === 0; wakers = Number((await example.shown('settings'))['wakers']))
    example.tell({ is: 'settings' })
  await grantsArrive(phone, [seat])

  phone.unfollow()
  example.tell({ is: 'background' })
  await example.shown('asleep')
  await seat.contact('accepted', false)
  await seat.say(chat, 'are you up?')
  example.tell({ is: 'push', ...(await pushed(2)) })
  t.match(await example.shown('notification'), { conversation: chat, count: 1 })
  await example.shown('asleep')
  example.tell({ is: 'foreground' })
  t.match((await example.shown('awake'))['page'], /^http:\/\/127\.0\.0\.1:\d+\//)
  t.ok((await phone.texts(chat)).includes('are you up?'))
})
