/** When somebody is not there: the other person, the own daemon, the network between page and daemon. */

import type { Page, WebSocketRoute } from 'playwright-core'
import t from 'tap'
import { axe } from './support/axe.ts'
import { BrowserTests, consoleSays } from './support/browser.ts'
import { startWhole } from '../pnserver/support/whole-server.ts'
import { registerPhone } from '../support/phone.ts'
import { contains } from './support/field.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const alice = new Person('Alice')
const bob = new Person('Bob', { deviceClass: 'phone' })
await browser.before(async () => {
  await startPeople(t, alice, bob)
  await alice.befriend(bob)
})

const composer = (page: Page) => page.getByRole('textbox', { name: 'Message to Bob' })
const bubble = (page: Page, text: string) => page.getByTestId('message').filter({ hasText: text })
const presence = (page: Page) => page.getByTestId('presence')
const banner = (page: Page) => page.getByText('Warren is not running on this device. Reconnecting…')

async function openChat(page: Page): Promise<void> {
  await page.getByRole('link').filter({ hasText: 'Bob' }).click()
  await composer(page).waitFor()
}

async function write(page: Page, text: string): Promise<void> {
  await composer(page).fill(text)
  await composer(page).press('Enter')
}

browser.test('a message to somebody who is away says so, and arrives when they are back', async (t, visits) => {
  const page = await visits.open(alice)
  await openChat(page)
  await presence(page).getByText('online').waitFor()
  await bob.stop()
  await presence(page).getByText('Last seen just now').waitFor()
  t.equal(await page.getByRole('link').filter({ hasText: 'Bob online' }).count(), 0)
  await write(page, 'See you tomorrow')
  await bubble(page, 'See you tomorrow').getByRole('img', { name: 'Saved on this device' }).waitFor()
  await page.getByText('Will be delivered when Bob is back').waitFor()
  await write(page, 'And bring the tent')
  t.equal(await page.getByText('Will be delivered when Bob is back').count(), 1, 'said once, below the last')

  await bob.start()
  await presence(page).getByText('online').waitFor()
  await bubble(page, 'And bring the tent').getByRole('img', { name: 'Delivered' }).waitFor()
  t.equal(await page.getByText('Will be delivered when Bob is back').count(), 0)
  // Held is not yet readable: the key of a first message comes a moment later.
  await bob.holds(alice, 'And bring the tent')
  t.strictSame(await bob.texts(alice), ['See you tomorrow', 'And bring the tent'])
})

browser.test('whoever has a phone that sleeps is being woken, and gets it then', async (t, visits) => {
  const server = await startWhole(t)
  await registerPhone(bob, server)
  const { id } = await alice.conversation(bob)
  const page = await visits.open(alice)
  await openChat(page)
  await presence(page).getByText('online').waitFor()
  await alice.contact('Bob', ({ wakeable }) => wakeable === true)
  await bob.stop()
  await presence(page).getByText('Last seen just now').waitFor()
  await write(page, 'Wake up!')
  await page.getByTestId('will-be-delivered').getByText('Waking Bob’s phone…').waitFor()
  await bubble(page, 'Wake up!').getByRole('button').click()
  await page.getByTestId('receipt').getByText('Waking Bob’s phone…').waitFor()
  t.ok((await alice.client.ask<{ waking?: unknown[] }>('GET', `/conversations/${id}`)).waking)
  await page.keyboard.press('Escape')
  await bob.start()
  await bubble(page, 'Wake up!').getByRole('img', { name: 'Delivered' }).waitFor()
  t.equal(await page.getByTestId('will-be-delivered').count(), 0)
})

browser.test('a push server is chosen in the settings, and none again', async (t, visits) => {
  const { server } = await startWhole(t)
  const page = await visits.open(alice, { expected: [consoleSays.refused], width: 360 })
  await page.evaluate(() => {
    location.hash = '#/settings'
  })
  const address = page.getByRole('textbox', { name: 'Address of the push server' })
  await address.fill('push.example.org/path')
  await address.press('Enter')
  await page.getByText('That is not the address of a push server.').waitFor()
  await address.fill(server.origin)
  await page.getByRole('button', { name: 'Use it' }).click()
  await page.getByTestId('push-server-used').getByText(server.origin).waitFor()
  await page.getByText('Only the app of a phone registers').waitFor()
  await page.getByText('What a push server can see').click()
  await page.getByText('Never who you are').waitFor()
  await axe(t, page, '360-light push server')
  await page.getByRole('button', { name: 'Use none' }).click()
  await address.waitFor()
})

