/** What one may do about a person: another name, silence, a block, an end; and getting about by keys or on a phone. */

import type { Page } from 'playwright-core'
import t from 'tap'
import type { ServerEvent } from '../../protocol/events.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { BrowserTests } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const alice = new Person('Alice')
const bob = new Person('Bob')
const carol = new Person('Carol')
const zoe = new Person('Zoe', { fresh: true })
await browser.before(async () => {
  await startPeople(t, alice, bob, carol, zoe)
  await alice.befriend(bob)
  await alice.befriend(carol)
})

const composer = (page: Page, name: string) => page.getByRole('textbox', { name: `Message to ${name}` })
const words = (page: Page, text: string) => page.locator('.words').filter({ hasText: text })

async function openDetails(page: Page, name: string): Promise<void> {
  await page.getByRole('link').filter({ hasText: name }).click()
  await page.getByRole('button', { name: `Details of ${name}` }).click()
  await page.getByRole('heading', { name: 'Details' }).waitFor()
}

browser.test('a petname is only for its owner; name, status and colour come from the person', async (t, visits) => {
  const page = await visits.open(alice)
  await bob.client.ask('PATCH', '/me', { status: 'reading', color: '#1f7a4d' })
  await openDetails(page, 'Bob')
  await page.getByTestId('details').getByText('reading').waitFor()
  const { fingerprint } = await bob.me()
  t.equal((await page.getByTestId('fingerprint').textContent())?.trim(), fingerprint)
  const petname = page.getByRole('textbox', { name: 'Your name for them' })
  await petname.fill('Bobby <b>B</b>')
  await petname.press('Enter')
  await page.getByRole('heading', { name: 'Bobby <b>B</b>', level: 1 }).waitFor()
  await page.getByText('Calls themselves Bob').waitFor()
  await page.getByRole('link').filter({ hasText: 'Bobby <b>B</b>' }).waitFor()
  t.equal((await bob.me()).name, 'Bob')
  t.match(await bob.client.list('/contacts'), [{ name: 'Alice', petname: '' }])
  await petname.fill('')
  await petname.press('Enter')
  await page.getByRole('heading', { name: 'Bob', level: 1, exact: true }).waitFor()
})

/** Of an event or the snapshot before all: the muted conversation with Carol. */
function carols(event: ServerEvent): Conversation | undefined {
  const all =
    event.type === 'snapshot' ? event.conversations : event.type === 'conversation' ? [event.conversation] : []
  return all.find(({ title, muted }) => title === 'Carol' && muted)
}

browser.test('a muted conversation counts, but not in the title', async (t, visits) => {
  const page = await visits.open(alice)
  await openDetails(page, 'Carol')
  const mute = page.getByRole('switch', { name: 'Mute this conversation' })
  await mute.press(' ')
  await alice.hear(carols)
  await page.getByRole('link').filter({ hasText: 'Notes to self' }).click()
  await carol.say(alice, 'psst')
  await page.getByRole('link').filter({ hasText: 'Carol' }).getByText('1 unread message').waitFor({ state: 'attached' })
  t.equal(await page.title(), 'Warren')
  await bob.say(alice, 'hello')
  await page.waitForFunction(() => document.title === '(1) Warren')
  await page.reload()
  await openDetails(page, 'Carol')
  t.ok(await mute.isChecked(), 'kept')
  const span = page.getByLabel('For how long')
  t.equal(await span.inputValue(), 'always')
  await span.selectOption('For 8 hours')
  const until = await alice.hear((event) => carols(event)?.mutedUntil)
  const [hours] = [(until - Date.now()) / 3_600_000]
  t.ok(hours > 7 && hours <= 8, 'eight hours from now')
  await page.locator('option:checked').filter({ hasText: 'Until ' }).waitFor({ state: 'attached' })
  await mute.press(' ')
  await span.waitFor({ state: 'hidden' })
})

browser.test('a blocked person is shut out, unnoticed, until unblocked', async (t, visits) => {
  const page = await visits.open(alice)
  await openDetails(page, 'Carol')
  await page.getByRole('button', { name: 'Block' }).click()
  await page.getByRole('dialog', { name: 'Block Carol?' }).waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  t.match((await alice.contact('Carol', () => true)).state, 'accepted')
  await page.getByRole('button', { name: 'Block' }).click()
  await page.locator('[data-testid=confirm-yes]:visible').click()
  await page.getByText('You have blocked Carol.').waitFor()
  t.equal(await composer(page, 'Carol').count(), 0)
  await carol.contact('Alice', ({ online }) => !online)
  await carol.say(alice, 'are you angry?')
  await page.getByRole('button', { name: 'Unblock' }).first().click()
  await composer(page, 'Carol').waitFor()
  await alice.contact('Carol', ({ online }) => online)
  await carol.say(alice, 'hello again')
  await words(page, 'hello again').waitFor()
  t.equal(await words(page, 'are you angry?').count(), 0, 'what was said meanwhile never comes')
  t.match(await carol.client.list('/contacts'), [{ name: 'Alice', state: 'accepted' }])
})

