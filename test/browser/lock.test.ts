/** Locking from the page: a passphrase is set, everything is gone, and comes back for its owner only. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { axe } from './support/axe.ts'
import { BrowserTests, consoleSays } from './support/browser.ts'
import { contains } from './support/field.ts'
import { fits } from './support/looks.ts'
import { setClockBack } from './support/clock.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const [alice, bob] = [new Person('Alice', { fresh: true }), new Person('Bob')]
const passphrase = 'four tulips hum quietly'
const expected = [consoleSays.refused, consoleSays.daemonGone]

await browser.before(async () => {
  await startPeople(t, alice, bob)
  await alice.client.ask('PATCH', '/me', { welcomed: true })
  await alice.befriend(bob)
  await bob.say(alice, 'The grey heron is back')
})

const lockScreen = async (page: Page): Promise<void> => await page.getByTestId('lock-screen').waitFor()

const unlock = async (page: Page, secret = passphrase): Promise<void> => {
  await page.getByRole('textbox', { name: 'Passphrase' }).fill(secret)
  await page.getByRole('button', { name: 'Unlock', exact: true }).click()
}

/** Behind the lock. */
const isOpen = async (page: Page): Promise<void> => await page.getByRole('link').filter({ hasText: 'Bob' }).waitFor()

const settings = async (page: Page): Promise<void> => {
  await page.evaluate(() => {
    location.hash = '#/settings'
  })
  await page.getByTestId('key-slots').getByRole('listitem').first().waitFor()
}

const chatWith = async (page: Page, name: string): Promise<void> =>
  await page.getByRole('link').filter({ hasText: name }).click()

browser.test('a passphrase is set in the settings, and the key file goes', async (t, visits) => {
  const page = await visits.open(alice, { expected })
  await isOpen(page)
  await settings(page)
  t.ok(await page.getByRole('button', { name: 'Lock now' }).isDisabled(), 'there is nothing that could unlock')
  await page.getByTestId('add-passphrase').click()
  await page.getByRole('dialog', { name: 'Set a passphrase' }).waitFor()
  const dialog = page.getByTestId('slot-dialog')
  await dialog.getByLabel('New passphrase').and(page.locator(':focus')).waitFor()
  const set = dialog.getByRole('button', { name: 'Set', exact: true })
  const type = async (text: string, again: string, says: string): Promise<void> => {
    await dialog.getByLabel('New passphrase').fill(text)
    await dialog.getByLabel('Once more').fill(again)
    await dialog.getByTestId('strength').filter({ hasText: says }).waitFor()
  }
  await type('tulip', 'tulip', 'Too short')
  t.ok(await set.isDisabled())
  await type('passwordpassword', 'passwordpassword', 'Too easy to guess')
  t.ok(await set.isDisabled())
  await type(passphrase, 'four tulips hum loudly', 'guesses')
  t.ok(await set.isDisabled(), 'the two differ')
  await type(passphrase, passphrase, 'guesses')
  t.ok(await dialog.getByRole('checkbox').isChecked(), 'the safe way is the one without a click')
  await axe(t, page, 'the dialog')
  await set.click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByText(/^Set on /).waitFor()
  await page.getByText('Removed: every start asks for the passphrase.').waitFor()
  t.notOk(existsSync(join(alice.home, 'key')))
  t.equal(await page.getByTestId('remove-passphrase').count(), 0, 'the last way in cannot be removed')
})

browser.test(
  'lock now: nothing is left on any page, a wrong passphrase is told, the right one opens',
  async (t, visits) => {
    const page = await visits.open(alice, { expected })
    const other = await visits.open(alice, { expected })
    await chatWith(other, 'Bob')
    await other.getByRole('log').getByText('The grey heron is back').waitFor()
    await settings(page)
    await page.getByRole('button', { name: 'Lock now' }).click()
    for (const each of [page, other]) {
      await lockScreen(each)
      const shown = await each.locator('body').ariaSnapshot()
      t.notMatch(shown, /heron|Bob|Alice/)
      t.equal(await each.title(), 'Warren')
    }
    await page.getByLabel('Passphrase', { exact: true }).and(page.locator(':focus')).waitFor()
    await axe(t, page, 'the lock screen')
    await unlock(page, 'four tulips hum loudly')
    await page.getByRole('alert').filter({ hasText: 'That was not right' }).waitFor()
    await page.getByRole('button', { name: 'Show what I type' }).click()
    t.equal(await page.getByLabel('Passphrase', { exact: true }).getAttribute('type'), 'text')
    await unlock(page)
    await page.getByTestId('key-slots').waitFor()
    await other.getByRole('log').getByText('The grey heron is back').waitFor()
    t.pass('the other page opens by itself, where it was')
  },
)

