/** The server and Apple, with all that lies between: HTTP in front, HTTP/2 behind. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { createLog } from '../../pnserver/log.ts'
import { startPnserver } from '../../pnserver/start.ts'
import { openStore } from '../../pnserver/store/open-store.ts'
import { rowIdOf } from '../../protocol/wake.ts'
import { apnsRig, hex, noteIn, topic } from './support/apns-rig.ts'
import { ask } from './support/rig.ts'
import { sendWake, Sleeper, wakeBody, type Surroundings } from './support/sleeper.ts'

t.test(
  'a phone is woken through Apple; a token that is gone empties its row, a key that is refused does not',
  async (t) => {
    const { provider, apple } = await apnsRig(t)
    const [secret, logged] = [randomBytes(32), [] as string[]]
    const store = await openStore({ store: 'memory', folder: '', secret, onError: () => undefined })
    const server = await startPnserver(
      {
        host: '127.0.0.1',
        port: 0,
        metricsPort: undefined,
        origin: undefined,
        secrets: [secret],
        trustProxy: ['127.0.0.1'],
        pushesAMinute: 1000,
        version: '0.0.0',
      },
      {
        store,
        providers: [provider],
        platforms: {},
        log: createLog((line) => logged.push(line), Date.now),
        now: Date.now,
      },
    )
    t.teardown(() => server.close())
    const next = async (): Promise<{ note: Uint8Array }> => {
      const before = apple.pushes.length
      while (apple.pushes.length === before) await new Promise((resolve) => setImmediate(resolve))
      return { note: new Uint8Array(noteIn(apple.pushes[before]?.payload)) }
    }
    const surroundings: Surroundings = {
      server,
      apple: { next },
      browsers: { next },
      now: Date.now,
      post: async (path, body, asking) => await ask(`${server.origin}${path}`, { method: 'POST', body, ...asking }),
    }
    const phone = new Sleeper(surroundings)
    apple.devices.set(hex(phone.target.token), { topics: [topic] })
    await phone.settle(1, 2)
    const note = new Uint8Array(randomBytes(160))
    const coming = next()
    const wake = async (contact: number, over = {}): Promise<void> => {
      await sendWake(surroundings, wakeBody(phone.keysFor(contact).capability, surroundings, over))
    }
    await wake(1, { note })
    t.strictSame((await coming).note, note)

    const sealed = async (contact: number): Promise<number | undefined> =>
      (await store.rows.get(rowIdOf(phone.keysFor(contact).capability), 0))?.sealed.length
    apple.mishaps.push({ status: 403, reason: 'InvalidProviderToken' })
    await wake(1)
    await server.settled()
    t.equal(await sealed(1), 1024)
    t.match(logged.join(''), /refuses the keys or topics.*InvalidProviderToken/)
    apple.mishaps.push({ status: 410, reason: 'Unregistered', timestamp: Date.now() + 60_000 })
    await wake(1)
    await server.settled()
    t.equal(await sealed(1), 0)
    t.equal(await sealed(2), 1024, 'of that row nothing was said')
  },
)
