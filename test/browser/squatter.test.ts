/** A program of somebody else on our port while the daemon is down, with its own page in the owner's browser: what it can keep. */

import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import type { SessionChallenge, SessionInfo } from '../../protocol/http-access.ts'
import { BrowserTests, consoleSays, type Visits } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'
import { openAsOwner, Squatter, type Loot, type SquatterOptions } from './support/squatter.ts'

const browser = new BrowserTests(t)
const alice = new Person('alice', { listen: [] })
await browser.before(async () => await startPeople(t, alice))

const portOf = (person: Person): number => Number(new URL(person.origin).port)
const nonce = (): string => randomBytes(16).toString('base64url')
const home = { name: 'It is quiet in here' }

async function ask(path: string, body: object, origin = alice.origin): Promise<{ status: number; body: unknown }> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${origin}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: answer.status, body: await answer.json().catch(() => undefined) }
}

const me = async (token: string, origin = alice.origin): Promise<number> =>
  (await fetch(`${origin}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status

/** The page's own scripts, by the names that the daemon serves them under. */
function assetNames(): string[] {
  const folder = process.env['WARREN_UI'] ?? fileURLToPath(new URL('../../build/ui', import.meta.url))
  const scripts = readdirSync(`${folder}/assets`).filter((name) => name.endsWith('.js'))
  return scripts.map((name) => `/assets/${name}`)
}

/** Alice's page is open, her daemon is down, and she reloads: the page is the squatter's now. */
async function squat(
  visits: Visits,
  options: Omit<SquatterOptions, 'port'> = {},
): Promise<{ page: Page; squatter: Squatter; loot: Loot }> {
  const page = await visits.open(alice, { expected: [consoleSays.daemonGone, consoleSays.refused, /WebSocket/] })
  await page.getByRole('heading', home).waitFor()
  await alice.stop()
  const squatter = new Squatter({ ...options, port: portOf(alice) })
  await squatter.listen()
  await page.goto(`${alice.origin}/`)
  const loot = await squatter.loot()
  return { page, squatter, loot }
}

async function back(squatter: Squatter): Promise<void> {
  await squatter.close()
  await alice.start()
}

/** The proofs and tokens that it made work nowhere. */
async function worthless(t: Test, loot: Loot): Promise<void> {
  for (const [text, signature] of Object.entries(loot.signed)) {
    const name = text.replaceAll('\0', ' ')
    t.equal(await me(signature), 401, `as a token: ${name}`)
    const hello = await ask('/session/hello', { sessionId: loot.sessionId, nonce: 'A'.repeat(22) })
    const { nonce: theirs } = hello.body as SessionChallenge
    for (const each of [theirs, 'A'.repeat(22)]) {
      const proof = { sessionId: loot.sessionId, nonce: each, proof: signature }
      t.equal((await ask('/session/prove', proof)).status, 401, `as a proof: ${name}`)
    }
  }
}

const guesses = ['page', 'daemon', 'token', 'site'].flatMap((who) => [
  `warren/1/${who}\0ID\0${'A'.repeat(22)}\0${'A'.repeat(22)}`,
  `warren/1/${who}\0ID\0${'A'.repeat(22)}\0`,
  ['warren/1/', who, '\0ID\0', '127.0.0.1'].join(''),
])

browser.test('it gets no secret, and nothing that it made works once the daemon is back', async (t, visits) => {
  const { squatter, loot } = await squat(visits, { says: guesses })
  t.equal(loot.exported, 'InvalidAccessError', 'the key stays in the browser')
  t.notMatch(loot.stored, /token|secret|code/i)
  t.equal(Object.keys(loot.signed).length, guesses.length)
  await back(squatter)
  await worthless(t, loot)
})

browser.test('what it left in the cache is gone with the next link', async (t, visits) => {
  const { page, squatter } = await squat(visits)
  // Its own copies of our very files, to be kept for a year.
  const cached = await page.evaluate(async (names) => {
    const texts: string[] = []
    for (const name of names) {
      await fetch(name, { cache: 'reload' })
      texts.push(await (await fetch(name, { cache: 'force-cache' })).text())
    }
    return texts
  }, assetNames())
  t.ok(cached.length > 0 && cached.every((text) => text.includes('squatted asset')))
  await back(squatter)
  const bookmark = await page.context().newPage()
  await bookmark.goto(`${alice.origin}/`)
  t.equal(await bookmark.title(), 'Warren')
  t.notOk(
    await bookmark.locator('warren-app').count(),
    'the browser does not even ask for the page: see docs/security.md',
  )
  const opened = await page.context().newPage()
  await opened.goto(await alice.pageLink())
  await opened.getByRole('heading', home).waitFor()
  await bookmark.goto(`${alice.origin}/#/settings`)
  await bookmark.reload()
  await bookmark.getByRole('heading', { name: 'Settings' }).waitFor()
  await page.goto('about:blank')
  await page.goto(`${alice.origin}/`)
  await page.getByRole('heading', home).waitFor()
})

browser.test('its service worker is retired by the daemon, after one load at most', async (t, visits) => {
  const { page, squatter } = await squat(visits, { worker: true })
  await back(squatter)
  await page.goto('about:blank')
  await page.goto(`${alice.origin}/?once`)
  t.match(await page.textContent('body'), /from the worker/, 'the first load is its own')
  // The browser looks for its next script behind that load, and the pages are loaded anew.
  await page.getByRole('heading', home).waitFor()
  // Registering ours in its place takes a moment more.
  const scripts = async (): Promise<string> =>
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready
      const all = await navigator.serviceWorker.getRegistrations()
      return all.map(({ active }) => new URL(active?.scriptURL ?? '', location.href).pathname).join()
    })
  while ((await scripts()) !== '/service-worker.js');
  t.equal(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length), 1)
})

browser.test('it cannot relay to the daemon on another port, though the key signs what it likes', async (t, visits) => {
  const { page, squatter, loot } = await squat(visits)
  const origin = await alice.startElsewhere()
  const own = nonce()
  const hello = await ask('/session/hello', { sessionId: loot.sessionId, nonce: own }, origin)
  t.equal(hello.status, 200)
  const { nonce: theirs } = hello.body as SessionChallenge
  const sign = async (who: string): Promise<string> =>
    await page.evaluate(
      async (text) => await (globalThis as unknown as { sign: (text: string) => Promise<string> }).sign(text),
      `warren/1/${who}\0${loot.sessionId}\0${own}\0${theirs}`,
    )
  const proof = { sessionId: loot.sessionId, nonce: theirs, proof: await sign('page') }
  t.equal((await ask('/session/prove', proof, origin)).status, 401)
  t.equal(await me(await sign('token'), origin), 401)
  await alice.stop()
  await back(squatter)
  const link = await alice.pageLink()
  await page.goto(link)
  await page.getByRole('heading', home).waitFor()
})

browser.test(
  'its script that stays loaded is the owner’s page to the daemon, until it is revoked',
  async (t, visits) => {
    const { page, squatter, loot } = await squat(visits)
    await back(squatter)
    const open = async (): Promise<number> => await page.evaluate<number>(openAsOwner(loot.sessionId))
    t.equal(await open(), 200, 'the residual that docs/security.md names')
    for (const { id } of await alice.client.list<SessionInfo>('/sessions'))
      await alice.client.ask('DELETE', `/sessions/${id}`)
    t.equal(await open(), 401, '`warren sessions revoke all` ends it')
  },
)
