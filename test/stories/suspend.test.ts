/** A daemon that is put to sleep as a phone's system does it, and woken: nothing is open meanwhile, and nothing is lost. */

import { createHook } from 'node:async_hooks'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { answers } from '../support/answers.ts'
import { folderOf, startHere, type Here } from '../support/here.ts'
import { Seat } from '../support/seat.ts'

t.setTimeout(240_000)

const passphrase = 'four tulips hum quietly'

interface Friends {
  readonly folder: string
  readonly alice: Here
  readonly bob: Here
  readonly chat: string
}

async function befriend(alice: Seat, bob: Seat, port: number): Promise<string> {
  const peer = await alice.look(`127.0.0.1:${port}`)
  await alice.client.ask('POST', '/contacts', { deviceId: peer.deviceId, note: '' })
  const { id } = await bob.contact('incoming')
  await bob.client.ask('PATCH', `/contacts/${id}`, { state: 'accepted' })
  await Promise.all([alice.contact('accepted', true), bob.contact('accepted', true)])
  return (await alice.direct()).id
}

async function friends(t: Test): Promise<Friends> {
  const folder = folderOf(t)
  const alice = await startHere(t, join(folder, 'alice'), 'alice')
  const bob = await startHere(t, join(folder, 'bob'), 'bob')
  return { folder, alice, bob, chat: await befriend(alice.seat, bob.seat, bob.port) }
}

/** However long that takes here. */
const falls = async ({ suspend }: Pick<Here['daemon'], 'suspend'>): Promise<void> => {
  while (!(await suspend()));
}

const apiPort = ({ daemon }: Here): number => Number(new URL(daemon.api).port)

/** Timers that code of the daemon started since, and that still run. */
function watchTimers(t: Test): () => string[] {
  const running = new Map<number, string>()
  const hook = createHook({
    init: (id, type) => {
      if (type !== 'Timeout' && type !== 'Immediate') return
      const { stack = '' } = new Error('started')
      const [caller = ''] = stack
        .split('\n')
        .filter((line) => !/node:|AsyncHook/.test(line))
        .slice(1)
      if (caller.includes('/daemon/') && !stack.includes('AbortSignal.timeout')) running.set(id, caller.trim())
    },
    destroy: (id) => running.delete(id),
  }).enable()
  t.teardown(() => hook.disable())
  return () => [...running.values()]
}

t.test('asleep it has no socket and no timer; awake it is where it was', async (t) => {
  const timers = watchTimers(t)
  const { alice, bob, chat } = await friends(t)
  await alice.seat.say(chat, 'before')
  await bob.seat.hears(chat, 'before')
  await bob.seat.client.ask('GET', '/status')
  await bob.daemon.close()
  t.ok(timers().length > 0, 'timers are seen')
  const { api, listen } = alice.daemon
  alice.seat.unfollow()
  await falls(alice.daemon)
  t.equal(await alice.daemon.suspend(), true, 'asleep already')
  t.strictSame(alice.daemon.listen, [])
  t.equal(await answers(alice.port), false, 'no peers')
  t.equal(await answers(apiPort(alice)), false, 'no page')
  t.equal(await answers(alice.daemon.socketPath), false, 'no shell')
  for (let turns = 0; turns < 100; turns += 1) await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(timers(), [])
  await alice.daemon.resume()
  t.equal(alice.daemon.api, api)
  t.strictSame(alice.daemon.listen, listen)
  t.ok((await alice.seat.texts(chat)).includes('before'))
  await alice.daemon.resume()
  t.equal(await answers(alice.port), true, 'awake already')
})

t.test('what was said meanwhile comes when it wakes, and what it said is not lost', async (t) => {
  const { alice, bob, chat } = await friends(t)
  await alice.seat.say(chat, 'good night')
  await alice.daemon.suspend()
  await bob.seat.contact('accepted', false)
  await bob.seat.say(chat, 'while you slept')
  await alice.daemon.resume()
  alice.seat.follow()
  await alice.seat.hears(chat, 'while you slept')
  await bob.seat.hears(chat, 'good night')
  t.strictSame(await alice.seat.texts(chat), await bob.seat.texts(chat))
})

t.test(
  'a home that only its owner opens sleeps and wakes without being asked; a locked one stays locked',
  async (t) => {
    const { seat, daemon } = await startHere(t, join(folderOf(t), 'alice'), 'alice')
    await seat.client.ask('POST', '/key-slots', { kind: 'passphrase', passphrase, removeFile: true })
    await daemon.suspend()
    await daemon.resume()
    t.equal(daemon.locked, false)
    t.match(await seat.me(), { name: 'alice' })
    await seat.client.ask('POST', '/lock', {})
    await daemon.suspend()
    await daemon.resume()
    t.equal(daemon.locked, true)
    await t.rejects(seat.me(), { code: 'LOCKED' })
    await seat.client.ask('POST', '/unlock', { passphrase })
    t.match(await seat.me(), { name: 'alice' })
  },
)

