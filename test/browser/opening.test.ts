/** From a bare browser to a signed-in page: how to open it, pairing, first run, and signing out again. */

import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { violations } from './support/axe.ts'
import { BrowserTests, consoleSays } from './support/browser.ts'
import { setClockBack } from './support/clock.ts'
import { contains } from './support/field.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const alice = new Person('alice', { fresh: true, listen: [] })
await browser.before(async () => await startPeople(t, alice))

browser.test('a bare browser is told how to open the page', async (t, visits) => {
  const page = await visits.open(alice, { unpaired: true })
  await page.getByRole('heading', { name: 'Open Warren from your device' }).waitFor()
  await page.getByText('warren open', { exact: true }).waitFor()
  t.equal(await page.getByRole('button').count(), 1, 'nothing but the command can be touched')
})

browser.test('what every test watches for would be seen', async (t, visits) => {
  const page = await visits.open(alice, { unpaired: true })
  await page.getByRole('heading', { name: 'Open Warren from your device' }).waitFor()
  t.strictSame(await violations(page), [])
  await page.evaluate(async () => {
    const picture = document.createElement('img')
    picture.src = '/icon.svg'
    picture.setAttribute('style', 'width: 9px')
    document.body.append(picture)
    await fetch('http://127.0.0.1:9/').catch(() => undefined)
    setTimeout(() => {
      throw new Error('thrown in the page')
    })
    void Promise.reject(new Error('rejected in the page'))
    try {
      document.body.innerHTML = '<b>not trusted</b>'
    } catch {
      // As it should.
    }
    const inline = document.createElement('script')
    inline.append('window.ran = true')
    document.body.append(inline)
    alert('said aloud')
    open(location.href)
    await new Promise((resolve) => {
      setTimeout(resolve)
    })
  })
  t.match(await violations(page), [/^image-alt: /])
  const [, popup] = page.context().pages()
  await popup?.waitForLoadState()
  await popup?.evaluate(() => {
    setTimeout(() => {
      throw new Error('thrown in another page')
    })
  })
  // Timers of one length go off in order.
  await popup?.evaluate(async () => {
    await new Promise((resolve) => {
      setTimeout(resolve)
    })
  })
  t.equal(await page.evaluate('window.ran'), undefined, 'no script but those of files runs')
  const problems = visits.takeProblems().join('\n')
  for (const each of [
    /policy: style-src-attr/,
    /policy: connect-src/,
    /console: .*Content Security/,
    /thrown in the page/,
    /rejected in the page/,
    /policy: require-trusted-types-for/,
    /dialog: said aloud/,
    /thrown in another page/,
  ]) {
    t.match(problems, each)
  }
})

/** Takes more of playwright than its types. */
const drives = (text: string): boolean => /import \{(?! type)[^}]*\} from 'playwright-core'|chromium\.launch/.test(text)

t.test('no test drives a browser past the watch', async (t) => {
  const folder = new URL('.', import.meta.url)
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const found = files.filter((name) => drives(readFileSync(new URL(name, folder), 'utf8')))
  t.strictSame(found, ['support/browser.ts'])
  t.ok(drives(['chromium', 'launch()'].join('.')))
  t.notOk(drives("import type { Page } from 'playwright-core'"))
})

browser.test(
  'a link works once, leaves no code in the address, and the session outlives a reload',
  async (t, visits) => {
    const page = await visits.open(alice, { unpaired: true })
    const link = await alice.pageLink()
    t.match(link, /^http:\/\/127\.0\.0\.1:\d+\/\?open=.+#code=./)
    await page.goto(link)
    await page.getByRole('heading', { name: 'Welcome to Warren' }).waitFor()
    t.equal(page.url(), `${alice.origin}/#/`)
    await page.reload()
    await page.getByRole('heading', { name: 'Welcome to Warren' }).waitFor()
    t.notMatch(await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })'), /secret|code|token/i)

    const other = await visits.open(alice, { unpaired: true, expected: [consoleSays.refused] })
    await other.goto(link)
    await other.getByRole('heading', { name: 'This link was already used' }).waitFor()
    t.equal(other.url(), `${alice.origin}/#/`)
  },
)

