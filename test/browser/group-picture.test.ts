/** The picture of a group: chosen on one page, seen on another, and taken back for a colour. */

import type { Page } from 'playwright-core'
import t from 'tap'
import { pngOf } from '../support/sample-files.ts'
import { axe } from './support/axe.ts'
import { BrowserTests } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const alice = new Person('Alice')
const bob = new Person('Bob')
await browser.before(async () => {
  await startPeople(t, alice, bob)
  await alice.befriend(bob)
})

const row = (page: Page) => page.getByTestId('conversation').filter({ hasText: 'Lake' })
const picture = (page: Page) => row(page).locator('warren-avatar img')

/** Pixels of a side, once it is drawn. */
async function sideOf(page: Page): Promise<number> {
  await picture(page).waitFor()
  return await picture(page).evaluate(async (image: HTMLImageElement) => {
    await image.decode()
    return image.naturalWidth === image.naturalHeight ? image.naturalWidth : 0
  })
}

async function choose(page: Page, name: string, buffer: Buffer): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByTestId('choose-picture').click()])
  await chooser.setFiles([{ name, mimeType: 'image/png', buffer }])
}

browser.test('a group is given a picture, and loses it to a colour', async (t, visits) => {
  const page = await visits.open(alice)
  await page.getByRole('button', { name: 'New group' }).click()
  await page.getByRole('checkbox', { name: 'Bob' }).check()
  await page.getByTestId('next').click()
  await page.getByTestId('group-name').fill('Lake')
  await page.getByTestId('group-name').press('Enter')
  await page.getByRole('textbox', { name: 'Message to Lake' }).waitFor()
  const theirs = await visits.open(bob, { language: 'de-DE', width: 360 })
  await row(theirs).click()
  await theirs.getByTestId('accept-group').click()

  await page.getByRole('button', { name: 'Details of Lake' }).click()
  await page.getByTestId('edit-group').click()
  await choose(page, 'notes.png', Buffer.from('no picture'))
  await page.getByText('That is no picture that can be shown here.').waitFor()
  await choose(page, 'lake.png', pngOf(900, 700, '#1f7a4d'))
  await page.getByTestId('no-picture').waitFor()
  await axe(t, page, 'group-picture-edit')
  await page.getByTestId('save-group').click()
  t.equal(await sideOf(page), 512, 'square, and no larger than it needs to be')
  await page.getByTestId('notice').filter({ hasText: 'You changed the picture' }).waitFor()
  await axe(t, page, 'group-picture')

  await theirs.getByTestId('notice').filter({ hasText: 'das Bild' }).waitFor()
  await theirs.locator('header warren-avatar img').waitFor()
  await theirs.locator('.beginning warren-avatar img').waitFor()
  await axe(t, theirs, 'group-picture-360')

  await page.getByTestId('edit-group').click()
  await page.getByTestId('no-picture').click()
  await page.getByTestId('save-group').click()
  await picture(page).waitFor({ state: 'detached' })
  await theirs.locator('header warren-avatar img').waitFor({ state: 'detached' })
})
