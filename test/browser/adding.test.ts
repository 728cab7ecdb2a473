/** Finding somebody and becoming contacts: by address, link, code and camera, and all that may go wrong on the way. */

import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { ownPort } from '../support/own-port.ts'
import { BrowserTests, consoleSays } from './support/browser.ts'
import { cameraCounts, letGo, turnedOn, watchCamera } from './support/camera.ts'
import { Person, startPeople } from './support/person.ts'
import { emptyFilm, qrFilm, qrPicture } from './support/qr-picture.ts'

const folder = mkdtempSync(join(tmpdir(), 'w-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const film = join(folder, 'camera.y4m')
const browser = new BrowserTests(t, ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${film}`])
const [alice, bob, carol, dave, erin] = ['Alice', 'Bob', 'Carol', 'Dave', 'Erin'].map((name) => new Person(name)) as [
  Person,
  Person,
  Person,
  Person,
  Person,
]
await browser.before(async () => await startPeople(t, alice, bob, carol, dave, erin))

async function openAdd(page: Page, tab: string): Promise<void> {
  await page.getByRole('button', { name: 'Add someone' }).first().click()
  await page.getByRole('tab', { name: tab }).click()
}

/** A request that still waits is a link, too. */
async function openChat(page: Page, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Conversations' }).getByRole('link').filter({ hasText: name }).click()
}

async function lookAt(page: Page, address: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Address or contact link' }).fill(address)
  await page.getByRole('button', { name: 'Look who is there' }).click()
}

browser.test('an address shows who is there; a request is sent only then, and can be declined', async (t, visits) => {
  const page = await visits.open(alice)
  const theirs = await visits.open(bob)
  await openAdd(page, 'Address')
  await lookAt(page, bob.address)
  await page.getByRole('heading', { name: 'Bob' }).waitFor()
  const { fingerprint } = await bob.me()
  t.equal(await page.getByTestId('fingerprint').textContent(), fingerprint)
  t.strictSame(await bob.client.list('/contacts'), [], 'looking asks nothing')
  await page.getByRole('textbox', { name: 'A few words' }).fill('It is me, from the choir')
  await page.getByRole('button', { name: 'Send request' }).click()
  await page.getByRole('region', { name: 'Waiting for an answer' }).getByText('Asked, no answer yet').waitFor()

  const requests = theirs.getByRole('region', { name: 'Contact requests' })
  await requests.getByText('It is me, from the choir').waitFor()
  const own = await alice.me()
  await requests.getByText(own.fingerprint).waitFor()
  t.equal(await requests.getByText('online').count(), 0, 'no presence before a yes')
  await requests.getByRole('button', { name: 'Decline' }).click()
  await requests.waitFor({ state: 'detached' })
  await page.getByText('Declined').waitFor()
})

browser.test('who said no may ask in turn: then both have said yes', async (t, visits) => {
  const page = await visits.open(alice)
  const theirs = await visits.open(bob)
  await openAdd(theirs, 'Address')
  await lookAt(theirs, alice.address)
  await theirs.getByRole('button', { name: 'Send request' }).click()
  await openChat(theirs, 'Alice')
  await theirs.getByTestId('presence').getByText('online').waitFor()
  await openChat(page, 'Bob')
  await page.getByTestId('presence').getByText('online').waitFor()
  t.equal(await page.getByRole('region', { name: 'Waiting for an answer' }).count(), 0)
})

browser.test('a yes opens the conversation on both sides', async (_, visits) => {
  const page = await visits.open(alice)
  const theirs = await visits.open(dave)
  await openAdd(page, 'Address')
  await lookAt(page, dave.address)
  await page.getByRole('button', { name: 'Send request' }).click()
  await theirs.getByRole('button', { name: 'Accept' }).click()
  await theirs.getByRole('heading', { name: 'Alice' }).waitFor()
  await theirs.getByTestId('presence').getByText('online').waitFor()
  await openChat(page, 'Dave')
  await page.getByTestId('presence').getByText('online').waitFor()
  await openAdd(page, 'Address')
  await lookAt(page, dave.address)
  await page.getByText('You know each other already.').waitFor()
  await page.getByRole('button', { name: 'Open conversation' }).click()
  await page.getByRole('textbox', { name: 'Message to Dave' }).waitFor()
})

browser.test('a blocked stranger is gone and learns nothing of it', async (t, visits) => {
  await carol.request(alice, 'Buy my carpets')
  const page = await visits.open(alice)
  await page.getByText('Buy my carpets').waitFor()
  await page.getByRole('button', { name: 'Block' }).click()
  await page.getByText('Buy my carpets').waitFor({ state: 'detached' })
  t.match(await carol.client.list('/contacts'), [{ state: 'outgoing', declined: false }])
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('button', { name: 'Unblock Carol' }).click()
  await page.locator('warren-blocked').getByText('Nobody.').waitFor()
})

browser.test('every wrong address has its sentence', async (t, visits) => {
  // It is to be nobody's when this server is gone.
  const port = await ownPort()
  const server = createServer(
    (socket) =>
      void socket
        .on('error', () => undefined)
        .resume()
        .end('220 mail.example ESMTP\r\n'),
  ).listen(port, '127.0.0.1')
  await once(server, 'listening')
  const page = await visits.open(alice, { expected: [consoleSays.refused] })
  await openAdd(page, 'Address')
  const { link, deviceId } = await erin.me()
  const own = await alice.me()
  const peerPort = bob.address.split(':')[1] ?? ''
  const sentences: readonly [string, RegExp][] = [
    [`127.0.0.1:${port}`, /it is not Warren/],
    ['no-such-host.invalid', /No device with that name was found/],
    [alice.address, /That is this device itself/],
    [own.link, /That is this device itself/],
    [`${link.slice(0, -3)}${link.endsWith('AAA') ? 'BBB' : 'AAA'}`, /not a whole Warren link or address/],
    ['good morning', /not a whole Warren link or address/],
    [`/ip4/127.0.0.1/tcp/${peerPort}/p2p/${deviceId}`, /Another device answered than the one this link names/],
  ]
  const alert = page.getByRole('alert')
  for (const [address, sentence] of sentences) {
    await lookAt(page, address)
    await alert.filter({ hasText: sentence }).waitFor()
    t.pass(`${address.slice(0, 24)}: ${String(sentence)}`)
  }
  server.close()
  await once(server, 'close')
  await lookAt(page, `127.0.0.1:${port}`)
  await alert.filter({ hasText: /Warren is not running there/ }).waitFor()
  t.strictSame(await erin.client.list('/contacts'), [])
})

browser.test('the own code, as it stands on the screen, leads another page here', async (t, visits) => {
  const page = await visits.open(erin, { scheme: 'dark', width: 360 })
  await openAdd(page, 'My code')
  const { link, fingerprint } = await erin.me()
  t.equal(await page.getByTestId('own-link').getByTestId('copy-text').textContent(), link)
  const picture = await page.getByRole('img', { name: 'QR code of your contact link' }).screenshot()
  const theirs = await visits.open(bob)
  await openAdd(theirs, 'Scan')
  await theirs.getByLabel('Read a picture').setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: picture })
  await theirs.getByRole('heading', { name: 'Erin' }).waitFor()
  t.equal(await theirs.getByTestId('fingerprint').textContent(), fingerprint)
})

browser.test('a code is read from a picture, and by the camera', async (t, visits) => {
  const { link } = await erin.me()
  writeFileSync(film, qrFilm(link))
  const page = await visits.open(dave, { context: { permissions: ['camera'] } })
  await openAdd(page, 'Scan')
  const file = page.getByLabel('Read a picture')
  const upload = async (buffer: Buffer): Promise<void> =>
    await file.setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer })
  await upload(qrPicture('https://example.org/'))
  await page.getByRole('alert').filter({ hasText: 'not a whole Warren link' }).waitFor()
  await upload(Buffer.from('this is no picture'))
  await page.getByText('No code was found in this picture.').waitFor()
  await upload(qrPicture(link))
  await page.getByRole('heading', { name: 'Erin' }).waitFor()
  await page.getByRole('button', { name: 'Back', exact: true }).click()
  await page.getByRole('button', { name: 'Turn on the camera' }).click()
  await page.getByRole('heading', { name: 'Erin' }).waitFor()
  t.strictSame(await erin.client.list('/contacts'), [], 'reading a code asks nothing')
  await page.getByRole('button', { name: 'Send request' }).click()
  await erin.contact('Dave', ({ state }) => state === 'incoming')
})

browser.test('pressed twice, the camera is turned on once, and off with the dialog', async (t, visits) => {
  writeFileSync(film, emptyFilm())
  const page = await visits.open(dave, { context: { permissions: ['camera'] } })
  await openAdd(page, 'Scan')
  await watchCamera(page, 'permission')
  await page.getByRole('button', { name: 'Turn on the camera' }).dblclick()
  t.match(await cameraCounts(page), { opened: 1 })
  await letGo(page)
  t.strictSame(await turnedOn(page, 'reading'), { opened: 1, live: 1, timers: 1 })
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
  t.strictSame(await cameraCounts(page), { opened: 1, live: 0, timers: 0 })
})

for (const held of ['permission', 'picture'] as const) {
  browser.test(`a dialog that closes while the camera waits for its ${held} leaves it off`, async (t, visits) => {
    writeFileSync(film, emptyFilm())
    const page = await visits.open(dave, { context: { permissions: ['camera'] } })
    await openAdd(page, 'Scan')
    await watchCamera(page, held)
    await page.getByRole('button', { name: 'Turn on the camera' }).click()
    if (held === 'picture') await turnedOn(page, 'stream')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await letGo(page)
    t.strictSame(await cameraCounts(page), { opened: 1, live: 0, timers: 0 })
  })
}

browser.test('without leave to use the camera the page says how to go on', async (_, visits) => {
  const page = await visits.open(alice)
  await openAdd(page, 'Scan')
  await page.getByRole('button', { name: 'Turn on the camera' }).click()
  await page.getByText('The browser may not use the camera.').waitFor()
})

browser.test('a contact link finds its person, and waits for one who is away', async (t, visits) => {
  const { link } = await erin.me()
  const page = await visits.open(alice, { expected: [consoleSays.refused] })
  await openAdd(page, 'Address')
  await lookAt(page, ` ${link}\n`)
  await page.getByRole('heading', { name: 'Erin' }).waitFor()
  await page.getByText('This device proved that it is the one the link names.').waitFor()
  await page.getByRole('button', { name: 'Back', exact: true }).click()
  await erin.stop()
  await lookAt(page, link)
  await page.getByRole('alert').waitFor()
  await page.getByRole('button', { name: 'Ask anyway; they get it when they are back' }).click()
  await page.getByRole('button', { name: 'Send request' }).click()
  await page.getByRole('region', { name: 'Waiting for an answer' }).waitFor()
  await erin.start()
})