browser.test('a reload, however soon, does not use a link up', async (t, visits) => {
  const before = await alice.client.list('/sessions')
  const page = await visits.open(alice, { unpaired: true, routed: true, expected: [/ERR_ABORTED|ERR_FAILED/] })
  const swapped = Promise.withResolvers<void>()
  // The code is swapped, and the page is gone before it hears of it.
  await page.route(
    '**/session/pair',
    async (route) => {
      await route.fetch()
      swapped.resolve()
    },
    { times: 1 },
  )
  await page.goto(await alice.pageLink())
  await swapped.promise
  await page.reload()
  await page.getByRole('heading', { name: 'Welcome to Warren' }).waitFor()
  t.equal((await alice.client.list('/sessions')).length, before.length + 1)
  t.equal(page.url(), `${alice.origin}/#/`)
  t.strictSame(await page.evaluate('Object.keys(sessionStorage)'), [], 'nothing of it is left')

  // A reload that began before the code was out of the address bar brings it back after all: refused, and the session is there.
  const other = await visits.open(alice, { unpaired: true, expected: [/ERR_ABORTED|ERR_FAILED|status of 401/] })
  await other.goto(await alice.pageLink(), { waitUntil: 'domcontentloaded' })
  for (let count = 0; count < 5; count += 1) await other.reload({ waitUntil: 'domcontentloaded' })
  await other.getByRole('heading', { name: 'Welcome to Warren' }).waitFor()
  t.equal((await alice.client.list('/sessions')).length, before.length + 2)
})