browser.test('a removed contact leaves the words behind', async (t, visits) => {
  await carol.say(alice, 'remember this')
  const page = await visits.open(alice)
  await openDetails(page, 'Carol')
  await page.getByRole('button', { name: 'Remove contact' }).click()
  await page.locator('[data-testid=confirm-yes]:visible').click()
  await page.getByRole('heading', { name: 'Pick a conversation' }).waitFor()
  await carol.contact('Alice', ({ state }) => state === 'ended')
  t.match((await alice.contact('Carol', () => true)).state, 'removed')
  await page.getByRole('link').filter({ hasText: 'Carol' }).click()
  await words(page, 'remember this').waitFor()
  await page.getByText('You removed Carol. What was said stays here.').waitFor()
  await page.getByRole('button', { name: 'Send a new request' }).waitFor()
})

browser.test('everything by keys alone: first run, adding somebody, a first message', async (t, visits) => {
  const page = await visits.open(zoe)
  const focused = async (): Promise<string> =>
    await page.evaluate(() => {
      let at = document.activeElement
      while (at?.shadowRoot?.activeElement !== undefined && at.shadowRoot.activeElement !== null)
        at = at.shadowRoot.activeElement
      return `${at?.getAttribute('aria-label') ?? ''} ${at?.textContent ?? ''} ${at?.id ?? ''}`
        .replaceAll(/\s+/g, ' ')
        .trim()
    })
  /** Tab until the wanted control has the focus; at most once around. */
  const tabTo = async (wanted: RegExp): Promise<void> => {
    const passed: string[] = []
    for (let step = 0; step < 40; step += 1) {
      await page.keyboard.press('Tab')
      const at = await focused()
      if (wanted.test(at)) return
      passed.push(at)
    }
    throw new Error(`${String(wanted)} is not reached by Tab: ${passed.join(' | ')}`)
  }
  await page.getByRole('heading', { name: 'Welcome to Warren' }).waitFor()
  await tabTo(/^name$/)
  await page.keyboard.press('Control+A')
  await page.keyboard.type('Zoe')
  await tabTo(/^Start chatting$/)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'It is quiet in here' }).waitFor()
  await tabTo(/^Add someone/)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Add someone' }).waitFor()
  await page.getByRole('tab', { name: 'Nearby' }).and(page.locator(':focus')).waitFor()
  // Warren runs without mDNS here.
  await page.getByRole('heading', { name: 'Looking nearby is off' }).waitFor()
  await page.keyboard.press('ArrowRight')
  await page.getByRole('tab', { name: 'Address', selected: true }).waitFor()
  await tabTo(/address$/)
  await page.keyboard.type(bob.address)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Bob' }).and(page.locator(':focus')).waitFor()
  await tabTo(/note$/)
  await page.keyboard.type('Zoe here')
  await tabTo(/^Send request$/)
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  const { id } = await bob.contact('Zoe', ({ state }) => state === 'incoming')
  await bob.client.ask('PATCH', `/contacts/${id}`, { state: 'accepted' })
  await page.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name: /Bob/ }).waitFor()
  await page.keyboard.press('Escape')
  await tabTo(/Bob/)
  await page.keyboard.press('Enter')
  await composer(page, 'Bob').and(page.locator(':focus')).waitFor()
  await page.keyboard.type('no mouse was needed')
  await page.keyboard.press('Enter')
  await bob.holds(zoe, 'no mouse was needed')
  await page.keyboard.press('Escape')
  await page.getByRole('heading', { name: 'Pick a conversation' }).waitFor()
  await page.getByRole('link', { name: /Bob/ }).and(page.locator(':focus')).waitFor()
  t.pass('focus is where one came from')
})

browser.test('on a phone there is one room at a time, and the way back is the browser’s', async (t, visits) => {
  const page = await visits.open(alice, { width: 360 })
  const list = page.getByRole('main', { name: 'People' })
  await list.waitFor()
  await page.getByRole('link').filter({ hasText: 'Bob' }).click()
  await composer(page, 'Bob').waitFor()
  t.notOk(await list.isVisible())
  await page.getByRole('button', { name: 'Details of Bob' }).click()
  await page.getByRole('heading', { name: 'Details' }).waitFor()
  t.notOk(await composer(page, 'Bob').isVisible())
  await page.goBack()
  await composer(page, 'Bob').waitFor()
  await page.goBack()
  await list.waitFor()
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  await page.getByRole('button', { name: 'Back', exact: true }).click()
  await list.waitFor()
  await page.getByRole('button', { name: 'Add someone' }).click()
  await page.getByRole('dialog', { name: 'Add someone' }).waitFor()
  await page.goBack()
  await page.getByRole('dialog', { name: 'Add someone' }).waitFor({ state: 'hidden' })
  await list.waitFor()
  await page.goForward()
  await page.getByRole('dialog', { name: 'Add someone' }).waitFor()
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('dialog', { name: 'Add someone' }).waitFor({ state: 'hidden' })
  await page.goto(`${alice.origin}/#/c/${(await alice.conversation(bob)).id}`)
  await page.getByRole('button', { name: 'Back', exact: true }).click()
  await list.waitFor()
})
