/** Comparing safety numbers: digits, codes, what a wrong code says, and keys that were replaced. */

import type { Page } from 'playwright-core'
import t from 'tap'
import type { Safety } from '../../protocol/http-people.ts'
import { startBarePerson } from '../support/bare-person.ts'
import { axe } from './support/axe.ts'
import { BrowserTests, consoleSays, type Look } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'
import { qrPicture } from './support/qr-picture.ts'

const browser = new BrowserTests(t)
const [alice, bob, carol] = [new Person('Alice'), new Person('Bob'), new Person('Carol')]
await browser.before(async () => {
  await startPeople(t, alice, bob, carol)
  await alice.befriend(bob)
  await alice.befriend(carol)
  await carol.befriend(bob)
})

const safetyOf = async (by: Person, of: Person): Promise<Safety> => {
  const { id } = await by.contact(of.name, () => true)
  return await by.client.ask('GET', `/contacts/${id}/safety`)
}

async function openSafety(page: Page, name: string): Promise<void> {
  await page.getByRole('link').filter({ hasText: name }).click()
  await page.getByRole('button', { name: `Details of ${name}` }).click()
  await page.getByTestId('details').getByRole('button', { name: 'Compare safety numbers' }).click()
  await page.getByRole('dialog', { name: `Safety number with ${name}` }).waitFor()
  await page.getByTestId('safety-number').waitFor()
}

const upload = async (page: Page, buffer: Buffer): Promise<void> =>
  await page.getByLabel('Read a picture').setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer })

const marks = (page: Page, label: string) => page.getByRole('img', { name: label, exact: true })

browser.test(
  'the same digits on both pages, read out one by one; they match, and the mark is everywhere',
  async (t, visits) => {
    const page = await visits.open(alice)
    const theirs = await visits.open(bob, { width: 360 })
    await openSafety(page, 'Bob')
    await theirs.getByRole('link').filter({ hasText: 'Alice' }).click()
    await theirs.getByRole('button', { name: 'Details of Alice' }).click()
    await theirs.getByRole('button', { name: 'Compare safety numbers' }).click()
    const { number } = await safetyOf(alice, bob)
    const digits = number.split(' ')
    for (const each of [page, theirs]) {
      const items = each.getByTestId('safety-number').getByRole('listitem')
      await items.first().waitFor()
      t.strictSame(await items.locator('[aria-hidden]').allTextContents(), digits)
      const spoken = digits.map((group) => Array.from(group).join(' '))
      t.strictSame(await items.locator('.visually-hidden').allTextContents(), spoken)
    }
    t.match(await page.getByTestId('safety-number').ariaSnapshot(), digits[0]?.split('').join(' ') ?? 'never')
    await page.getByTestId('safety-number').selectText()
    const selected = await page.evaluate(() => getSelection()?.toString() ?? '')
    t.equal(selected.replaceAll(/\s/g, '').slice(0, 10), number.replaceAll(' ', '').slice(0, 10))
    await page.getByRole('button', { name: 'They match' }).click()
    await page
      .getByTestId('safety-dialog')
      .getByText(/^Verified on /)
      .waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await marks(page, 'Verified').nth(3).waitFor()
    t.equal(await marks(page, 'Verified').count(), 4, 'list, head of the conversation, face, safety number')
    t.equal(await marks(theirs, 'Verified').count(), 0, 'each owner compares for themselves')
    await page.reload()
    await page.getByRole('link').filter({ hasText: 'Bob' }).getByRole('img', { name: 'Verified' }).waitFor()
  },
)

browser.test(
  'Escape and the focus; verification is cleared, and every page of the owner shows it',
  async (t, visits) => {
    const page = await visits.open(alice)
    const other = await visits.open(alice, { width: 360 })
    await openSafety(page, 'Bob')
    await other.getByRole('link').filter({ hasText: 'Bob' }).getByRole('img', { name: 'Verified' }).waitFor()
    await page.getByRole('button', { name: 'Clear verification' }).click()
    await page.getByRole('button', { name: 'They match' }).waitFor()
    await other
      .getByRole('link')
      .filter({ hasText: 'Bob' })
      .getByRole('img', { name: 'Verified' })
      .waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Compare safety numbers' }).and(page.locator(':focus')).waitFor()
    t.match(await alice.contact('Bob', () => true), { verified: false })
  },
)

browser.test(
  'a code is scanned as it stands on the other screen; a wrong one says what it means',
  async (t, visits) => {
    const page = await visits.open(alice, { expected: [consoleSays.refused] })
    const theirs = await visits.open(bob, { scheme: 'dark', width: 360 })
    await openSafety(theirs, 'Alice')
    const picture = await theirs.getByRole('img', { name: 'QR code of your safety number' }).screenshot()
    await openSafety(page, 'Bob')
    await page.getByRole('button', { name: 'Scan their code' }).click()
    await page.getByRole('button', { name: 'Show the number' }).and(page.locator(':focus')).waitFor()
    const problem = page.getByTestId('safety-problem')
    const wrong: readonly (readonly [text: string, says: RegExp])[] = [
      ['https://example.org/', /not the code of a safety number/],
      [(await bob.me()).link, /not the code of a safety number/],
      [(await safetyOf(alice, bob)).code, /That is your own code/],
      [(await safetyOf(carol, alice)).code, /This is the code of Carol, not of Bob/],
      [(await safetyOf(bob, carol)).code, /shows this code for somebody else\. .* somebody is in between/],
    ]
    for (const [text, says] of wrong) {
      await upload(page, qrPicture(text))
      await problem.filter({ hasText: says }).waitFor()
      t.match(await problem.getAttribute('role'), 'alert')
    }
    await axe(t, page, 'safety-wrong-1280-light')
    t.match(await alice.contact('Bob', () => true), { verified: false }, 'none of them verified anybody')
    await upload(page, picture)
    await page
      .getByTestId('safety-dialog')
      .getByText(/^Verified on /)
      .waitFor()
    t.equal(await problem.count(), 0)
    t.match(await alice.contact('Bob', () => true), { verified: true })
  },
)

