/** A phone that sleeps, in this process, a push server that pushes to it, and friends in processes of their own. */

import { randomBytes } from 'node:crypto'
import { Client } from '../../daemon/cli/client.ts'
import { startDaemon as startHere } from '../../daemon/daemon.ts'
import type { RunningDaemon } from '../../daemon/options.ts'
import type { PushProvider } from '../../pnserver/push/provider.ts'
import { startPnserver, type RunningPnserver } from '../../pnserver/start.ts'
import { openStore } from '../../pnserver/store/open-store.ts'
import type { MessagePage } from '../../protocol/http-conversations.ts'
import type { Bench } from './bench.ts'
import { befriend } from './contacts.ts'
import type { DaemonProcess } from './daemon-process.ts'
import { startDaemon } from './pair.ts'

const topic = 'org.example.warren'

export interface Friend {
  readonly daemon: DaemonProcess
  readonly conversation: string
}

/** What came, one after the other; each is handed out once. */
class Arrivals<T> {
  readonly #items: T[] = []
  #wake: () => void = () => undefined

  add(item: T): void {
    this.#items.push(item)
    this.#wake()
  }

  async next(): Promise<T> {
    for (;;) {
      const item = this.#items.shift()
      if (item !== undefined) return item
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

export interface PhoneScene {
  readonly phone: RunningDaemon
  readonly friends: readonly Friend[]
  readonly pushes: Arrivals<Uint8Array>
  /** How many messages came. */
  readonly came: Arrivals<number>
}

/** A push service that reaches the phone at once. */
async function openServer(bench: Bench, pushes: Arrivals<Uint8Array>): Promise<RunningPnserver> {
  const provider: PushProvider = {
    platform: 'apns',
    accepts: () => true,
    send: async ({ note }) => {
      pushes.add(note)
      return await Promise.resolve({ is: 'delivered' })
    },
    close: async () => await Promise.resolve(),
  }
  const secret = randomBytes(32)
  const options = { store: 'level', folder: bench.path('pnserver'), secret, onError: () => undefined }
  const server = await startPnserver(
    {
      host: '127.0.0.1',
      port: 0,
      metricsPort: undefined,
      origin: undefined,
      secrets: [secret],
      trustProxy: [],
      pushesAMinute: 1e6,
      version: '0.0.0',
    },
    {
      store: await openStore(options),
      providers: [provider],
      platforms: { apns: { topics: [topic] } },
      log: () => undefined,
      now: Date.now,
    },
  )
  bench.keep({ stop: async () => await server.close() })
  return server
}

const lookEveryMs = 5

/** Looks now and again until it is so. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
}

async function hears({ daemon, conversation }: Friend, text: string): Promise<boolean> {
  const { items } = await daemon.client.ask<MessagePage>('GET', `/conversations/${conversation}/messages?limit=10`)
  return items.some((each) => each.text === text)
}

/** All friends hold what wakes the phone, which is awake. */
export async function openScene(bench: Bench, count: number): Promise<PhoneScene> {
  const [pushes, came] = [new Arrivals<Uint8Array>(), new Arrivals<number>()]
  const server = await openServer(bench, pushes)
  const home = bench.path('phone')
  const on = { apiPort: 0, peerPort: 0, listen: ['127.0.0.1'], mdns: false, announceLoopback: true } as const
  const phone = await startHere({ home, name: 'phone', ...on, ui: home, logLevel: 'error', version: '0.0.0' })
  bench.keep({ stop: async () => await phone.close() })
  phone.onCame((conversations) => came.add(conversations.reduce((sum, each) => sum + each.count, 0)))
  const client = new Client(home)
  const friends: Friend[] = []
  for (let each = 0; each < count; each += 1) {
    const daemon = await startDaemon(bench, bench.path('friend'))
    friends.push({ daemon, conversation: await befriend(daemon.client, client) })
  }
  const push = phone.push()
  await push?.use(server.origin)
  const target = { platform: 'apns', environment: 'production', topic, token: new Uint8Array(randomBytes(32)) } as const
  const { pendingId = '' } = (await push?.register(target)) ?? {}
  await push?.verify(pendingId, await pushes.next())
  await until(() => push?.settings().wakers === count)
  for (const text of ['are you there?', 'good night']) {
    for (const friend of friends) {
      const path = `/conversations/${friend.conversation}/messages`
      await client.ask('POST', path, { text, clientId: `${text} ${friend.conversation.slice(0, 20)}` })
      await until(async () => await hears(friend, text))
    }
  }
  return { phone, friends, pushes, came }
}