t.test('whatever comes while it falls asleep, wakes, locks or ends, the last word counts', async (t) => {
  const folder = folderOf(t)
  const { seat, daemon } = await startHere(t, join(folder, 'alice'), 'alice')
  await seat.client.ask('POST', '/key-slots', { kind: 'passphrase', passphrase })
  await Promise.all([daemon.suspend(), daemon.resume(), daemon.suspend(), daemon.suspend(), daemon.resume()])
  t.match(await seat.me(), { name: 'alice' }, 'awake')
  const locking = seat.client.ask('POST', '/lock', {}).catch(() => undefined)
  await Promise.all([locking, daemon.suspend()])
  await daemon.resume()
  await seat.client.ask('POST', '/unlock', { passphrase })
  t.match(await seat.me(), { name: 'alice' }, 'locked or not, it opens')
  const lockAndUnlock = async (): Promise<void> => {
    await seat.client.ask('POST', '/lock', {})
    await seat.client.ask('POST', '/unlock', { passphrase })
  }
  await Promise.all([lockAndUnlock().catch(() => undefined), falls(daemon)])
  t.strictSame(daemon.listen, [], 'nobody is let in during sleep')
  await daemon.resume()
  await Promise.all([daemon.suspend(), daemon.close()])
  t.equal(await daemon.suspend(), true, 'nothing is open')
  await t.rejects(daemon.resume(), { code: 'CLOSING' })
  const again = await startHere(t, join(folder, 'alice'), 'alice')
  t.match(await again.seat.me(), { name: 'alice' }, 'the home was given up')
  await again.daemon.suspend()
  await again.daemon.close()
  await again.daemon.closed
})

t.test('a wake that comes to nothing is tried again', async (t) => {
  const folder = folderOf(t)
  const alice = await startHere(t, join(folder, 'alice'), 'alice')
  const options = { apiPort: apiPort(alice), peerPort: alice.port }
  await alice.daemon.close()
  const { daemon, seat } = await startHere(t, join(folder, 'alice'), 'alice', options)
  await falls(daemon)
  const squatter = await startHere(t, join(folder, 'bob'), 'bob', { peerPort: alice.port })
  await t.rejects(daemon.resume(), { code: 'PORT_IN_USE' })
  t.equal(await answers(options.apiPort), false, 'it sleeps on')
  await squatter.daemon.close()
  await daemon.resume()
  t.match(await seat.me(), { name: 'alice' })
})

t.test('asleep in the middle of much that comes: sockets are closed, and the rest comes later', async (t) => {
  const { alice, bob, chat } = await friends(t)
  const count = 300
  await alice.daemon.suspend()
  // As many at a time as the socket lets wait.
  for (let at = 0; at < count; at += 100)
    await Promise.all(Array.from({ length: 100 }, async (_, each) => await bob.seat.say(chat, `line ${at + each}`)))
  for (let least = 1; least <= 3; least += 1) {
    await alice.daemon.resume()
    alice.seat.follow()
    await alice.seat.until(async () => ((await alice.seat.direct()).unread >= least ? true : undefined), 'some to come')
    const begun = performance.now()
    await falls(alice.daemon)
    t.comment(`asleep after ${Math.round(performance.now() - begun)} ms`)
    t.equal(await answers(alice.port), false)
  }
  await alice.daemon.resume()
  alice.seat.follow()
  await alice.seat.hears(chat, `line ${count - 1}`)
  await alice.seat.until(async () => ((await alice.seat.direct()).unread >= count ? true : undefined), 'all to come')
  t.strictSame(await alice.seat.texts(chat), await bob.seat.texts(chat))
})

t.test('killed while it sleeps it has everything that it acknowledged', async (t) => {
  const folder = folderOf(t)
  const bob = await startHere(t, join(folder, 'bob'), 'bob')
  const home = join(folder, 'alice')
  const program = fileURLToPath(new URL('../support/sleepy-process.ts', import.meta.url))
  const child = fork(program, [home, 'alice'], { execArgv: ['--disable-warning=ExperimentalWarning'] })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child, 'message')
  const seat = new Seat(home)
  seat.follow()
  const chat = await befriend(seat, bob.seat, bob.port)
  const words: string[] = []
  // Asleep in the middle of it: what is not acknowledged then may be lost.
  const saying = (async () => {
    for (let each = 0; ; each += 1) {
      const text = `word ${each}`
      try {
        await seat.say(chat, text)
      } catch {
        return
      }
      words.push(text)
    }
  })()
  while (words.length < 20) await new Promise((resolve) => setImmediate(resolve))
  child.send('suspend')
  await once(child, 'message')
  await saying
  child.kill('SIGKILL')
  await once(child, 'exit')
  const again = await startHere(t, home, 'alice')
  const texts = await again.seat.texts(chat)
  t.strictSame(
    words.filter((word) => !texts.includes(word)),
    [],
  )
  await again.seat.contact('accepted', true)
  await bob.seat.hears(chat, words.at(-1) ?? '')
})