browser.test('a push server that is gone can be left, and what it still holds is said', async (t, visits) => {
  const whole = await startWhole(t)
  await registerPhone(alice, whole)
  const page = await visits.open(alice, { width: 360 })
  await page.evaluate(() => {
    location.hash = '#/settings'
  })
  await page.getByText('One person can wake this device.').waitFor()
  await whole.server.close()
  await page.getByRole('button', { name: 'Use none' }).click()
  const former = page.getByTestId('push-server-former')
  await former.getByText(`${whole.server.origin} was used before, and has not taken back yet`).waitFor()
  await page.getByRole('textbox', { name: 'Address of the push server' }).waitFor()
  await axe(t, page, '360-light push server that is gone')
})

browser.test('the page outlives its daemon: nothing typed is lost, nothing is sent twice', async (t, visits) => {
  const expected = [consoleSays.daemonGone, consoleSays.refused]
  const page = await visits.open(alice, { expected })
  const phone = await visits.open(alice, { expected, width: 360, scheme: 'dark' })
  await openChat(phone)
  await openChat(page)
  await write(page, 'before')
  await bubble(page, 'before').getByRole('img', { name: 'Delivered' }).waitFor()
  await alice.stop()
  await banner(page).waitFor()
  await write(page, 'while it was gone')
  await write(page, 'and one more')
  await bubble(page, 'while it was gone').getByRole('img', { name: 'Waiting to be sent' }).waitFor()
  await page.getByText('Not sent yet. Warren tries again by itself.').waitFor()
  await axe(t, page, '1280-light daemon-gone')
  await banner(phone).waitFor()
  await axe(t, phone, '360-dark daemon-gone')
  await composer(page).fill('half a thought')
  await alice.start()
  await banner(page).waitFor({ state: 'detached' })
  await bubble(page, 'and one more').getByRole('img', { name: 'Delivered' }).waitFor()
  t.equal(await composer(page).inputValue(), 'half a thought')
  await write(page, 'after')
  await bob.holds(alice, 'after')
  t.strictSame((await bob.texts(alice)).slice(-4), ['before', 'while it was gone', 'and one more', 'after'])
  t.strictSame((await page.locator('.words').allTextContents()).slice(-4), (await bob.texts(alice)).slice(-4))
})

browser.test('an answer that is lost on the way does not double the message', async (t, visits) => {
  const page = await visits.open(alice, { routed: true, expected: [consoleSays.daemonGone, /ERR_FAILED/] })
  await openChat(page)
  let lost = 0
  await page.route('**/messages', async (route) => {
    if (route.request().method() !== 'POST' || lost === 2) return await route.fallback()
    lost += 1
    await route.fetch()
    await route.abort()
  })
  await write(page, 'exactly once')
  await bubble(page, 'exactly once').getByRole('img', { name: 'Delivered' }).waitFor()
  await write(page, 'and then this')
  await bob.holds(alice, 'and then this')
  t.equal(lost, 2)
  t.strictSame((await bob.texts(alice)).slice(-2), ['exactly once', 'and then this'])
  t.equal(await bubble(page, 'exactly once').count(), 1)
})

/** Holds the next answer of this kind until it is let go. */
async function hold(page: Page, method: 'GET' | 'POST'): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  await page.route('**/messages*', async (route) => {
    if (route.request().method() !== method) return await route.fallback()
    const response = await route.fetch()
    await promise
    await route.fulfill({ response })
  })
  return resolve
}

browser.test('an answer that comes late takes no tick back', async (t, visits) => {
  const page = await visits.open(alice)
  await openChat(page)
  const letGo = await hold(page, 'POST')
  await write(page, 'ticked early')
  await bubble(page, 'ticked early').getByRole('img', { name: 'Delivered' }).waitFor()
  letGo()
  // One is sent after the other: the first answer has come once the second message is on its way.
  await write(page, 'the next')
  await bubble(page, 'the next').getByRole('img', { name: 'Delivered' }).waitFor()
  t.equal(await bubble(page, 'ticked early').getByRole('img', { name: 'Delivered' }).count(), 1)
})

browser.test('a page of history that comes late hides nothing that came meanwhile', async (t, visits) => {
  const page = await visits.open(alice)
  await page.getByRole('link').filter({ hasText: 'Bob' }).waitFor()
  await bob.stop()
  await alice.say(bob, 'sent before')
  const letGo = await hold(page, 'GET')
  const asked = page.waitForRequest(/messages/)
  await openChat(page)
  await asked
  await bob.start()
  await page.getByRole('link', { name: /Bob.*Delivered sent before/ }).waitFor()
  await bob.say(alice, 'said meanwhile')
  await page.getByRole('link', { name: /Bob.*said meanwhile/ }).waitFor()
  letGo()
  await bubble(page, 'said meanwhile').waitFor()
  await bubble(page, 'sent before').getByRole('img', { name: 'Delivered' }).waitFor()
  t.equal(await page.getByText('Will be delivered when').count(), 0)
})

