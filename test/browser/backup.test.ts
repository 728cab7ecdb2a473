/** A backup is made on the page and saved by the browser; restored, it is shown as what it is: to be read. */

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import type { BackupLink } from '../../protocol/http-backup.ts'
import { restoreBackup } from '../../daemon/backup/restore.ts'
import type { ShownPhrase } from '../../protocol/http-phrase.ts'
import { axe } from './support/axe.ts'
import { BrowserTests, consoleSays } from './support/browser.ts'
import { looks } from './support/looks.ts'
import { setClockBack } from './support/clock.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const [alice, bob] = [new Person('Alice'), new Person('Bob')]
const old = new Person('Old', { fresh: true })
// A screen that is still fading in is no screen yet.
const context = { reducedMotion: 'reduce' } as const
const passphrase = 'purple-rhino-47-dances'
const folder = mkdtempSync(join(tmpdir(), 'w-'))
const file = join(folder, 'saved')
let words: string[] = []
t.teardown(async () => {
  await old.stop()
  rmSync(folder, { recursive: true, force: true })
})

await browser.before(async () => {
  setClockBack(24 * 60)
  await startPeople(t, alice, bob)
  await alice.befriend(bob)
  await bob.say(alice, 'Are we still on for Saturday?')
  setClockBack(0)
  await alice.say(bob, 'Of course! 🎉')
  await bob.sendFile(alice, 'map.bin', new Uint8Array(300_000))
  words = (await alice.client.ask<ShownPhrase>('POST', '/recovery-phrase/show', {})).words
})

const go = async (page: Page, hash: string): Promise<void> =>
  await page.evaluate((to) => {
    location.hash = to
  }, hash)

browser.test(
  'made in the settings: a passphrase of its own, typed twice, and saved by the browser',
  async (t, visits) => {
    for (const look of looks) {
      const page = await visits.open(alice, { ...look, context })
      const name = `${look.width}-${look.scheme}`
      await page.getByTestId('conversation').first().waitFor({ state: 'attached' })
      await go(page, '#/settings')
      await page.getByTestId('make-backup').scrollIntoViewIfNeeded()
      await axe(t, page, `backup-${name}`)
      await page.getByTestId('make-backup').click()
      const save = page.getByTestId('backup-save')
      await save.waitFor()
      await page.getByLabel('Passphrase of the backup').fill('password1234')
      await page.getByTestId('backup-again').fill('password1234')
      t.ok(await save.isDisabled(), 'a weak one is not taken')
      await page.getByLabel('Passphrase of the backup').fill(passphrase)
      await page.getByText('Good', { exact: false }).first().waitFor()
      t.ok(await save.isDisabled(), 'nor one that was typed once')
      await page.getByTestId('backup-again').fill(passphrase)
      await page.locator('[data-testid=backup-save]:enabled').waitFor()
      const files = page.getByTestId('backup-files')
      await files.check()
      await page.getByTestId('backup-size').getByText('about').waitFor()
      await axe(t, page, `backup-dialog-${name}`)
      // The last one is without: files come from others then.
      if (look === looks.at(-1)) await files.uncheck()
      const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
      t.match(download.suggestedFilename(), /^warren-backup-\d{4}-\d\d-\d\d\.warren$/)
      await download.saveAs(file)
      t.equal(statSync(file).size > 300_000, look !== looks.at(-1), 'with files, or without')
      await page.getByTestId('backup-state').getByText('The browser has the whole file').waitFor()
    }
  },
)

async function ask(page: Page): Promise<void> {
  await page.getByTestId('make-backup').click()
  await page.getByLabel('Passphrase of the backup').fill(passphrase)
  await page.getByTestId('backup-again').fill(passphrase)
  await page.locator('[data-testid=backup-save]:enabled').click()
}

browser.test('cancelled, it is broken off: while it is saved, and while it is made', async (t, visits) => {
  const page = await visits.open(alice, { width: 360, routed: true, context, expected: [consoleSays.refused] })
  await go(page, '#/settings')
  // A download that does not begin is under way for as long as its link counts.
  let link = ''
  await page.route('**/api/v1/backups', async (route) => {
    if (route.request().method() !== 'POST') return await route.continue()
    const response = await route.fetch()
    const made = (await response.json()) as BackupLink
    link = made.link
    await route.fulfill({ response, json: { ...made, link: `${link}x` } })
  })
  await ask(page)
  await page.getByTestId('backup-end').waitFor()
  await axe(t, page, 'backup-going-360-light')
  await page.getByTestId('backup-end').click()
  await page.getByText('The backup was broken off.', { exact: false }).waitFor()
  t.equal((await fetch(alice.origin + link)).status, 401, 'the daemon hands out nothing')

  await page.unroute('**/api/v1/backups')
  const making = Promise.withResolvers<() => Promise<void>>()
  await page.route('**/api/v1/backups', async (route) => {
    if (route.request().method() !== 'POST') return await route.continue()
    making.resolve(async () => await route.continue())
  })
  const ended = page.waitForRequest((each) => each.method() === 'DELETE' && each.url().includes('/backups/'))
  await ask(page)
  const goOn = await making.promise
  await page.getByTestId('backup-dialog').getByRole('button', { name: 'Cancel' }).click()
  await goOn()
  await ended
  t.equal(await page.getByTestId('backup-end').count(), 0)
})

