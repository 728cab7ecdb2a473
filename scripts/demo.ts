/** Runs alice, bob and carol on one machine, makes them contacts of each other and prints how to get to each. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { Client } from '../daemon/cli/client.ts'
import { followEvents } from '../daemon/cli/follow.ts'
import type { CodeAnswer } from '../protocol/http-access.ts'
import type { Contact, Me, Peer } from '../protocol/http-people.ts'

const { values } = parseArgs({
  options: {
    /** Kept between runs. */
    folder: { type: 'string', default: 'build/demo' },
    /** The first of six ports; 0 takes any that are free. */
    port: { type: 'string', default: '7721' },
  },
})

interface Person {
  readonly name: string
  readonly home: string
  readonly client: Client
  readonly child: ChildProcess
  readonly api: string
  readonly listen: readonly string[]
}

interface Ready {
  readonly api: string
  readonly listen: string[]
}

const children: ChildProcess[] = []
const firstPort = Number(values.port)
const main = resolve('daemon/cli/main.ts')
const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function start(name: string, at: number): Promise<Person> {
  const home = resolve(values.folder, name.toLowerCase())
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const port = (offset: number): string => String(firstPort === 0 ? 0 : firstPort + at + offset)
  const ports = ['--api-port', port(0), '--peer-port', port(3)]
  const words = ['start', '--home', home, '--name', name, ...ports, '--announce-loopback', '--no-open', '--json']
  const child = spawn(process.execPath, [...process.execArgv, main, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const lines = createInterface({ input: child.stdout })
  const line = await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => undefined)])
  if (line === undefined) throw new Error(`${name} did not start`)
  const { api, listen } = JSON.parse(String(line[0])) as Ready
  return { name, home, client: new Client(home), child, api, listen }
}

/** Resolves with the contact once it is in this state: at once, or when the daemon says so. */
async function contactIn(person: Person, id: string, state: Contact['state']): Promise<Contact> {
  for await (const event of followEvents(person.client)) {
    const contacts = event.type === 'snapshot' ? event.contacts : event.type === 'contact' ? [event.contact] : []
    const found = contacts.find((contact) => contact.id === id && contact.state === state)
    if (found !== undefined) return found
  }
  throw new Error('not reached')
}

const loopback = ({ listen }: Person): string => {
  const port = /\/ip4\/[\d.]+\/tcp\/(\d+)/.exec(listen.join(' '))?.[1] ?? ''
  return `127.0.0.1:${port}`
}

/** A real request and a real answer; nothing if they are contacts from an earlier run. */
async function befriend(asker: Person, other: Person): Promise<void> {
  const [own, theirs] = await Promise.all([asker.client.ask<Me>('GET', '/me'), other.client.ask<Me>('GET', '/me')])
  const known = (await asker.client.list<Contact>('/contacts')).find(({ id }) => id === theirs.personId)
  if (known?.state === 'accepted') return
  const { deviceId } = await asker.client.ask<Peer>('POST', '/peers', { address: loopback(other) })
  await asker.client.ask('POST', '/contacts', { deviceId, note: `It is me, ${asker.name}` })
  await contactIn(other, own.personId, 'incoming')
  await other.client.ask('PATCH', `/contacts/${own.personId}`, { state: 'accepted' })
  await contactIn(asker, theirs.personId, 'accepted')
  say(`${asker.name} and ${other.name} are contacts now`)
}

async function show({ name, home, api, client, listen }: Person): Promise<void> {
  const { url } = await client.ask<CodeAnswer>('POST', '/session/code', { printed: true })
  say(`\n${name}`)
  say(`  page       ${url}`)
  say(`  later      scripts/warren open --home ${home}   (${api})`)
  for (const address of listen) say(`  address    ${address}`)
}

async function stopAll(): Promise<void> {
  const running = children.filter((child) => child.exitCode === null && child.signalCode === null)
  const ended = running.map(async (child) => void (await once(child, 'exit')))
  for (const child of running) child.kill('SIGTERM')
  await Promise.all(ended)
}

let stopping: Promise<void> | undefined
const stop = async (): Promise<void> => await (stopping ??= stopAll())
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void stop())
}

try {
  const people: Person[] = []
  for (const [at, name] of ['Alice', 'Bob', 'Carol'].entries()) people.push(await start(name, at))
  for (const [at, asker] of people.entries()) for (const other of people.slice(at + 1)) await befriend(asker, other)
  for (const person of people) await show(person)
  say('\nThe links work once, within 10 minutes. Ctrl-C stops everybody; what they wrote is kept.')
  await Promise.race(people.map(async ({ child }) => void (await once(child, 'exit'))))
} catch (error) {
  // What a stop cuts off is no failure.
  if (stopping === undefined) {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
} finally {
  await stop()
}
