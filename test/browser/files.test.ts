/** Files between two people at two pages: chosen, pasted, dropped, seen, heard, saved, and waited for. */

import { readFileSync } from 'node:fs'
import type { Locator, Page, Route } from 'playwright-core'
import t from 'tap'
import { dangerous, pngOf, wavOf } from '../support/sample-files.ts'
import { axe } from './support/axe.ts'
import { BrowserTests, consoleSays } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const alice = new Person('Alice')
const bob = new Person('Bob')
await browser.before(async () => {
  await startPeople(t, alice, bob)
  await alice.befriend(bob)
})

const composer = (page: Page, name: string) => page.getByRole('textbox', { name: `Message to ${name}` })

async function openChat(page: Page, name: string): Promise<void> {
  await page.getByRole('link').filter({ hasText: name }).click()
  await composer(page, name).waitFor()
}

interface Given {
  readonly name: string
  readonly mimeType: string
  readonly buffer: Buffer
}

const lake: Given = { name: 'lake.png', mimeType: 'image/png', buffer: pngOf(320, 200, '#2f62b5') }
const meadow: Given = { name: 'meadow.png', mimeType: 'image/png', buffer: pngOf(200, 320, '#1f7a4d') }
const tone: Given = { name: 'tone.wav', mimeType: 'audio/wav', buffer: wavOf(1) }
const plan: Given = { name: 'plan.pdf', mimeType: 'application/pdf', buffer: dangerous['pdf'] ?? Buffer.from('') }
/** A page that calls itself a picture. */
const trap: Given = { name: 'cat.png', mimeType: 'image/png', buffer: dangerous['html'] ?? Buffer.from('') }

async function choose(page: Page, ...files: readonly Given[]): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.getByTestId('attach').click()])
  await chooser.setFiles([...files])
}

/** As a browser brings files that are dropped or pasted. */
async function bring(page: Page, how: 'drop' | 'paste', { name, mimeType, buffer }: Given): Promise<void> {
  const given = { name, mimeType, text: buffer.toString('base64'), how }
  await composer(page, 'Bob').evaluate((box, file) => {
    const bytes = Uint8Array.from(atob(file.text), (each) => each.charCodeAt(0))
    const transfer = new DataTransfer()
    transfer.items.add(new File([bytes], file.name, { type: file.mimeType }))
    const options = { bubbles: true, composed: true, cancelable: true }
    if (file.how === 'paste') box.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: transfer }))
    else
      for (const type of ['dragenter', 'dragover', 'drop'])
        box.dispatchEvent(new DragEvent(type, { ...options, dataTransfer: transfer }))
  }, given)
}

/** How large pictures are drawn, once all of them, so many, are. */
const drawn = async (page: Page, count: number): Promise<(readonly [number, number])[]> => {
  await page.waitForFunction((wanted) => {
    const deep = (root: ParentNode): HTMLImageElement[] =>
      [...root.querySelectorAll('*')].flatMap((each) => [
        ...(each instanceof HTMLImageElement ? [each] : []),
        ...(each.shadowRoot === null ? [] : deep(each.shadowRoot)),
      ])
    const all = deep(document).filter((each) => each.closest('.picture') !== null)
    return all.length === wanted && all.every((each) => each.complete && each.naturalWidth > 0)
  }, count)
  const boxes = await page.getByTestId('picture').evaluateAll((all) => all.map((each) => each.getBoundingClientRect()))
  return boxes.map(({ width, height }) => [Math.round(width), Math.round(height)] as const)
}

