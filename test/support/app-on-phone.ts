/** A phone as its app's shell makes one of a daemon: registered at a push server, asleep, and woken by what Apple's stand-in has for it. */

import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import type { Came, PhonePush } from '../../daemon/options.ts'
import type { WholeServer } from '../pnserver/support/whole-server.ts'
import { topic } from '../pnserver/support/apple.ts'
import { startHere, type Here } from './here.ts'
import type { Seat } from './seat.ts'

interface Push {
  readonly note?: Uint8Array
  readonly code?: Uint8Array
}

const bytesIn = (text: string | undefined): Uint8Array | undefined =>
  text === undefined ? undefined : new Uint8Array(Buffer.from(text, 'base64'))

const turn = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve))

export class Phone {
  readonly here: Here
  readonly #whole: WholeServer
  #token = ''
  /** Of all pushes so many were looked at. */
  #seen = 0
  readonly #came: (readonly Came[])[] = []
  #onCame: () => void = () => undefined

  constructor(here: Here, whole: WholeServer) {
    this.here = here
    this.#whole = whole
    here.daemon.onCame((conversations) => {
      this.#came.push(conversations)
      this.#onCame()
    })
  }

  get seat(): Seat {
    return this.here.seat
  }

  get push(): PhonePush {
    const push = this.here.daemon.push()
    if (push === undefined) throw new Error('the phone is locked or asleep')
    return push
  }

  /** What Apple calls it from now on is told to the push server, and proven. */
  async register(): Promise<void> {
    const { production, server } = this.#whole
    const token = new Uint8Array(randomBytes(32))
    this.#token = Buffer.from(token).toString('hex')
    production.devices.set(this.#token, { topics: [topic] })
    await this.push.use(server.origin)
    const { pendingId } = await this.push.register({ platform: 'apns', environment: 'production', topic, token })
    const { code = new Uint8Array(0) } = await this.pushed()
    await this.push.verify(pendingId, code)
  }

  /** Resolves once these friends hold what wakes it. */
  async granted(friends: readonly Seat[]): Promise<void> {
    while (this.push.settings().wakers < friends.length) await turn()
    await grantsArrive(this.seat, friends)
  }

  /** The next push that reaches it. */
  async pushed(): Promise<Push> {
    const { production } = this.#whole
    for (;;) {
      await production.delivered(this.#seen + 1)
      const push = production.pushes[this.#seen]
      this.#seen += 1
      if (push?.token !== this.#token) continue
      const { note, code } = push.payload as { note?: string; code?: string }
      return { note: bytesIn(note), code: bytesIn(code) } as Push
    }
  }

  /** Asleep, and its friends know. */
  async sleeps(friends: readonly Seat[]): Promise<void> {
    this.seat.unfollow()
    await this.here.daemon.suspend()
    for (const friend of friends) await friend.contact('accepted', false)
  }

  /** Resolves with what came, in words: how many in each conversation. */
  async wakes(note?: Uint8Array): Promise<readonly Came[]> {
    await this.here.daemon.resume(note)
    this.seat.follow()
    return await this.came()
  }

  /** What it is told next. */
  async came(): Promise<readonly Came[]> {
    for (;;) {
      const next = this.#came.shift()
      if (next !== undefined) return next
      await new Promise<void>((resolve) => {
        this.#onCame = resolve
      })
    }
  }
}

/** What a phone says behind its grants comes behind them. */
export async function grantsArrive(phone: Seat, friends: readonly Seat[]): Promise<void> {
  for (const text of ['are you there?', 'good night']) {
    for (const friend of friends) {
      const { id } = await friend.direct()
      await phone.say(id, text, `${text} ${id.slice(0, 20)}`)
      await friend.hears(id, text)
    }
  }
}

export const startPhone = async (t: Test, home: string, whole: WholeServer): Promise<Phone> =>
  new Phone(await startHere(t, home, 'phone', { deviceClass: 'phone' }), whole)

/** Contacts of each other, and linked. */
export async function befriend(from: Seat, { seat, port }: Pick<Here, 'seat' | 'port'>): Promise<string> {
  const peer = await from.look(`127.0.0.1:${port}`)
  await from.client.ask('POST', '/contacts', { deviceId: peer.deviceId, note: '' })
  const { id } = await seat.contact('incoming')
  await seat.client.ask('PATCH', `/contacts/${id}`, { state: 'accepted' })
  await from.contact('accepted', true)
  await seat.until(
    async () =>
      (await seat.contacts()).every(({ state, online }) => state === 'accepted' && online) ? true : undefined,
    'to be linked with all',
  )
  return (await from.direct()).id
}
