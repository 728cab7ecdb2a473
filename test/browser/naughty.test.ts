/** Names, notes, status texts and messages of every ill will are shown as the text that they are, wherever they are shown. */

import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { boundedFileName } from '../../daemon/owner/file-name.ts'
import type { Attachment } from '../../protocol/http-files.ts'
import type { Contact } from '../../protocol/http-people.ts'
import { limits } from '../../protocol/limits.ts'
import { pngOf } from '../support/sample-files.ts'
import { BrowserTests } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'

const read = (name: string): string[] =>
  JSON.parse(readFileSync(new URL(`../naughty/${name}`, import.meta.url), 'utf8')) as string[]

const vectors = read('vectors.json')
const corpus = read('blns.base64.json')
  .map((each) => Buffer.from(each, 'base64').toString('utf8'))
  .filter((each) => each !== '')

const browser = new BrowserTests(t)
const [alice, bob] = [new Person('Alice'), new Person('Bob')]
const mallory = new Person('<img src=x onerror=alert(1)>')
const note = '</p><script>alert(1)</script><svg onload=alert(2)>'
await browser.before(async () => {
  await startPeople(t, alice, bob, mallory)
  await alice.befriend(bob)
  await mallory.request(alice, note)
})

/** What no text may become: foreign elements, handlers, links that run something. Runs in the page. */
const strange = `(() => {
  const found = []
  const bad = 'script iframe object embed base meta link math template marquee video audio source body'.split(' ')
  const walk = (root) => {
    for (const each of root.querySelectorAll('*')) {
      if (bad.includes(each.localName)) found.push(each.outerHTML)
      for (const { name, value } of each.attributes) {
        if (/^on|^srcdoc$/.test(name)) found.push(name + '=' + value)
        if (/^(href|src|action|data|formaction|xlink:href)$/.test(name) && !/^(#|\\/|https?:|mailto:|blob:)/.test(value)) found.push(value)
      }
      if (each.shadowRoot) walk(each.shadowRoot)
    }
  }
  walk(document.body)
  return found
})()`

async function harmless(t: Test, page: Page): Promise<void> {
  t.strictSame(await page.evaluate<string[]>(strange), [], 'nothing but our own elements, and plain links')
}

/** As soon as an element of this kind says exactly this. */
async function shows(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector).filter({ visible: true }).first().waitFor()
  await page
    .waitForFunction(
      ([where, wanted]) => {
        const found: string[] = []
        const walk = (root: Document | ShadowRoot): void => {
          for (const each of root.querySelectorAll(where ?? '')) found.push(each.textContent ?? '')
          for (const each of root.querySelectorAll('*')) if (each.shadowRoot !== null) walk(each.shadowRoot)
        }
        walk(document)
        return found.includes(wanted ?? '')
      },
      [selector, text],
    )
    .catch(() => {
      throw new Error(`${selector} does not show ${JSON.stringify(text)}`)
    })
}

const go = async (page: Page, hash: string): Promise<void> =>
  await page.evaluate((to) => {
    location.hash = to
  }, hash)

browser.test('the watch sees what a text could become', async (t, visits) => {
  const page = await visits.open(alice)
  await page.getByTestId('conversation').first().waitFor()
  await harmless(t, page)
  await page.evaluate(() => {
    const link = document.createElement('a')
    link.setAttribute('href', 'data:text/html,x')
    document.body.append(document.createElement('iframe'), link)
  })
  t.equal((await page.evaluate<string[]>(strange)).length, 2)
})

browser.test(
  'messages: the whole corpus and every vector, in a chat, in the list and in a draft',
  async (t, visits) => {
    const page = await visits.open(alice)
    const { id } = await alice.conversation(bob)
    await go(page, `#/c/${id}`)
    await page.getByRole('textbox', { name: 'Message to Bob' }).waitFor()
    const perMessage = 32
    const texts = [...vectors]
    for (let at = 0; at < corpus.length; at += perMessage) texts.push(corpus.slice(at, at + perMessage).join('\n'))
    for (const [at, text] of texts.entries()) {
      await bob.say(alice, `${at} ${text}`)
      await shows(page, '.words', `${at} ${text}`)
      if (at % 20 === 0) await harmless(t, page)
    }
    t.strictSame(
      (await alice.texts(bob, 200)).slice(-texts.length),
      texts.map((text, at) => `${at} ${text}`),
    )
    for (const text of vectors.slice(0, 10)) {
      await bob.say(alice, text)
      await shows(page, '[data-testid=conversation] .preview bdi', text.replaceAll(/\s+/g, ' '))
      await page.getByRole('textbox', { name: 'Message to Bob' }).fill(text)
      t.equal(await page.getByRole('textbox', { name: 'Message to Bob' }).inputValue(), text)
    }
    await page.getByRole('textbox', { name: 'Message to Bob' }).fill('')
    await harmless(t, page)
    t.match(await page.title(), /^(?:\(\d+\) )?Warren$/, 'no text of others is in the title')
  },
)