browser.test('restored, it is read: no composer, no way to add somebody, and it says so', async (t, visits) => {
  await restoreBackup({
    file,
    secret: { passphrase },
    home: old.home,
    signal: new AbortController().signal,
    progress: () => undefined,
    randomBytes,
    now: () => Date.now(),
  })
  await old.start()
  await old.client.ask('POST', '/unlock', { passphrase })
  for (const look of looks) {
    const page = await visits.open(old, { ...look, context, expected: [consoleSays.refused] })
    const name = `${look.width}-${look.scheme}`
    await page.getByTestId('banner').getByText('This is a backup of').waitFor()
    t.equal(await page.getByTestId('add-someone').count(), 0)
    await page.getByRole('link').filter({ hasText: 'Bob' }).click()
    await page.getByTestId('messages').getByText('Are we still on for Saturday?').waitFor()
    t.equal(await page.getByRole('textbox', { name: 'Message to Bob' }).count(), 0)
    await page.getByTestId('file-left-out').getByText('Not in this backup').waitFor()
    t.equal(await page.getByTestId('fetch-file').count(), 0)
    await axe(t, page, `archive-${name}`)
    await page.getByTestId('open-details').click()
    await page.getByTestId('export-conversation').waitFor()
    await axe(t, page, `archive-details-${name}`)
    for (const changes of ['petname', 'mute', 'block', 'remove']) t.equal(await page.getByTestId(changes).count(), 0)
    await page.getByTestId('banner').getByRole('button', { name: 'Go on' }).click()
    const withWords = page.getByText('Go on with your 24 words')
    await withWords.scrollIntoViewIfNeeded()
    await axe(t, page, `archive-linking-${name}`)
    await withWords.click()
    await page.getByTestId('recovery-words').scrollIntoViewIfNeeded()
    await page.getByTestId('recovery-words').fill(words.join(' '))
    await page.getByTestId('recovery-look').click()
    await page.getByTestId('recovery-alone').waitFor()
    t.ok(await page.getByTestId('recovery-finish').isDisabled(), 'first one reads what may happen')
    await axe(t, page, `archive-alone-${name}`)
    await page.getByTestId('recovery-alone').check()
    t.ok(await page.getByTestId('recovery-finish').isEnabled())
    await page.locator('warren-recover').getByRole('button', { name: 'Cancel' }).click()
    await page.getByTestId('recovery-address').waitFor()
    t.equal(await page.getByTestId('link-device').count(), 0)
    await axe(t, page, `archive-devices-${name}`)
  }
})

browser.test(
  'and linked by another device it is one of them: what came since is there, and it writes',
  async (t, visits) => {
    const here = await visits.open(alice)
    const there = await visits.open(old, { width: 360, expected: [consoleSays.refused, consoleSays.daemonGone] })
    await go(here, '#/settings')
    await here.getByTestId('link-device').click()
    const code = (await here.getByTestId('device-code').textContent()) ?? ''
    await alice.say(bob, 'See you there.')
    await there.getByTestId('banner').getByRole('button', { name: 'Go on' }).click()
    await there.getByLabel('Code of the other device').fill(code)
    await there.getByLabel('Its address, if it is not nearby').fill(alice.address)
    await there.getByTestId('join-device').click()
    for (const page of [there, here]) await page.getByTestId('same-words').click()
    await here.getByText('Linked. Conversations and contacts are on their way.').waitFor()
    await there.getByTestId('banner').waitFor({ state: 'detached' })
    t.equal(await here.getByTestId('devices').getByRole('listitem').count(), 2)
    await go(there, '#/')
    await there.getByRole('link').filter({ hasText: 'Bob' }).first().click()
    await there.getByTestId('messages').getByText('See you there.').waitFor()
    await there.getByTestId('save-file').waitFor()
    t.equal(await there.getByTestId('file-left-out').count(), 0, 'what was left out came from others')
    await there.getByRole('textbox', { name: 'Message to Bob' }).fill('Back again')
    await there.keyboard.press('Enter')
    await here.getByRole('link').filter({ hasText: 'Bob' }).first().click()
    await here.getByTestId('messages').getByText('Back again').waitFor()
  },
)