browser.test('what was being written survives a lock, and comes from nowhere else meanwhile', async (t, visits) => {
  const page = await visits.open(alice, { expected })
  await chatWith(page, 'Bob')
  const composer = page.getByRole('textbox', { name: 'Message to Bob' })
  await composer.fill('a thought half')
  await alice.client.ask('POST', '/lock', {})
  await lockScreen(page)
  t.equal(await page.getByText('a thought half').count(), 0)
  await page.reload()
  await lockScreen(page)
  await unlock(page)
  await composer.waitFor()
  await page.waitForFunction((wanted) => {
    const find = (root: Document | ShadowRoot): HTMLTextAreaElement | undefined => {
      for (const each of root.querySelectorAll('*')) {
        if (each instanceof HTMLTextAreaElement && each.value === wanted) return each
        const found = each.shadowRoot === null ? undefined : find(each.shadowRoot)
        if (found !== undefined) return found
      }
      return undefined
    }
    return find(document) !== undefined
  }, 'a thought half')
  await composer.press('End')
  await composer.pressSequentially(' finished')
  await composer.press('Enter')
  await bob.holds(alice, 'a thought half finished')
  t.pass('and can be sent')
})

browser.test('a recovery key is shown once, printed alone, and opens what the passphrase would', async (t, visits) => {
  const page = await visits.open(alice, { expected })
  await settings(page)
  await page.getByTestId('add-recovery').click()
  await page.getByRole('dialog', { name: 'Make a recovery key' }).waitFor()
  const dialog = page.getByTestId('slot-dialog')
  const current = dialog.getByLabel('Current passphrase or recovery key')
  await current.fill('not this one at all')
  await dialog.getByRole('button', { name: 'Make', exact: true }).click()
  await dialog.getByRole('alert').filter({ hasText: 'That was not right' }).waitFor()
  await current.fill(passphrase)
  await dialog.getByRole('button', { name: 'Make', exact: true }).click()
  const key = (await dialog.getByTestId('recovery-key').textContent()) ?? ''
  t.match(key, /^(?:[0-9A-Z]{4} ){13}[0-9A-Z]{4}$/)
  await axe(t, page, 'the recovery key')
  await page.evaluate(() => {
    globalThis.print = () => undefined
  })
  await dialog.getByRole('button', { name: 'Print' }).click()
  await page.emulateMedia({ media: 'print' })
  t.equal(await page.locator('body > .print-sheet').isVisible(), true)
  t.equal(await page.locator('warren-app').isVisible(), false, 'nothing else is on the paper')
  await page.emulateMedia({ media: 'screen' })
  await page.evaluate(() => dispatchEvent(new Event('afterprint')))
  t.equal(await page.locator('.print-sheet').count(), 0)
  await dialog.getByTestId('written').click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByText(/^Made on /).waitFor()
  t.equal(await page.getByText(key).count(), 0)
  await alice.client.ask('POST', '/lock', {})
  await lockScreen(page)
  await unlock(page, key.toLowerCase())
  await page.getByTestId('key-slots').waitFor()
})

browser.test('after a restart the page proves its daemon, then asks', async (t, visits) => {
  const page = await visits.open(alice, { expected })
  await isOpen(page)
  await alice.stop()
  await page.getByTestId('banner').waitFor()
  await alice.start()
  await lockScreen(page)
  const fresh = await visits.open(alice, { expected })
  await lockScreen(fresh)
  t.pass('a browser can be opened while it is locked')
  await unlock(fresh)
  await isOpen(fresh)
  await isOpen(page)
})