browser.test('an answer that is cut off in the middle does not use a link up', async (t, visits) => {
  const page = await visits.open(alice, { unpaired: true })
  await page.addInitScript(() => {
    const fetched = globalThis.fetch
    globalThis.fetch = async (input, options) => {
      const response = await fetched(input, options)
      if (!response.url.endsWith('/session/pair') || window.name === 'cut') return response
      window.name = 'cut' // which outlives a reload
      const body = new ReadableStream({ start: (controller) => controller.error(new TypeError('cut off')) })
      return new Response(body, { status: response.status, headers: response.headers })
    }
  })
  await page.goto(await alice.pageLink())
  await page.getByRole('heading', { name: 'Open Warren from your device' }).waitFor()
  t.match(page.url(), /#code=./, 'it is there for the next load')
  await page.reload()
  await page.getByRole('heading', { name: 'Welcome to Warren' }).waitFor()
  t.equal(page.url(), `${alice.origin}/#/`)
})

browser.test('the first run asks for a name, shows the addresses and lets the name be hidden', async (t, visits) => {
  const page = await visits.open(alice)
  const name = page.getByRole('textbox', { name: 'What shall others call you?' })
  t.equal(await name.inputValue(), 'alice', 'the name of the machine’s user is proposed')
  await name.fill('  ')
  t.ok(await page.getByRole('button', { name: 'Start chatting' }).isDisabled(), 'nobody is nameless')
  await name.fill('Alice')
  const { network } = await alice.me()
  const shown = await page.getByTestId('addresses').getByTestId('copy-text').allTextContents()
  t.strictSame(
    shown.map((each) => each.trim()),
    network.addresses.filter(({ kind }) => kind !== 'loopback').map(({ text }) => text),
  )
  await page
    .getByText(network.tailnet ? 'Tailnet' : 'No tailnet was found')
    .first()
    .waitFor()
  const visible = page.getByRole('switch', { name: 'Visible by name to devices nearby' })
  t.ok(await visible.isChecked(), 'on unless told otherwise')
  await visible.press(' ')
  await page.getByRole('button', { name: 'Start chatting' }).click()
  await page.getByRole('heading', { name: 'It is quiet in here' }).waitFor()
  t.match(await alice.me(), { name: 'Alice', visibleNearby: false, welcomed: true })
  await page.reload()
  await page.getByRole('heading', { name: 'It is quiet in here' }).waitFor()
})

browser.test('settings change name, status, colour, visibility and language, for good', async (t, visits) => {
  const page = await visits.open(alice)
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Alice Archer')
  await page.getByRole('textbox', { name: 'Status' }).fill('in the garden')
  // One right after the other, as quick hands do.
  await page.getByRole('radio', { name: 'Grey' }).check()
  await page.getByRole('switch', { name: 'Visible by name to devices nearby' }).press(' ')
  const own = await alice.meAs(({ visibleNearby, color }) => visibleNearby && color === '#5c6370')
  t.match(own, { name: 'Alice Archer', status: 'in the garden', color: '#5c6370' })
  const { fingerprint } = own
  t.equal(await page.getByText(fingerprint, { exact: true }).count(), 1)
  await page.getByRole('combobox', { name: 'Language' }).selectOption('Deutsch')
  await page.getByRole('heading', { name: 'Einstellungen' }).waitFor()
  t.equal(await page.evaluate('document.documentElement.lang'), 'de')
  await page.reload()
  await page.getByRole('heading', { name: 'Einstellungen' }).waitFor()
  await contains(page.getByRole('textbox', { name: 'Name', exact: true }), 'Alice Archer')
})

browser.test('the browser’s own language is spoken, if it is one of ours', async (t, visits) => {
  const german = await visits.open(alice, { language: 'de-AT', unpaired: true })
  await german.getByRole('heading', { name: 'Öffne Warren von deinem Gerät aus' }).waitFor()
  const other = await visits.open(alice, { language: 'fr-FR', unpaired: true })
  await other.getByRole('heading', { name: 'Open Warren from your device' }).waitFor()
  t.equal(await other.evaluate('document.documentElement.lang'), 'en')
})

browser.test('a browser is signed out from another one, and says so', async (t, visits) => {
  const here = await visits.open(alice, { expected: [consoleSays.refused] })
  const there = await visits.open(alice, { expected: [consoleSays.refused] })
  await there.getByRole('heading', { name: 'It is quiet in here' }).waitFor()
  await here.getByRole('button', { name: 'Settings' }).click()
  const sessions = here.getByTestId('sessions').getByRole('listitem')
  const before = await alice.client.list<{ id: string }>('/sessions')
  await sessions.nth(before.length - 1).waitFor()
  t.equal(await sessions.filter({ hasText: 'This browser' }).count(), 1)
  // The newest of the others was opened last.
  const others = sessions.filter({ hasNotText: 'This browser' })
  for (let left = before.length - 1; left > 0; left -= 1) {
    await others
      .first()
      .getByRole('button', { name: /^Sign out/ })
      .click()
    await here.getByRole('dialog', { name: 'Sign this browser out?' }).waitFor()
    await here.getByRole('button', { name: 'Sign out', exact: true }).click()
    await others.nth(left - 1).waitFor({ state: 'detached' })
  }
  await there.getByRole('heading', { name: 'This browser was signed out' }).waitFor()
  t.equal(await there.getByText('Alice').count(), 0, 'nothing of the owner is left on the screen')
  await there.reload()
  await there.getByRole('heading', { name: 'Open Warren from your device' }).waitFor()

  await sessions
    .first()
    .getByRole('button', { name: /^Sign out/ })
    .click()
  await here.getByText('This is the browser you are using.').waitFor()
  await here.getByRole('button', { name: 'Cancel' }).click()
  await sessions
    .first()
    .getByRole('button', { name: /^Sign out/ })
    .click()
  await here.getByRole('button', { name: 'Sign out', exact: true }).click()
  await here.getByRole('heading', { name: 'Open Warren from your device' }).waitFor()
  t.strictSame(await alice.client.list('/sessions'), [])
})

browser.test('something else on the port is shown nothing', async (t, visits) => {
  const page = await visits.open(alice, { routed: true })
  await page.getByRole('heading', { name: 'It is quiet in here' }).waitFor()
  const sent: string[] = []
  await page.route('**/api/v1/**', async (route) => {
    sent.push(
      route
        .request()
        .url()
        .replace(/.*\/api\/v1/, ''),
    )
    const isHealth = route.request().url().endsWith('/health')
    const json = isHealth
      ? { status: 'ok', version: '1', apiVersion: 1 }
      : { nonce: 'AAAAAAAAAAAAAAAAAAAAAA', proof: 'AAAA' }
    await route.fulfill({ json })
  })
  await page.reload()
  await page.getByRole('heading', { name: 'This is not your Warren' }).waitFor()
  t.equal(await page.getByRole('button', { name: 'Try again' }).count(), 1)
  t.strictSame(sent.slice(0, 2), ['/health', '/session/hello'])
  t.notOk(sent.includes('/session/prove'), 'the own proof is kept back')
  await page.unroute('**/api/v1/**')
  // By itself: the button only makes it sooner.
  await page.getByRole('heading', { name: 'It is quiet in here' }).waitFor()
})

browser.test('a tab that was left open says how to sign in again once its session has expired', async (t, visits) => {
  const page = await visits.open(alice, { expected: [consoleSays.refused] })
  await page.getByRole('heading', { name: 'It is quiet in here' }).waitFor()
  const { length } = await alice.client.list('/sessions')
  setClockBack(-31 * 24 * 60)
  t.teardown(() => setClockBack(0))
  // Whatever is done first tells.
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('heading', { name: 'This browser was signed out' }).waitFor()
  await page.getByText('warren open', { exact: true }).waitFor()
  t.ok(length > 0)
  t.strictSame(await alice.client.list('/sessions'), [])
  await page.goto(await alice.pageLink())
  await page.getByRole('heading', { name: 'It is quiet in here' }).waitFor()
})