browser.test('a request: name and note, in the list and on its page', async (t, visits) => {
  const page = await visits.open(alice)
  const contact = await alice.hear((event) => {
    if (event.type === 'snapshot') return event.contacts.find(({ state }) => state === 'incoming')
    return event.type === 'contact' && event.contact.state === 'incoming' ? event.contact : undefined
  })
  t.equal(contact.name, mallory.name)
  await page.getByText(mallory.name).first().waitFor()
  await page.getByText(note).first().waitFor()
  await harmless(t, page)
  await go(page, `#/p/${contact.id}`)
  await page.getByTestId('details').getByText(mallory.name).first().waitFor()
  await harmless(t, page)
})

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}

/** A message with files alone, each called like one of these. */
async function sendFiles(names: readonly string[], bytes: Uint8Array): Promise<void> {
  const { id: conversation } = await bob.conversation(alice)
  const attachments: string[] = []
  for (const name of names) {
    const query = new URLSearchParams({ conversation, name, type: 'application/octet-stream' })
    const { id } = await bob.client.upload<Attachment>(`/blobs?${query.toString()}`, inOne(bytes), bytes.length)
    attachments.push(id)
  }
  const message = { text: '', clientId: crypto.randomUUID(), attachments }
  await bob.client.ask('POST', `/conversations/${conversation}/messages`, message)
}

browser.test('names of files: on cards and pictures, full screen and in the list', async (t, visits) => {
  const page = await visits.open(alice)
  const { id } = await alice.conversation(bob)
  await go(page, `#/c/${id}`)
  const names = [...new Set(vectors.map(boundedFileName))].filter((name) => name !== '')
  for (let at = 0; at < names.length; at += limits.attachments) {
    const these = names.slice(at, at + limits.attachments)
    await sendFiles(these, Buffer.from('words'))
    await shows(page, '[data-testid=file] bdi.title', these.at(-1) ?? '')
    const shown = await page.locator('[data-testid=file] bdi.title').allTextContents()
    t.strictSame(
      these.filter((name) => !shown.includes(name)),
      [],
      'all stand there as they are',
    )
    await harmless(t, page)
  }
  const [tag = ''] = names.filter((name) => name.includes('<'))
  await sendFiles([tag], Buffer.from('words'))
  await page.locator('[data-testid=conversation] .preview bdi').filter({ hasText: tag }).first().waitFor()
  await sendFiles([tag], pngOf(64, 64))
  await page.getByRole('button', { name: `Picture ${tag}, open it` }).click()
  await page.getByRole('dialog').first().waitFor()
  await harmless(t, page)
  await page.keyboard.press('Escape')
  t.match(await page.title(), /^(?:\(\d+\) )?Warren$/, 'no name of others is in the title')
})

browser.test('names, status texts and petnames, in the list, the chat and the details', async (t, visits) => {
  const page = await visits.open(alice)
  const { id, conversation } = await alice.contact('Bob', () => true)
  const named = [...vectors, ...corpus].map((text) => Array.from(text).slice(0, 60).join(''))
  // A broken surrogate is no text; a name of blanks is none either.
  const good = named.filter((text) => text.trim() !== '' && text.isWellFormed())
  const some = [...good.slice(0, vectors.length), ...good.slice(vectors.length).filter((_, at) => at % 40 === 0)]
  const isNow = (at: number) => (contact: Contact) => contact.id === id && contact.status.split(' ')[0] === String(at)
  await go(page, `#/p/${id}`)
  for (const [at, text] of some.entries()) {
    const refused = await bob.client.ask('PATCH', '/me', { name: text, status: `${at} ${text}` }).catch(() => 'refused')
    if (refused === 'refused') continue
    await alice.client.ask('PATCH', `/contacts/${id}`, { petname: at % 2 === 0 ? '' : text }).catch(() => undefined)
    const contact = await alice
      .hear((event) => {
        if (event.type === 'snapshot') return event.contacts.find(isNow(at))
        return event.type === 'contact' && isNow(at)(event.contact) ? event.contact : undefined
      })
      .catch((error: unknown) => {
        throw new Error(`nothing is heard of ${JSON.stringify(text)}`, { cause: error })
      })
    const { petname } = await alice.client.ask<Contact>('GET', `/contacts/${id}`)
    const name = petname === '' ? contact.name : petname
    if (name !== '') await shows(page, '[data-testid=details] h2', name)
    if (name !== '') await shows(page, '[data-testid=conversation] .name bdi', name)
    await shows(page, '[data-testid=details] .status', contact.status)
    if (at % 20 === 0) {
      await harmless(t, page)
      await go(page, `#/c/${conversation}`)
      if (name !== '') await shows(page, 'header bdi', name)
      await harmless(t, page)
      await go(page, `#/p/${id}`)
    }
  }
  await harmless(t, page)
})
