/** Two people at two pages: what is written, how it looks on the other side, and how far it has come. */

import type { Locator, Page } from 'playwright-core'
import t from 'tap'
import { BrowserTests } from './support/browser.ts'
import { contains } from './support/field.ts'
import { lookAway } from './support/look-away.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const alice = new Person('Alice')
const bob = new Person('Bob')
const mallory = new Person('"><img src=x onerror=alert(1)>')
await browser.before(async () => {
  await startPeople(t, alice, bob, mallory)
  await alice.befriend(bob)
  await mallory.befriend(alice)
})

const composer = (page: Page, name: string) => page.getByRole('textbox', { name: `Message to ${name}` })
const bubble = (page: Page, text: string) => page.getByTestId('message').filter({ hasText: text })
const words = (page: Page, text: string) => page.locator('.words').filter({ hasText: text })

async function openChat(page: Page, name: string): Promise<void> {
  await page.getByRole('link').filter({ hasText: name }).click()
  await composer(page, name).waitFor()
}

async function write(page: Page, name: string, text: string): Promise<void> {
  await composer(page, name).fill(text)
  await composer(page, name).press('Enter')
}

browser.test('Enter sends, Shift+Enter makes a line, and the ticks grow until it is read', async (t, visits) => {
  const page = await visits.open(alice)
  const theirs = await visits.open(bob)
  await openChat(page, 'Bob')
  await composer(page, 'Bob').click()
  await page.keyboard.type('Hello Bob,')
  await page.keyboard.press('Shift+Enter')
  await page.keyboard.type('how are you?')
  t.strictSame(await bob.texts(alice), [], 'nothing leaves before Enter')
  await page.keyboard.press('Enter')
  t.equal(await composer(page, 'Bob').inputValue(), '')
  await bubble(page, 'how are you?').getByRole('img', { name: 'Delivered' }).waitFor()

  await theirs.getByText('1 unread message').waitFor({ state: 'attached' })
  // Only now: the other side holds a first message a moment before it holds the key to read it.
  t.strictSame(await bob.texts(alice), ['Hello Bob,\nhow are you?'])
  await theirs.waitForFunction(() => document.title === '(1) Warren')
  await openChat(theirs, 'Alice')
  await theirs.getByText('New messages').waitFor()
  await theirs.waitForFunction(() => document.title === 'Warren')
  t.equal(await theirs.getByTestId('unread').count(), 0)
  await bubble(page, 'how are you?').getByRole('img', { name: 'Read' }).waitFor()

  await write(theirs, 'Alice', 'Fine, and you?')
  await words(page, 'Fine, and you?').waitFor()
  t.equal(await theirs.getByText('New messages').count(), 1, 'the line stays where it was')
  t.equal(await page.getByRole('log', { name: 'Messages' }).getByRole('heading', { name: 'Today' }).count(), 1)
})

browser.test('typing is shown, and ends with the message', async (t, visits) => {
  const page = await visits.open(alice)
  const theirs = await visits.open(mallory)
  await openChat(page, mallory.name)
  await openChat(theirs, 'Alice')
  await composer(theirs, 'Alice').pressSequentially('Let me th')
  await page.getByTestId('presence').getByText('typing…').waitFor()
  t.ok(await page.getByTestId('conversation').filter({ hasText: 'typing…' }).isVisible(), 'in the list too')
  await composer(theirs, 'Alice').press('Enter')
  await words(page, 'Let me th').waitFor()
  await page.getByTestId('presence').getByText('online').waitFor()
})

/** In a sentence that is laid out from left to right its first letter stands left of the last. */
function readsFromTheRight(element: Element): boolean {
  const text = [...element.childNodes].find((node) => node.nodeType === Node.TEXT_NODE && node.textContent !== '')
  const left = (at: number): number => {
    const range = document.createRange()
    range.setStart(text ?? element, at)
    range.setEnd(text ?? element, at + 1)
    return range.getBoundingClientRect().left
  }
  return left(0) > left((text?.textContent?.length ?? 1) - 1)
}

const tricky = [
  '👨‍👩‍👧‍👦 family, 👍🏽 skin, 🏴󠁧󠁢󠁳󠁣󠁴󠁿 and 🇨🇭 flags, 1️⃣ keycap',
  'é as one and é as two; \u200B zero width; \u2028 separator; tab\there',
  'עברית and العربية mixed with English, 3 + 4',
  '  leading, trailing  and   inner spaces  ',
  '<script>alert(1)</script><img src=x onerror=alert(1)>&amp;<b>bold</b>',
  '${alert(1)} {{7*7}} javascript:alert(1) %3Cscript%3E',
  'Z̷̛̺a̸l̵g̶o̷ ﷽ 𝒻𝓊𝓁𝓁 𐍈 \u{1F9D1}\u200D\u{1F680}',
]