browser.test(
  'files go with a caption, and are there on the other side: pictures, sound, and cards',
  async (t, visits) => {
    const page = await visits.open(alice)
    const theirs = await visits.open(bob, { width: 360, scheme: 'dark' })
    await openChat(page, 'Bob')
    await openChat(theirs, 'Alice')
    await choose(page, plan, tone, trap)
    await page.getByRole('list', { name: 'Files of the next message' }).getByText('plan.pdf').waitFor()
    await bring(page, 'paste', lake)
    await bring(page, 'drop', meadow)
    await page.getByRole('button', { name: 'Remove plan.pdf' }).click()
    await choose(page, plan)
    await composer(page, 'Bob').fill('From the trip')
    await page.locator('[data-testid=send]:not([disabled])').waitFor()
    await axe(t, page, 'files are chosen')
    await composer(page, 'Bob').press('Enter')

    for (const [side, who] of [
      [page, 'own'],
      [theirs, 'theirs'],
    ] as const) {
      await side.getByTestId('message').filter({ hasText: 'From the trip' }).waitFor()
      await side.getByRole('button', { name: 'Picture lake.png, open it' }).waitFor()
      await side.getByRole('button', { name: 'Picture meadow.png, open it' }).waitFor()
      await side.locator('audio').waitFor()
      await side.locator('[data-testid=file][data-state=whole]').filter({ hasText: 'plan.pdf' }).waitFor()
      await side.locator('[data-testid=file][data-state=whole]').filter({ hasText: 'cat.png' }).waitFor()
      t.equal((await drawn(side, 2)).length, 2, who)
      await axe(t, side, `files ${who}`)
    }
    const [download] = await Promise.all([
      theirs.waitForEvent('download'),
      theirs.getByRole('button', { name: 'Save cat.png' }).click(),
    ])
    t.equal(download.suggestedFilename(), 'cat.png')
    t.ok(readFileSync(await download.path()).equals(trap.buffer), 'as it was sent')
    await theirs.getByTestId('conversation').filter({ hasText: 'From the trip' }).waitFor({ state: 'attached' })
  },
)

browser.test('one picture keeps its shape, and is looked at by keyboard', async (t, visits) => {
  const page = await visits.open(alice)
  await openChat(page, 'Bob')
  await page.getByTestId('picture').first().waitFor()
  await choose(page, lake)
  await page.locator('[data-testid=send]:not([disabled])').waitFor()
  await composer(page, 'Bob').press('Enter')
  // Until the daemon has it, it is drawn anew once more.
  const sent = page.getByTestId('message').filter({ has: page.getByTestId('picture') })
  await sent.nth(1).and(page.locator('[data-id]')).waitFor()
  const [, , own] = await drawn(page, 3)
  t.equal(Math.round(((own?.[0] ?? 0) / (own?.[1] ?? 1)) * 100), 160, 'as wide to high as it is')
  await page.getByTestId('picture').nth(2).focus()
  await page.keyboard.press('Enter')
  const viewer = page.getByTestId('viewer')
  await viewer.getByText('3 / 3').waitFor()
  await axe(t, page, 'picture')
  await page.keyboard.press('ArrowLeft')
  await viewer.getByRole('heading', { name: 'meadow.png' }).waitFor()
  await page.keyboard.press('ArrowLeft')
  await viewer.getByRole('heading', { name: 'lake.png' }).waitFor()
  await page.keyboard.press('ArrowLeft')
  await viewer.getByText('1 / 3').waitFor()
  const [download] = await Promise.all([page.waitForEvent('download'), viewer.getByTestId('viewer-save').click()])
  t.ok(readFileSync(await download.path()).equals(lake.buffer))
  await page.keyboard.press('Escape')
  await viewer.waitFor({ state: 'hidden' })
  await page.getByTestId('picture').nth(2).and(page.locator(':focus')).waitFor()
  t.pass('back where it was')
})

browser.test('what was sent to somebody who is away comes by itself', async (t, visits) => {
  await bob.stop()
  const page = await visits.open(alice)
  await openChat(page, 'Bob')
  await choose(page, { name: 'later.txt', mimeType: 'text/plain', buffer: Buffer.from('later') })
  await page.locator('[data-testid=send]:not([disabled])').waitFor()
  await composer(page, 'Bob').press('Enter')
  await page.getByTestId('will-be-delivered').waitFor()
  await page.getByTestId('conversation').filter({ hasText: 'later.txt' }).waitFor()
  await bob.start()
  const theirs = await visits.open(bob, { language: 'de-DE' })
  await theirs.getByRole('link').filter({ hasText: 'Alice' }).click()
  await theirs.locator('[data-testid=file][data-state=whole]').filter({ hasText: 'later.txt' }).waitFor()
  await theirs.getByRole('button', { name: 'later.txt sichern' }).waitFor()
  t.pass('it is there, without anybody asking')
})

/** Files stop on their way to the daemon until somebody says how it goes on with the one of that name. */
async function heldBack(page: Page): Promise<(name: string) => Promise<Route>> {
  const held: Route[] = []
  let tell: (() => void) | undefined
  await page.route('**/api/v1/blobs?*', (route) => {
    held.push(route)
    tell?.()
  })
  return async (name) => {
    for (;;) {
      const at = held.findIndex((route) => new URL(route.request().url()).searchParams.get('name') === name)
      const [found] = at < 0 ? [] : held.splice(at, 1)
      if (found !== undefined) return found
      await new Promise<void>((resolve) => {
        tell = resolve
      })
    }
  }
}

