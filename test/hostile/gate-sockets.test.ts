/** Floods, giants and dawdlers on the local port: a daemon in a process of its own goes on serving its owner, in bounded memory. */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { limits } from '../../protocol/limits.ts'
import { shortFolder } from '../support/running-api.ts'
import { startWarren } from '../support/warren-process.ts'
import { Target } from './gate-target.ts'

t.setTimeout(240_000)

/** What all attacks of this file together may cost the daemon while they last. */
const budgetBytes = 192 * 1024 * 1024

interface Victim extends Target {
  residentBytes(): number
}

async function startVictim(t: Test): Promise<Victim> {
  const home = shortFolder(t)
  const words = ['start', '--api-port', '0', '--peer-port', '0', '--no-mdns', '--no-open', '--json', '--name', 'alice']
  const daemon = startWarren(t, words, { home })
  const { api } = await daemon.json<{ api: string }>()
  const residentBytes = (): number =>
    Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${daemon.child.pid}/status`, 'utf8'))?.[1]) * 1024
  return Object.assign(new Target(Number(new URL(api).port), home), { residentBytes })
}

function inBudget(t: Test, bytes: number): void {
  t.comment(`${Math.round(bytes / 1e6)} MB more`)
  t.ok(bytes < budgetBytes, `${Math.round(bytes / 1e6)} MB are within the budget`)
}

async function tcp(t: Test, { port }: Target): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

function webSocket(t: Test, { host }: Target): WebSocket {
  const socket = new WebSocket(`ws://${host}/api/v1/events`, { origin: `http://${host}` })
  socket.on('error', () => undefined)
  t.teardown(() => socket.terminate())
  return socket
}

/** A page of the owner: signed in, with its event socket, which tells of changes. */
async function openPage(t: Test, victim: Target): Promise<{ token: string; events: WebSocket }> {
  const token = await victim.prove(await victim.pair())
  const events = webSocket(t, victim)
  await once(events, 'open')
  const snapshot = once(events, 'message')
  events.send(JSON.stringify({ type: 'auth', token }))
  await snapshot
  return { token, events }
}

/** The page asks, changes something and hears of it. */
async function works(t: Test, victim: Target, { token, events }: { token: string; events: WebSocket }): Promise<void> {
  const status = `busy ${Math.random()}`
  const heard = new Promise<void>((resolve) => {
    const listen = (data: Buffer): void => {
      if (!data.toString('utf8').includes(status)) return
      events.off('message', listen)
      resolve()
    }
    events.on('message', listen)
  })
  t.equal((await victim.ask('PATCH', '/me', { status }, token)).status, 200)
  await heard
}

const skip = process.platform === 'linux' ? false : 'needs /proc'

t.test('200 silent WebSockets and 600 idle connections: the newest stay, the page works', { skip }, async (t) => {
  const victim = await startVictim(t)
  const page = await openPage(t, victim)
  const before = victim.residentBytes()
  const silent = Array.from({ length: 200 }, () => webSocket(t, victim))
  const ends = silent.map(async (socket) => (await once(socket, 'close')) as [number])
  await Promise.race([Promise.all(silent.map((socket) => once(socket, 'open'))), ends[0]])
  await works(t, victim, page)
  const idle: Socket[] = []
  while (idle.length < 600)
    idle.push(...(await Promise.all(Array.from({ length: 50 }, async () => await tcp(t, victim)))))
  await works(t, victim, page)
  await openPage(t, victim)
  // Those that were cut have heard of it by the time a later answer is here.
  t.ok(idle.filter((socket) => !socket.destroyed && !socket.readableEnded).length <= limits.apiConnections)
  inBudget(t, victim.residentBytes() - before)
  // Without a first message all of them end.
  t.equal((await Promise.all(ends)).length, 200)
  await works(t, victim, page)
})

