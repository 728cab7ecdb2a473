/** A backup is made on the page and saved by the browser; restored, it is shown as what it is: to be read. */

import { mkdtempSync, rmSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { restoreBackup } from '../../daemon/backup/restore.ts'
import { axe } from './support/axe.ts'
import { BrowserTests, consoleSays } from './support/browser.ts'
import { setClockBack } from './support/clock.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const [alice, bob] = [new Person('Alice'), new Person('Bob')]
const old = new Person('Old', { fresh: true })
const passphrase = 'purple-rhino-47-dances'
const folder = mkdtempSync(join(tmpdir(), 'w-'))
const file = join(folder, 'saved')
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
})

const go = async (page: Page, hash: string): Promise<void> =>
  await page.evaluate((to) => {
    location.hash = to
  }, hash)

const looks = ([360, 1280] as const).flatMap((width) =>
  (['light', 'dark'] as const).map((scheme) => ({ width, scheme })),
)

browser.test(
  'made in the settings: a passphrase of its own, typed twice, and saved by the browser',
  async (t, visits) => {
    for (const look of looks) {
      const page = await visits.open(alice, look)
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
      await axe(t, page, `backup-dialog-${name}`)
      const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')])
      t.match(download.suggestedFilename(), /^warren-backup-\d{4}-\d\d-\d\d\.warren$/)
      await download.saveAs(file)
      await page.getByTestId('backup-state').getByText('The browser is saving the file').waitFor()
    }
  },
)

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
    const page = await visits.open(old, { ...look, expected: [consoleSays.refused] })
    const name = `${look.width}-${look.scheme}`
    await page.getByTestId('banner').getByText('This is a backup of').waitFor()
    t.equal(await page.getByTestId('add-someone').count(), 0)
    await page.getByRole('link').filter({ hasText: 'Bob' }).click()
    await page.getByTestId('messages').getByText('Are we still on for Saturday?').waitFor()
    t.equal(await page.getByRole('textbox', { name: 'Message to Bob' }).count(), 0)
    await axe(t, page, `archive-${name}`)
    await page.getByTestId('open-details').click()
    await page.getByTestId('export-conversation').waitFor()
    await axe(t, page, `archive-details-${name}`)
    for (const changes of ['petname', 'mute', 'block', 'remove']) t.equal(await page.getByTestId(changes).count(), 0)
    await page.getByTestId('banner').getByRole('button', { name: 'Go on' }).click()
    await page.getByTestId('recovery-words').scrollIntoViewIfNeeded()
    t.equal(await page.getByTestId('recovery-address').count(), 0, 'a backup knows its person')
    t.equal(await page.getByTestId('link-device').count(), 0)
    await axe(t, page, `archive-devices-${name}`)
  }
})