const falseHello = { nonce: 'AAAAAAAAAAAAAAAAAAAAAA', proof: 'AAAA' }

browser.test('a stranger on the port who plays locked is never told the passphrase', async (t, visits) => {
  const page = await visits.open(alice, { routed: true, expected })
  await isOpen(page)
  const sent: string[] = []
  const squat = async (): Promise<void> => {
    await page.route('**/api/v1/**', async (route) => {
      const path = route
        .request()
        .url()
        .replace(/.*\/api\/v1/, '')
      sent.push(path)
      if (path === '/session/hello') return await route.fulfill({ json: falseHello })
      return await route.fulfill({ json: { status: 'locked', version: '1', apiVersion: 1 } })
    })
  }
  await squat()
  await page.reload()
  await page.getByRole('heading', { name: 'This is not your Warren' }).waitFor()
  t.equal(await page.getByRole('textbox').count(), 0, 'there is no place to type it')
  await page.unroute('**/api/v1/**')
  await isOpen(page)
  await alice.client.ask('POST', '/lock', {})
  await lockScreen(page)
  await squat()
  sent.length = 0
  let hellos = 0
  const again = page.waitForRequest((request) => request.url().endsWith('/session/hello') && ++hellos === 2)
  await unlock(page)
  await page.getByRole('heading', { name: 'This is not your Warren' }).waitFor()
  t.notOk(sent.includes('/unlock'), 'who came after the screen was drawn gets nothing either')
  await (await again).response()
  t.equal(await page.getByRole('textbox').count(), 0, 'and whatever it answers later, it has to prove itself')
  await page.unroute('**/api/v1/**')
  await lockScreen(page)
  await unlock(page)
  await isOpen(page)
})

browser.test('a key that is typed anywhere tells the daemon that somebody is there', async (t, visits) => {
  const page = await visits.open(alice, { expected })
  await isOpen(page)
  const told = new Promise<string>((resolve) => {
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => {
        if (String(payload).includes('active')) resolve(String(payload))
      })
    })
  })
  await page.reload()
  await isOpen(page)
  await page.keyboard.press('Shift')
  t.same(JSON.parse(await told), { type: 'active' })
})

browser.test('it locks by itself when nobody was there', async (t, visits) => {
  const page = await visits.open(alice, { expected })
  await settings(page)
  const saved = page.waitForResponse((answer) => answer.request().method() === 'PATCH')
  await page.getByRole('combobox', { name: 'Lock by itself' }).selectOption('After 5 minutes without me')
  await saved
  t.match(await alice.client.ask('GET', '/lock'), { idleMinutes: 5 })
  setClockBack(-6)
  await alice.client.ask('GET', '/health')
  await lockScreen(page)
  setClockBack(0)
  await unlock(page)
  await settings(page)
  await contains(page.getByRole('combobox', { name: 'Lock by itself' }), '5')
  t.pass('the setting is kept')
})

for (const look of [
  { width: 360, scheme: 'light' },
  { width: 1280, scheme: 'dark' },
] as const) {
  browser.test(`lock screen and keys at ${look.width} px, ${look.scheme}`, async (t, visits) => {
    const page = await visits.open(alice, { ...look, expected, context: { reducedMotion: 'reduce' } })
    await settings(page)
    await page.getByTestId('key-slots').scrollIntoViewIfNeeded()
    const check = async (name: string): Promise<void> => {
      await axe(t, page, `${look.width} ${look.scheme} ${name}`)
      t.ok(await fits(page), `${name} fits`)
    }
    await check('keys')
    await page.getByTestId('add-passphrase').click()
    await page.getByRole('dialog', { name: 'Change the passphrase' }).waitFor()
    await check('passphrase')
    await page.getByRole('button', { name: 'Cancel' }).click()
    await alice.client.ask('POST', '/lock', {})
    await lockScreen(page)
    await check('lock')
    await unlock(page)
    await page.getByTestId('key-slots').waitFor()
  })
}
