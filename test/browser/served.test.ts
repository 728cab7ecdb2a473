/** A phone's browser at the https address of one's own daemon: signed in by the code, and notified through a push service. */

import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openWebPushStandIn, type WebPushStandIn } from '../pnserver/support/web-push-stand-in.ts'
import type { PushSettings } from '../../protocol/http-push.ts'
import { BrowserTests, type Visited } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'
import { TlsProxy } from './support/tls-proxy.ts'
import { controlled, pusher, shows } from './support/worker.ts'

const folder = mkdtempSync(join(tmpdir(), 'w-'))
const socket = join(folder, 's.sock')
const proxy = new TlsProxy(socket)
await proxy.listen()
const browser = new BrowserTests(t, [proxy.flag])
const alice = new Person('Alice', { serve: { socket, origin: proxy.origin } })
const bob = new Person('Bob')
t.teardown(async () => {
  await proxy.close()
  rmSync(folder, { recursive: true, force: true })
})

/** The one push service that browsers and daemons both know, as far as this process goes: a stand-in. */
const service = 'https://fcm.googleapis.com'
let standIn: WebPushStandIn | undefined

/** As fetch() does it, but for where the name leads. */
async function fetchFromStandIn(url: string, { method, headers, body }: RequestInit): Promise<Response> {
  if (standIn === undefined || !url.startsWith(`${service}/`)) throw new TypeError('there is no network here')
  const own = headers as Record<string, string>
  const { promise, resolve, reject } = Promise.withResolvers<Response>()
  const asked = request(
    url.replace(service, `https://${standIn.host}`),
    { method, headers: own, ca: standIn.ca, agent: false },
    (answer) => {
      buffer(answer).then(() => resolve(new Response(null, { status: answer.statusCode ?? 502 })), reject)
    },
  )
  asked.on('error', reject)
  asked.end(body as Uint8Array)
  return await promise
}

const { fetch: usual } = globalThis
t.teardown(() => {
  globalThis.fetch = usual
})

await browser.before(async () => {
  globalThis.fetch = fetchFromStandIn as typeof fetch
  await startPeople(t, alice, bob)
  await alice.befriend(bob)
})

/** The browser on the phone, which came by the code that a signed-in page shows. */
const phone: Visited = {
  name: 'Alice',
  origin: proxy.origin,
  pageLink: async () => (await alice.client.ask<{ url: string }>('POST', '/sessions/links', {})).url,
}

browser.test(
  'what somebody writes is pushed to the phone, shown there, opened by a touch, and gone when it is read',
  async (t, visits) => {
    const { applicationServerKey: key } = await alice.client.ask<PushSettings>('GET', '/push-subscriptions')
    standIn = await openWebPushStandIn(new Uint8Array(Buffer.from(key, 'base64url')), Date.now, service)
    t.teardown(async () => await standIn?.close())
    const { publicKey, secret } = standIn.subscription()
    const page = await visits.open(phone, { width: 360 })
    const context = page.context()
    await context.grantPermissions(['notifications'], { origin: proxy.origin })
    // Debian's Chromium has no push service: what one would give the page is given by the test.
    const given = { endpoint: `${service}/push/one`, p256dh: [...publicKey], auth: [...secret] }
    await context.addInitScript(({ endpoint, ...keys }) => {
      let made: unknown = null
      Object.assign(PushManager.prototype, {
        getSubscription: async () => await Promise.resolve(made),
        subscribe: async (options: { userVisibleOnly: boolean; applicationServerKey: Uint8Array }) => {
          if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new TypeError('refused')
          made = {
            endpoint,
            getKey: (name: 'p256dh' | 'auth') => Uint8Array.from(keys[name]).buffer,
            unsubscribe: () => true,
          }
          return await Promise.resolve(made)
        },
      })
    }, given)
    await controlled(page)
    await page.reload()
    await controlled(page)
    await page.getByRole('button', { name: 'Settings' }).click()
    await page.getByRole('switch', { name: 'Also while Warren is closed' }).press(' ')
    await page.getByText('Through fcm.googleapis.com').waitFor()
    const push = await pusher(page, proxy.origin)
    const { id: tag } = await alice.conversation(bob)
    const pushed = async (count: number): Promise<string> => {
      await standIn?.delivered(count)
      return JSON.stringify(standIn?.arrivals[count - 1]?.data)
    }

    await bob.say(alice, 'dinner at eight?')
    await push(await pushed(1))
    await shows(page, [{ title: 'Bob', body: 'dinner at eight?', tag }])
    t.notMatch(standIn.arrivals[0]?.body.toString('latin1'), /dinner|Bob/, 'sealed on its way')

    const [worker] = context.serviceWorkers()
    await worker?.evaluate(async () => {
      const { registration } = globalThis as unknown as { registration: ServiceWorkerRegistration }
      const [notification] = await registration.getNotifications()
      const touch = Object.assign(new Event('notificationclick'), { notification, waitUntil: () => undefined })
      globalThis.dispatchEvent(touch)
    })
    await page.getByTestId('message').filter({ hasText: 'dinner at eight?' }).waitFor()
    await shows(page, [])
    // Read: the daemon tells browsers, which may be closed.
    await push(await pushed(2))
    t.match(standIn.arrivals[1]?.data, { type: 'read', conversation: tag })

    await page.getByRole('button', { name: 'Back' }).click()
    const patched = page.waitForResponse((answer) => answer.request().method() === 'PATCH')
    await page.getByRole('switch', { name: 'Show who wrote, and what' }).press(' ')
    await patched
    await bob.say(alice, 'nobody else may see this')
    await push(await pushed(3))
    await shows(page, [{ title: 'Warren', body: 'New message', tag }])
    t.strictSame(standIn.answers, [201, 201, 201])
  },
)