browser.test('every text arrives byte for byte and is shown as text', async (t, visits) => {
  const page = await visits.open(alice)
  const theirs = await visits.open(bob)
  await openChat(page, 'Bob')
  await openChat(theirs, 'Alice')
  for (const text of tricky) await write(page, 'Bob', text)
  await bob.holds(alice, tricky.at(-1) ?? '')
  t.strictSame((await bob.texts(alice)).slice(-tricky.length), tricky)
  await words(theirs, 'full'.normalize()).or(words(theirs, '𝒻𝓊𝓁𝓁')).last().waitFor()
  const shown = await theirs.locator('.words').allTextContents()
  t.strictSame(shown.slice(-tricky.length), tricky)
  t.equal(await theirs.locator('.bubble :is(script, img, b)').count(), 0)
  t.ok(await words(theirs, 'עברית').evaluate(readsFromTheRight), 'a Hebrew sentence begins on the right')

  await openChat(page, mallory.name)
  t.equal(await page.getByRole('heading', { name: mallory.name }).count(), 1, 'a name is text too')
  t.equal(await page.locator('img').count(), 0)
})

browser.test('links open safely, and nothing else becomes one', async (t, visits) => {
  const page = await visits.open(alice)
  await openChat(page, 'Bob')
  const text = `See https://example.org/a_(b)?q=1#x, (http://example.com/), www.example.net. mailto:bob@example.org
    javascript:alert(1) data:text/html,x file:///etc/passwd https://bank.example@evil.example/ warren:AAAA ftp://a.example`
  await bob.say(alice, text)
  const links = bubble(page, 'See https').getByRole('link')
  await links.first().waitFor()
  t.strictSame(await links.evaluateAll((all) => all.map((each) => each.getAttribute('href'))), [
    'https://example.org/a_(b)?q=1#x',
    'http://example.com/',
    'https://www.example.net',
    'mailto:bob@example.org',
  ])
  for (const link of await links.all()) {
    t.equal(await link.getAttribute('target'), '_blank')
    t.match((await link.getAttribute('rel'))?.split(' ').toSorted(), ['noopener', 'noreferrer'])
  }
})

browser.test('one to three emoji alone are big, more are not', async (t, visits) => {
  const page = await visits.open(alice)
  await openChat(page, 'Bob')
  await bob.say(alice, '👩🏽‍🚀', '🎉🎉🎉', '🎉🎉🎉🎉', 'so 🎉', '12')
  await words(page, '12').last().waitFor()
  const sizes = await page
    .locator('.words')
    .evaluateAll((all) => all.slice(-5).map((each) => Number.parseFloat(getComputedStyle(each).fontSize)))
  const [astronaut = 0, three = 0, four = 0, mixed = 0, digits = 0] = sizes
  t.ok(astronaut >= three && three > four * 1.5, `${sizes.join(', ')} px`)
  t.ok(four === mixed && mixed === digits)
})

/** Beside the page, in the browser. */
const isDraftKept = async (): Promise<boolean> =>
  await new Promise((resolve) => {
    const opening = indexedDB.open('warren')
    opening.addEventListener('success', () => {
      const keys = opening.result.transaction('kept').objectStore('kept').getAllKeys()
      keys.addEventListener('success', () => {
        opening.result.close()
        resolve(keys.result.some((key) => typeof key === 'string' && key.startsWith('draft ')))
      })
    })
  })

browser.test('64 KiB can be sent, one byte more cannot', async (t, visits) => {
  const page = await visits.open(alice)
  await openChat(page, 'Bob')
  const most = 'é'.repeat(32 * 1024)
  await composer(page, 'Bob').fill(`${most}!`)
  await page.getByText('Too long by 1 byte.').waitFor()
  t.ok(await page.getByRole('button', { name: 'Send' }).isDisabled())
  await composer(page, 'Bob').press('Enter')
  t.equal((await composer(page, 'Bob').inputValue()).length, most.length + 1, 'nothing is cut off')
  await page.waitForFunction(isDraftKept)
  await page.reload()
  await page.getByText('Too long by 1 byte.').waitFor()
  t.equal((await composer(page, 'Bob').inputValue()).length, most.length + 1, 'or lost')
  await composer(page, 'Bob').press('End')
  await composer(page, 'Bob').press('Backspace')
  await page.getByText('0 bytes left').waitFor()
  await composer(page, 'Bob').press('Enter')
  await bob.holds(alice, most)
  await page.getByText('Not sent').waitFor({ state: 'detached' })
})