t.test('frames of 10 MB, by strangers and by the page itself', { skip }, async (t) => {
  const victim = await startVictim(t)
  const page = await openPage(t, victim)
  const before = victim.residentBytes()
  const giant = Buffer.alloc(10 * 1024 * 1024, 'x')
  for (let count = 0; count < 20; count += 1) {
    const socket = webSocket(t, victim)
    await once(socket, 'open')
    const closed = once(socket, 'close')
    socket.send(giant)
    const [code] = (await closed) as [number]
    // The answer may be lost where the connection is cut while we still write.
    t.ok([1009, 1006].includes(code), String(code))
  }
  inBudget(t, victim.residentBytes() - before)
  const { events } = await openPage(t, victim)
  const closed = once(events, 'close')
  events.send(giant)
  await closed
  await works(t, victim, page)
})

/** Says that a gigabyte comes, or just lets it come; answers the status and how much was taken. */
async function sendGigabyte(t: Test, victim: Target, path: string, head: string[]): Promise<[number, number]> {
  const socket = await tcp(t, victim)
  const seen: { status?: number } = {}
  const answer = new Promise<void>((resolve) => {
    socket.once('data', (data: Buffer) => {
      seen.status = Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString('latin1'))?.[1])
      resolve()
    })
    socket.once('close', () => resolve())
  })
  socket.write(
    [`POST ${path} HTTP/1.1`, victim.ownHost, 'Content-Type: application/json', ...head, '', ''].join('\r\n'),
  )
  const isChunked = head.some((each) => each.includes('chunked'))
  const piece = 'x'.repeat(64 * 1024)
  while (seen.status === undefined && !socket.destroyed) {
    const taken = socket.write(isChunked ? `10000\r\n${piece}\r\n` : piece)
    if (!taken) await Promise.race([once(socket, 'drain'), once(socket, 'close'), answer])
  }
  await answer
  const sent = socket.bytesWritten
  socket.destroy()
  return [seen.status ?? 0, sent]
}

t.test('a body of a gigabyte is refused unread, with a session and without', { skip }, async (t) => {
  const victim = await startVictim(t)
  const page = await openPage(t, victim)
  const before = victim.residentBytes()
  const mostTaken = 40 * 1024 * 1024
  const owner = [`Authorization: Bearer ${page.token}`]
  const stated = [`Content-Length: ${2 ** 30}`]
  const chunked = ['Transfer-Encoding: chunked']
  for (const [path, head, wanted] of [
    ['/api/v1/me', stated, 401],
    ['/api/v1/me', chunked, 401],
    ['/api/v1/session/pair', stated, 413],
    ['/api/v1/session/pair', chunked, 413],
    ['/api/v1/conversations', [...owner, ...stated], 413],
    ['/api/v1/conversations', [...owner, ...chunked], 413],
  ] as const) {
    const results = await Promise.all(
      Array.from({ length: 8 }, async () => await sendGigabyte(t, victim, path, [...head])),
    )
    for (const [status, taken] of results) {
      t.ok([wanted, 0].includes(status), `${path} ${status}`)
      t.ok(taken < mostTaken, `${path}: ${taken} bytes`)
    }
    t.ok(
      results.some(([status]) => status === wanted),
      `${path} says ${wanted}`,
    )
  }
  inBudget(t, victim.residentBytes() - before)
  await works(t, victim, page)
})

t.test('guessed codes, tokens and proofs: ten thousand are worth nothing', { skip }, async (t) => {
  const victim = await startVictim(t)
  const page = await openPage(t, victim)
  const code = await victim.code()
  const before = victim.residentBytes()
  const nonce = 'A'.repeat(22)
  const api = `http://${victim.host}/api/v1`
  let count = 0
  const statuses = new Set<number>()
  const guess = async (): Promise<void> => {
    while (count < 10_000) {
      count += 1
      const text = Buffer.from(String(count).padStart(16, '0')).toString('base64url')
      const body = JSON.stringify({ code: text, nonce, label: 'guess' })
      const isCode = count % 2 === 0
      const answer = isCode
        ? await fetch(`${api}/session/pair`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
        : await fetch(`${api}/me`, { headers: { authorization: `Bearer ${text}` } })
      await answer.arrayBuffer()
      statuses.add(answer.status)
    }
  }
  await Promise.all(Array.from({ length: 16 }, guess))
  t.strictSame([...statuses], [401])
  inBudget(t, victim.residentBytes() - before)
  const paired = await victim.ask('POST', '/session/pair', { code, nonce, label: 'the real one' })
  t.equal(paired.status, 201, 'the real one still works')
  await works(t, victim, page)
})
