/** The page's service worker: its shell while the daemon is down, and notifications. */

import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { BrowserTests, consoleSays, type Visits } from './support/browser.ts'
import { contains } from './support/field.ts'
import { builtPage, Person, startPeople } from './support/person.ts'
import { controlled, pusher, shows, until } from './support/worker.ts'

const browser = new BrowserTests(t)
/** A copy of the page, of which another build can be made. */
const ui = mkdtempSync(join(tmpdir(), 'w-ui-'))
cpSync(builtPage, ui, { recursive: true })
t.teardown(() => rmSync(ui, { recursive: true, force: true }))
const alice = new Person('Alice', { ui })
const bob = new Person('Bob')
await browser.before(async () => {
  await startPeople(t, alice, bob)
  await alice.befriend(bob)
})

const row = (page: Page) => page.getByRole('link').filter({ hasText: 'Bob' })

/** A page that may show notifications, and says that nobody looks at it. */
async function unwatched(visits: Visits, expected: readonly RegExp[] = []): Promise<Page> {
  const page = await visits.open(alice, { expected })
  await row(page).waitFor()
  // A worker that begins while a page is on its way misses it: the page comes anew only once there is one.
  await controlled(page)
  await page.context().grantPermissions(['notifications'], { origin: alice.origin })
  // Until the page knows whether it may say who wrote, it does not.
  const settings = page.waitForResponse(`${alice.origin}/api/v1/push-subscriptions`)
  await page.reload()
  await controlled(page)
  await row(page).waitFor()
  await (await settings).finished()
  await page.evaluate(() => {
    document.hasFocus = () => false
  })
  return page
}

browser.test(
  'while the daemon is down the page is there all the same, and nothing of the owner’s is kept',
  async (t, visits) => {
    const page = await visits.open(alice, { expected: [consoleSays.daemonGone, /ERR_FAILED/] })
    await row(page).waitFor()
    await controlled(page)
    const kept = await page.evaluate(async () => {
      const found: string[] = []
      for (const name of await caches.keys())
        for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname)
      return found
    })
    t.ok(kept.includes('/'))
    t.ok(kept.some((path) => path.startsWith('/assets/index-')))
    t.strictSame(
      kept.filter((path) => path.startsWith('/api')),
      [],
    )
    await alice.stop()
    await page.reload()
    await page.getByRole('heading', { name: 'Warren is not running' }).waitFor()
    await alice.start()
    await row(page).waitFor()
  },
)

browser.test('what somebody else wrote into its cache is not shown', async (t, visits) => {
  const page = await visits.open(alice, { expected: [consoleSays.daemonGone, /ERR_FAILED|ERR_INTERNET|net::/] })
  await row(page).waitFor()
  await controlled(page)
  await page.evaluate(async () => {
    for (const name of await caches.keys()) {
      const cache = await caches.open(name)
      for (const request of await cache.keys())
        await cache.put(request, new Response('<h1>squatted</h1>', { headers: { 'content-type': 'text/html' } }))
    }
  })
  await alice.stop()
  await t.rejects(page.goto(`${alice.origin}/`), /ERR_/)
  await alice.start()
  // The page of the browser's own that says what went wrong may still be on its way into the first one.
  const again = await page.context().newPage()
  await again.goto(`${alice.origin}/`)
  await row(again).waitFor()
})

browser.test('a page that is open is loaded anew when its daemon comes back with another build', async (t, visits) => {
  const page = await visits.open(alice, { expected: [consoleSays.daemonGone, consoleSays.refused] })
  await row(page).click()
  await page.getByRole('textbox', { name: 'Message to Bob' }).fill('half a thought')
  await controlled(page)
  const address = page.url()
  await page.evaluate(() => {
    document.documentElement.title = 'the old one'
  })
  await alice.stop()
  appendFileSync(join(ui, 'service-worker.js'), '\n// another build\n')
  await alice.start()
  await page.waitForFunction(() => document.documentElement.title === '')
  await page.getByRole('textbox', { name: 'Message to Bob' }).waitFor()
  await contains(page.getByRole('textbox', { name: 'Message to Bob' }), 'half a thought')
  t.equal(page.url(), address, 'where it was')
  await page.getByRole('textbox', { name: 'Message to Bob' }).fill('')
})

browser.test(
  'a message that nobody looks at is shown, the newest of each conversation, until it is read',
  async (t, visits) => {
    const page = await unwatched(visits)
    const { id: tag } = await alice.conversation(bob)
    const path = `/conversations/${tag}`
    await bob.say(alice, 'one', 'two')
    await shows(page, [{ title: 'Bob', body: 'two', tag }])
    const { items } = await alice.client.ask<{ items: { order: string }[] }>('GET', `${path}/messages`)
    await alice.client.ask('POST', `${path}/read`, { upTo: items[0]?.order })
    await shows(page, [])

    await alice.client.ask('PATCH', path, { muted: true })
    await bob.say(alice, 'muted')
    await row(page).getByText('muted').waitFor()
    await alice.client.ask('PATCH', path, { muted: false })
    await shows(page, [])
    await page.getByRole('button', { name: 'Settings' }).click()
    const patched = page.waitForResponse((answer) => answer.request().method() === 'PATCH')
    await page.getByRole('switch', { name: 'Show who wrote, and what' }).press(' ')
    t.match(await (await patched).json(), { previews: false })
    await bob.say(alice, 'unseen')
    await shows(page, [{ title: 'Warren', body: 'New message', tag }])
  },
)

browser.test(
  'a push is shown, replaces the one before it, and is taken away when it was read elsewhere',
  async (t, visits) => {
    const page = await unwatched(visits, [consoleSays.refused]) // a picture that a bare file has not
    const push = await pusher(page, alice.origin)
    await page.goto('about:blank')
    const other = await page.context().newPage()
    await other.goto(`${alice.origin}/manifest.webmanifest`) // of the origin, and no page of Warren's
    const word = { type: 'message', conversation: 'abc', title: 'Bob', body: 'one', at: 1_800_000_000_000 }
    await push(JSON.stringify(word))
    await push(JSON.stringify({ web_push: 8030, notification: { title: 'Bob', data: { ...word, body: 'two' } } }))
    await shows(other, [{ title: 'Bob', body: 'two', tag: 'abc' }])
    await push(JSON.stringify({ type: 'read', conversation: 'abc' }))
    await shows(other, [])
    await push('{"type":"of a newer Warren"}')
    await shows(other, [{ title: 'Warren', body: '', tag: 'warren' }])
  },
)

browser.test('a push of what somebody looks at is not shown, wherever the page was opened', async (t, visits) => {
  const page = await visits.open(alice)
  await page.context().grantPermissions(['notifications'], { origin: alice.origin })
  // What is pushed before the worker is there is lost; no push service knows of it by then.
  await controlled(page)
  const push = await pusher(page, alice.origin)
  const { id: conversation } = await alice.conversation(bob)
  const word = { type: 'message', conversation, title: 'Bob', body: 'hello', at: 1_800_000_000_000 }
  await row(page).click()
  await page.getByRole('textbox', { name: 'Message to Bob' }).waitFor()
  await push(JSON.stringify(word))
  await push(JSON.stringify({ ...word, conversation: 'abc', body: 'elsewhere' }))
  await shows(page, [{ title: 'Bob', body: 'elsewhere', tag: 'abc' }])
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  await push(JSON.stringify(word))
  await until(page, (all) => all.some(({ body }) => body === 'hello'))
  t.pass('it is told as soon as nobody looks')
})