/** Where it stands once nothing moves any more. */
async function topOf(locator: Locator): Promise<number> {
  for (let last = NaN; ;) {
    const now = await locator.evaluate(async (element) => {
      for (let frame = 0; frame < 3; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve))
      return element.getBoundingClientRect().top
    })
    if (now === last) return now
    last = now
  }
}

browser.test('a long text is folded, for who wrote it, too, and nothing jumps when it is opened', async (t, visits) => {
  const page = await visits.open(alice)
  const theirs = await visits.open(bob)
  const long = `The beginning. ${'All work and no play. '.repeat(400)}The end.`
  await openChat(page, 'Bob')
  await openChat(theirs, 'Alice')
  await write(page, 'Bob', long)
  await words(page, 'The beginning').waitFor()
  for (const each of [page, theirs]) {
    const text = words(each, 'The beginning')
    const fold = bubble(each, 'The beginning').getByTestId('fold')
    await fold.filter({ hasText: 'Show more' }).waitFor()
    t.equal(await text.textContent(), long, 'all of it is in the document')
    t.notOk((await text.innerText()).includes('The end.'))
    await fold.focus()
    const top = await topOf(text)
    await fold.press('Enter')
    await bubble(each, 'The beginning').getByRole('button', { name: 'Show less', expanded: true }).waitFor()
    t.ok((await text.innerText()).includes('The end.'))
    t.ok(Math.abs((await topOf(text)) - top) < 2, `its beginning stays where it was: ${top}, ${await topOf(text)}`)
    await each.getByRole('log').evaluate((log) => log.scrollBy(0, log.scrollHeight))
    const below = await topOf(fold)
    await fold.press('Enter')
    await bubble(each, 'The beginning').getByRole('button', { name: 'Show more', expanded: false }).waitFor()
    t.notOk((await text.innerText()).includes('The end.'))
    t.ok(Math.abs((await topOf(fold)) - below) < 2, `the button stays where it was: ${below}, ${await topOf(fold)}`)
    await fold.and(each.locator(':focus')).waitFor()
  }
  // What the search of a browser does with what is hidden until it is found.
  await bubble(page, 'The beginning')
    .locator('.rest')
    .evaluate((rest) => rest.dispatchEvent(new Event('beforematch', { bubbles: true })))
  await bubble(page, 'The beginning').getByRole('button', { name: 'Show less' }).waitFor()
})

browser.test('a draft stays with its conversation, through a reload, and in another browser', async (t, visits) => {
  const page = await visits.open(alice)
  await openChat(page, 'Bob')
  await composer(page, 'Bob').fill('half a thought')
  await openChat(page, 'Notes to self')
  t.equal(await composer(page, 'Notes to self').inputValue(), '')
  await composer(page, 'Notes to self').fill('milk')
  await page.getByRole('link', { name: /Bob.*Draft: half a thought/ }).click()
  t.equal(await composer(page, 'Bob').inputValue(), 'half a thought')
  await composer(page, 'Bob').press('End')
  await page.keyboard.type(' more')
  await page.reload()
  await composer(page, 'Bob').waitFor()
  await contains(composer(page, 'Bob'), 'half a thought more')
  const other = await visits.open(alice)
  await other.getByRole('link', { name: /Notes to self.*Draft: milk/ }).waitFor()
  await page.keyboard.press('Control+A')
  await composer(page, 'Bob').fill('')
  await other.getByRole('link', { name: /Bob.*Draft/ }).waitFor({ state: 'detached' })
})

browser.test('what comes while the owner looks elsewhere is unread until they look again', async (t, visits) => {
  const page = await visits.open(alice)
  await openChat(page, 'Bob')
  await bob.say(alice, 'while you look')
  await words(page, 'while you look').waitFor()
  const back = await lookAway(page)
  await bob.say(alice, 'are you there?', 'hello?')
  await page.waitForFunction(() => document.title === '(2) Warren')
  await page.getByText('New messages').waitFor()
  const { unread } = await alice.conversation(bob)
  t.equal(unread, 2)
  await back()
  await page.waitForFunction(() => document.title === 'Warren')
})