const tooLarge = { status: 413, json: { error: { code: 'TOO_LARGE', message: 'too large' } } }

const box = async (at: Locator): Promise<number[]> => {
  const { x, y, width, height } = (await at.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  return [x, y, width, height].map(Math.round)
}

browser.test('a message stands there while its files are on their way, and stays where it is', async (t, visits) => {
  const page = await visits.open(alice, { routed: true, expected: [consoleSays.refused, /ERR_FAILED/] })
  await openChat(page, 'Bob')
  const next = await heldBack(page)
  const words = page.getByTestId('message').filter({ hasText: 'It is on its way' })
  await choose(page, meadow, plan)
  await page.getByTestId('attaching').locator('img').waitFor()
  await composer(page, 'Bob').fill('It is on its way')
  await composer(page, 'Bob').press('Enter')
  await words.getByRole('button', { name: 'Do not send meadow.png' }).waitFor()
  await words.getByRole('button', { name: 'Do not send plan.pdf' }).waitFor()
  t.equal(await composer(page, 'Bob').inputValue(), '', 'the next one can be written')
  await axe(t, page, 'files on their way')

  await page.getByRole('link').filter({ hasText: 'Notes to self' }).click()
  await composer(page, 'Notes to self').waitFor()
  await openChat(page, 'Bob')
  const picture = words.getByTestId('picture')
  await picture.evaluate((each) => each.setAttribute('data-same', ''))
  await page.getByTestId('messages').and(page.locator('.placed')).waitFor()
  const image = await picture.locator('img').elementHandle()
  await page.waitForFunction((each) => (each as HTMLImageElement | null)?.naturalWidth, image)
  const before = await box(picture)
  const [picturesWay, plansWay] = [await next('meadow.png'), await next('plan.pdf')]
  await plansWay.fulfill(tooLarge)
  await words.getByText('Too large to send').waitFor()
  await picturesWay.continue()
  await page.getByText('Not sent.').waitFor()
  await axe(t, page, 'a file is too large')
  await words.getByRole('button', { name: 'Remove plan.pdf' }).click()
  await page.getByRole('button', { name: 'Try again' }).click()
  await words.and(page.locator('[data-id]')).waitFor()
  await words.getByRole('button', { name: 'Picture meadow.png, open it' }).waitFor()
  t.equal(await picture.getAttribute('data-same'), '', 'the picture on the screen is the same one')
  t.strictSame((await box(picture)).slice(2), before.slice(2), 'and as large')
})

const isAsked = async (page: Page): Promise<boolean> =>
  await page.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })))

browser.test('what the daemon does not take goes again by itself, or is kept for another try', async (t, visits) => {
  const page = await visits.open(alice, { routed: true, expected: [consoleSays.refused, /ERR_FAILED/] })
  await openChat(page, 'Bob')
  const context = page.context()
  const next = await heldBack(page)
  const sent = (text: string) => page.getByTestId('message').filter({ hasText: text })
  await choose(page, lake)
  await composer(page, 'Bob').fill('Second try')
  await composer(page, 'Bob').press('Enter')
  await (await next('lake.png')).abort()
  await page.getByTestId('waiting-to-send').waitFor()
  await (await next('lake.png')).continue()
  await sent('Second try').and(page.locator('[data-id]')).waitFor()

  await choose(page, tone)
  await composer(page, 'Bob').fill('Not whole')
  await composer(page, 'Bob').press('Enter')
  await next('tone.wav')
  await sent('Not whole').getByRole('button', { name: 'Do not send tone.wav' }).waitFor()
  t.equal(await isAsked(page), true, 'the browser asks before it closes the page')
  await page.close()
  const later = await context.newPage()
  await later.goto(alice.origin)
  await openChat(later, 'Bob')
  t.equal(await isAsked(later), false)
  const left = later.getByTestId('message').filter({ hasText: 'Not whole' })
  await left.getByText('The file cannot be read any more.').waitFor()
  await left.getByRole('button', { name: 'Remove tone.wav' }).click()
  await later.getByRole('button', { name: 'Try again' }).click()
  await left.and(later.locator('[data-id]')).waitFor()
  t.equal(await left.count(), 1)

  await heldBack(later)
  await choose(later, tone)
  await composer(later, 'Bob').press('Enter')
  await later.getByRole('button', { name: 'Do not send tone.wav' }).click()
  await later.getByRole('button', { name: 'Do not send tone.wav' }).waitFor({ state: 'detached' })
})