/** Both widths, and both schemes; all four where somebody wants to look at them. */
const looks: readonly Look[] = [
  { width: 1280, scheme: 'light' },
  { width: 360, scheme: 'dark' },
  ...((process.env['WARREN_SCREENSHOTS'] ?? '') === ''
    ? []
    : ([
        { width: 1280, scheme: 'dark' },
        { width: 360, scheme: 'light' },
      ] as const)),
]

browser.test('keys that were replaced are loud until the owner compares again', async (t, visits) => {
  const ruth = await startBarePerson('Ruth')
  t.teardown(async () => await ruth.stop())
  const address = `/ip4/${alice.address.replace(':', '/tcp/')}`
  await ruth.ask(address)
  const { id } = await alice.contact('Ruth', ({ state }) => state === 'incoming')
  await alice.client.ask('PATCH', `/contacts/${id}`, { state: 'accepted' })
  const { number } = await alice.client.ask<Safety>('GET', `/contacts/${id}/safety`)
  await alice.client.ask('POST', `/contacts/${id}/verification`, { number })
  const page = await visits.open(alice)
  await page.getByRole('link').filter({ hasText: 'Ruth' }).click()
  await marks(page, 'Verified').nth(1).waitFor()
  await ruth.recover(address)
  const strip = page.getByTestId('keys-changed')
  await strip.getByRole('alert').filter({ hasText: 'Ruth is not verified any more' }).waitFor()
  await page.getByRole('link').filter({ hasText: 'Ruth' }).getByRole('img', { name: 'Not verified any more' }).waitFor()
  for (const look of looks) {
    const seen = await visits.open(alice, look)
    await seen.getByRole('link').filter({ hasText: 'Ruth' }).click()
    await seen.getByTestId('keys-changed').waitFor()
    await axe(t, seen, `safety-changed-${look.width}-${look.scheme}`)
    await seen.context().close()
  }
  await strip.getByRole('button', { name: 'Compare safety numbers' }).click()
  await page.getByTestId('standing').filter({ hasText: 'This is a new number' }).waitFor()
  await axe(t, page, 'safety-changed-dialog-1280-light')
  await page.getByRole('button', { name: 'They match' }).click()
  await page.getByTestId('standing').filter({ hasText: 'Verified on' }).waitFor()
  await strip.waitFor({ state: 'detached' })
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  t.match(await alice.contact('Ruth', () => true), { verified: true, keysChanged: undefined })
})

for (const look of looks) {
  const name = `${look.width}-${look.scheme}`
  browser.test(`axe finds nothing, and nothing sticks out: ${name}`, async (t, visits) => {
    const page = await visits.open(alice, look)
    const sticksOut = async (): Promise<number> =>
      await page
        .locator('[data-testid=safety-dialog][open]')
        .evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)
    await page.getByRole('link').filter({ hasText: 'Bob' }).getByRole('img', { name: 'Verified' }).waitFor()
    await openSafety(page, 'Carol')
    await axe(t, page, `safety-number-${name}`)
    t.ok((await sticksOut()) <= 0)
    const end = page.getByRole('button', { name: 'They match' })
    await end.scrollIntoViewIfNeeded()
    await axe(t, page, `safety-end-${name}`)
    await page.getByRole('button', { name: 'Scan their code' }).click()
    await page.getByRole('button', { name: 'Turn on the camera' }).waitFor()
    await axe(t, page, `safety-scan-${name}`)
    t.ok((await sticksOut()) <= 0)
    await page.goto(`${alice.origin}/#/c/${(await alice.conversation(bob)).id}/details`)
    // The dialog was another person's.
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.getByTestId('safety').getByText('Verified on').scrollIntoViewIfNeeded()
    await axe(t, page, `safety-details-${name}`)
  })
}

browser.test('in German', async (t, visits) => {
  const page = await visits.open(alice, { language: 'de-DE' })
  await page.getByRole('link').filter({ hasText: 'Carol' }).click()
  await page.getByRole('button', { name: 'Details zu Carol' }).click()
  await page.getByRole('button', { name: 'Sicherheitsnummern vergleichen' }).click()
  await page.getByRole('dialog', { name: 'Sicherheitsnummer mit Carol' }).waitFor()
  await page.getByRole('button', { name: 'Sie stimmen überein' }).waitFor()
  await axe(t, page, 'safety-number-german')
})
