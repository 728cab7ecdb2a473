/** A conversation is saved from its page: said what that means, saved by the browser, readable, and checked. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { judgeFile } from '../../daemon/export/check-file.ts'
import { axe } from './support/axe.ts'
import { BrowserTests, type Visits } from './support/browser.ts'
import { setClockBack } from './support/clock.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const alice = new Person('Alice')
const bob = new Person('Bob')
const folder = mkdtempSync(join(tmpdir(), 'w-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

await browser.before(async () => {
  setClockBack(2 * 24 * 60)
  await startPeople(t, alice, bob)
  await alice.befriend(bob)
  await bob.say(alice, 'Are we still on for Saturday?', '<img src=x onerror=alert(1)> & "quotes"')
  setClockBack(0)
  await alice.say(bob, 'Of course! 🎉\nI bring:\n- the tent\n- a map', 'שלום, נתראה בשבת')
  await bob.say(alice, 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung')
  await alice.holds(bob, 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung')
})

const saveButton = (page: Page) => page.locator('[data-testid=export-save]:visible')

/** The dialog is there, and does not move or fade any more. */
async function shown(page: Page): Promise<void> {
  await saveButton(page).waitFor()
  await page.waitForFunction(() => {
    const rests = (root: Document | ShadowRoot): boolean =>
      root.getAnimations().every(({ playState }) => playState !== 'running') &&
      [...root.querySelectorAll('*')].every(({ shadowRoot }) => shadowRoot === null || rests(shadowRoot))
    return rests(document)
  })
}

async function openDialog(page: Page): Promise<void> {
  const { id } = await alice.conversation(bob)
  // A page that has just been opened goes where its owner was.
  await page.getByTestId('conversation').first().waitFor({ state: 'attached' })
  await page.evaluate((to) => {
    location.hash = to
  }, `#/c/${id}/details`)
  await page.getByTestId('export-conversation').click()
  await shown(page)
}

/** Presses the button, and answers where the browser put the file and what it calls it. */
async function save(page: Page): Promise<{ path: string; name: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), saveButton(page).click()])
  const name = download.suggestedFilename()
  mkdirSync(folder, { recursive: true })
  const path = join(folder, name)
  await download.saveAs(path)
  await saveButton(page).waitFor({ state: 'detached' })
  return { path, name }
}

/** The saved page in a browser of its own: what it asks for, and what it shows. */
async function read(t: Test, visits: Visits, path: string, name: string): Promise<void> {
  const page = await visits.elsewhere()
  const asked: string[] = []
  const said: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  page.on('console', (message) => said.push(message.text()))
  const address = pathToFileURL(path).href
  for (const width of [360, 1280])
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: width === 360 ? 740 : 800 })
      await page.emulateMedia({ colorScheme })
      await page.goto(address)
      await axe(t, page, `${name}-${width}-${colorScheme}`)
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      t.ok(wide <= width, 'nothing sticks out')
    }
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  t.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)')
  t.strictSame(
    asked.filter((each) => each !== address),
    [],
    'it asks for nothing',
  )
  t.strictSame(said, [], 'its own style is allowed by its policy')
  t.equal(await page.evaluate(() => document.querySelectorAll('script, img, link, iframe').length), 0)
  const texts = await page.locator('.text').allInnerTexts()
  t.strictSame(texts, await alice.texts(bob))
}

browser.test('as a page: said what leaves, saved under a name, read in any browser', async (t, visits) => {
  const page = await visits.open(alice)
  await openDialog(page)
  await page.getByText('The file leaves the protection of Warren').waitFor()
  await axe(t, page, 'export-dialog-1280-light')
  const { path, name } = await save(page)
  t.match(name, /^warren-bob-\d{4}-\d\d-\d\d\.html$/)
  await read(t, visits, path, 'exported-page')
  t.equal((readFileSync(path, 'utf8').match(/<h2>/g) ?? []).length, 2, 'a header for each day')
})

browser.test('as a file that is checked, on a phone, in German, by night', async (t, visits) => {
  const page = await visits.open(alice, { width: 360, scheme: 'dark', language: 'de-DE' })
  await openDialog(page)
  await page.getByText('Die Datei verlässt den Schutz von Warren').waitFor()
  await page.getByRole('radio', { name: 'Prüfbare Datei (JSON)' }).check()
  await axe(t, page, 'export-dialog-360-dark')
  const { path, name } = await save(page)
  t.match(name, /^warren-bob-\d{4}-\d\d-\d\d\.json$/)
  t.match(await judgeFile(path), { valid: true, report: { messages: 5, conversation: { kind: 'direct' } } })
  await openDialog(page)
  const html = await save(page)
  t.match(html.name, /\.html$/, 'the choice begins anew')
  t.match(readFileSync(html.path, 'utf8'), /<html lang="de">[\s\S]*Unterhaltung mit \u2068Bob\u2069/)
})

browser.test('by keyboard alone; what goes wrong is said in the dialog', async (t, visits) => {
  const page = await visits.open(alice, { routed: true, expected: [/Failed to load resource/] })
  await openDialog(page)
  await page.keyboard.press('Escape')
  await saveButton(page).waitFor({ state: 'detached' })
  const focused = async (): Promise<string | undefined> =>
    await page.evaluate(() => {
      let element = document.activeElement
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
      return element instanceof HTMLElement ? (element.dataset['testid'] ?? element.id ?? element.tagName) : undefined
    })
  await page.waitForFunction(() => {
    let element = document.activeElement
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
    return element instanceof HTMLElement && element.dataset['testid'] === 'export-conversation'
  })
  t.equal(await focused(), 'export-conversation', 'the focus is back where it was')
  await page.keyboard.press('Enter')
  await shown(page)
  const radio = page.getByRole('radio', { name: 'A page to read (HTML)' })
  await radio.focus()
  await page.keyboard.press('ArrowDown')
  t.ok(await page.getByRole('radio', { name: 'A file that can be checked (JSON)' }).isChecked())
  await page.route('**/export', async (route) => {
    await route.fulfill({
      status: 429,
      contentType: 'application/json',
      body: JSON.stringify({ error: { code: 'RATE_LIMITED', message: 'x' } }),
    })
  })
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  t.equal(await focused(), 'export-save')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').filter({ hasText: 'That was a lot at once' }).waitFor()
  await axe(t, page, 'export-dialog-refused')
  await page.unroute('**/export')
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
  t.match(download.suggestedFilename(), /\.json$/)
})

browser.test('notes to self are saved from the head of their page', async (t, visits) => {
  const page = await visits.open(alice, { width: 360 })
  await page.getByRole('link').filter({ hasText: 'Notes to self' }).click()
  await page.getByRole('button', { name: 'Export…' }).click()
  await shown(page)
  await page.getByText('The file leaves the protection of Warren').waitFor()
  await axe(t, page, 'export-notes-360-light')
  const { name } = await save(page)
  t.match(name, /^warren-notes-\d{4}-\d\d-\d\d\.html$/)
})