browser.test('a message that the daemon refuses can be tried again or taken back', async (t, visits) => {
  const page = await visits.open(alice, { routed: true, expected: [consoleSays.refused] })
  await openChat(page)
  await page.route('**/messages', async (route) => {
    if (route.request().method() !== 'POST') return await route.fallback()
    const error = { code: 'STORE_FULL', message: 'no space left' }
    await route.fulfill({ status: 507, json: { error } })
  })
  await write(page, 'no room for this')
  await page.getByRole('alert').getByText('The disk is full.').waitFor()
  await axe(t, page, '1280-light refused')
  await write(page, 'nor for this')
  await bubble(page, 'nor for this').getByRole('img', { name: 'Not sent' }).waitFor()
  await page.unroute('**/messages')
  await page.getByRole('button', { name: 'Try again' }).first().click()
  await bob.holds(alice, 'no room for this')
  await page.getByRole('button', { name: 'Delete' }).click()
  await bubble(page, 'nor for this').waitFor({ state: 'detached' })
  t.notOk((await alice.texts(bob)).includes('nor for this'))
})

browser.test('a broken socket mends itself, and what came meanwhile is there once', async (t, visits) => {
  const page = await visits.open(alice)
  const sockets: WebSocketRoute[] = []
  let isCut = false
  await page.routeWebSocket('**/api/v1/events', async (socket) => {
    sockets.push(socket)
    if (isCut) await socket.close()
    else socket.connectToServer()
  })
  await openChat(page)
  await page.reload()
  await composer(page).waitFor()
  isCut = true
  await Promise.all(sockets.map(async (each) => await each.close()))
  await banner(page).waitFor()
  await bob.say(alice, 'sent into the gap', 'and another')
  await alice.holds(bob, 'and another')
  isCut = false
  await bubble(page, 'and another').waitFor()
  await banner(page).waitFor({ state: 'detached' })
  t.equal(await bubble(page, 'sent into the gap').count(), 1)
  t.strictSame((await page.locator('.words').allTextContents()).slice(-2), ['sent into the gap', 'and another'])
})

browser.test('words that wait for the daemon outlive a reload of the page', async (t, visits) => {
  const page = await visits.open(alice, { routed: true, expected: [consoleSays.daemonGone, /ERR_FAILED/] })
  await openChat(page)
  await page.route('**/messages', async (route) =>
    route.request().method() === 'POST' ? await route.abort() : await route.fallback(),
  )
  await write(page, 'kept through a reload')
  await bubble(page, 'kept through a reload').getByRole('img', { name: 'Waiting to be sent' }).waitFor()
  await page.reload()
  await bubble(page, 'kept through a reload').waitFor()
  t.notOk((await alice.texts(bob)).includes('kept through a reload'))
  await page.unroute('**/messages')
  await bob.holds(alice, 'kept through a reload')
  await bubble(page, 'kept through a reload').getByRole('img', { name: 'Delivered' }).waitFor()
  t.equal((await bob.texts(alice)).filter((text) => text === 'kept through a reload').length, 1)
})

browser.test('a page that opens while nothing answers waits, and opens by itself', async (_, visits) => {
  const page = await visits.open(alice, { routed: true, expected: [/ERR_FAILED/] })
  await openChat(page)
  await page.route('**/api/v1/**', async (route) => await route.abort())
  await page.reload()
  await page.getByRole('heading', { name: 'Warren is not running' }).waitFor()
  await page.unroute('**/api/v1/**')
  await composer(page).waitFor()
})

browser.test('a daemon of another version asks for a reload', async (t, visits) => {
  const page = await visits.open(alice, { routed: true, expected: [consoleSays.daemonGone, consoleSays.refused] })
  await openChat(page)
  await composer(page).fill('still mine')
  await page.route('**/api/v1/health', async (route) => {
    await route.fulfill({ json: { status: 'ok', version: '9.0.0', apiVersion: 99 } })
  })
  await alice.stop()
  await alice.start()
  await page.getByText('Warren was updated. Reload this page to go on.').waitFor()
  t.equal(await composer(page).inputValue(), 'still mine')
  await page.unroute('**/api/v1/health')
  await page.getByRole('button', { name: 'Reload' }).click()
  await page.waitForFunction(() => performance.getEntriesByType('navigation').length === 1)
  await contains(composer(page), 'still mine')
  t.pass('kept')
})
