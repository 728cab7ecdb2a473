/** warren start --sleepy as a process, between a friend, a push server and what stands in for Apple. */

import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { startWhole, type WholeServer } from '../../pnserver/support/whole-server.ts'
import { topic } from '../../pnserver/support/apple.ts'
import { befriend, grantsArrive } from '../../support/app-on-phone.ts'
import { folderOf, startHere } from '../../support/here.ts'
import { ownPort } from '../../support/own-port.ts'
import { Seat } from '../../support/seat.ts'
import { runLine, startWarren, type WarrenProcess } from '../../support/warren-process.ts'

t.setTimeout(240_000)

const flags = '--sleepy --no-open --no-mdns --announce-loopback --json --listen 127.0.0.1'

/** It comes back to them when it wakes. */
const ports = async (): Promise<string> => `--api-port ${await ownPort()} --peer-port ${await ownPort()}`

interface Word {
  readonly is: string
  readonly socket: string
  readonly token: string
  readonly listen: readonly string[]
}

/** The next line has to be this word. */
async function says(phone: WarrenProcess, is: string): Promise<Word> {
  const word = await phone.json<Word>()
  if (word.is !== is) throw new Error(`${is} was to be said, not ${JSON.stringify(word)}`)
  return word
}

async function post(socketPath: string, path: string, body: unknown = {}): Promise<number | undefined> {
  const asked = request({ socketPath, path, method: 'POST' })
  asked.end(typeof body === 'string' ? body : JSON.stringify(body))
  const [response] = (await once(asked, 'response')) as [{ statusCode?: number; resume(): void }]
  response.resume()
  return response.statusCode
}

/** What Apple would deliver to the phone as the `count`th push of all. */
async function pushed({ sandbox }: WholeServer, count: number): Promise<unknown> {
  await sandbox.delivered(count)
  return sandbox.pushes[count - 1]?.payload
}

t.test('a sleepy daemon registers, sleeps, is woken by a friend who writes, says what came, and sleeps', async (t) => {
  const [folder, whole] = [folderOf(t), await startWhole(t)]
  const home = join(folder, 'phone')
  const phone = startWarren(t, `start ${flags} ${await ports()} --name eve --sleep-after 3600`.split(' '), { home })
  const { listen } = await phone.json<Word>()
  const { socket, token } = await says(phone, 'phone')
  whole.sandbox.devices.set(token, { topics: [topic] })
  const own = new Seat(home)
  await own.client.ask('PATCH', '/push-server', { server: whole.server.origin })
  t.equal(await post(socket, '/open'), 204)
  t.equal(await post(socket, '/push', await pushed(whole, 1)), 204)
  t.match(await says(phone, 'registered'), { server: whole.server.origin })
  const { seat } = await startHere(t, join(folder, 'alice'), 'alice')
  own.follow()
  const chat = await befriend(seat, { seat: own, port: Number(/\/tcp\/(\d+)/.exec(listen[0] ?? '')?.[1]) })
  for (let count = 0; count === 0;) count = (await own.client.ask<{ wakers: number }>('GET', '/push-server')).wakers
  await grantsArrive(own, [seat])

  own.unfollow()
  t.equal(await post(socket, '/sleep'), 204)
  await says(phone, 'asleep')
  await t.rejects(own.me(), { code: 'NOT_RUNNING' }, 'no command reaches it')
  await seat.contact('accepted', false)
  const words = ['send', 'eve', '--wait', '--json', 'are you up?']
  const sending = startWarren(t, words, { home: join(folder, 'alice') })
  // Once the phone is awake nobody wakes it.
  t.match(await sending.json(), { state: 'stored', conversation: chat, waking: [{ name: 'eve', phone: true }] })
  t.equal(await post(socket, '/push', await pushed(whole, 2)), 204)
  // Whichever comes first.
  const both = [await phone.json<Word>(), await phone.json<Word>()].toSorted((a, b) => (a.is < b.is ? -1 : 1))
  t.match(both, [{ is: 'awake' }, { is: 'came', conversations: [{ conversation: chat, count: 1 }] }])
  const { code, stdout } = await sending.ended
  const said = stdout.split('\n').flatMap((line): unknown[] => (line === '' ? [] : [JSON.parse(line)]))
  t.equal(code, 0)
  t.match(said.at(-1), { state: /delivered|read/, conversation: chat })
  t.equal(await post(socket, '/push', 'nonsense'), 400)
  t.equal(await post(socket, '/push', { note: 'x'.repeat(9000) }), 400)
  t.equal(await post(socket, '/elsewhere'), 404)
  phone.child.kill('SIGTERM')
  t.match(await phone.ended, { code: 0, stderr: '' })
})

t.test('it sleeps by itself, and a hand wakes it; a signal ends it in its sleep', async (t) => {
  const home = join(folderOf(t), 'phone')
  const words = `start ${flags} ${await ports()} --sleep-after 1 --push-url http://127.0.0.1:9`.split(' ')
  const phone = startWarren(t, words, { home })
  await phone.line()
  const { socket } = await says(phone, 'phone')
  t.match(await says(phone, 'failed'), { what: 'register', code: 'REFUSED' })
  await says(phone, 'asleep')
  t.equal(await post(socket, '/open'), 204)
  await says(phone, 'awake')
  await says(phone, 'failed')
  await says(phone, 'asleep')
  phone.child.kill('SIGTERM')
  t.match(await phone.ended, { code: 0, stderr: '' })
})

t.test('its flags go together', async (t) => {
  const home = join(folderOf(t), 'phone')
  for (const words of [
    ['--push-url', 'https://push.example.org'],
    ['--sleep-after', '5'],
    ['--sleepy', '--sleep-after', '0'],
  ])
    t.match(await runLine(['start', '--home', home, ...words]), { code: 2 })
})
