/** Every screen, on a phone and on a desk, by day and by night: axe-core finds nothing, nothing sticks out. */

import type { Page } from 'playwright-core'
import t from 'tap'
import { axe } from './support/axe.ts'
import { BrowserTests, consoleSays } from './support/browser.ts'
import { fits, looks } from './support/looks.ts'
import { setClockBack } from './support/clock.ts'
import { Person, startPeople } from './support/person.ts'

const browser = new BrowserTests(t)
const people = ['Alice', 'Bob', 'Carol Nightingale', 'Dave', 'Erin', 'Frank'].map((name) => new Person(name))
const [alice, bob, carol, dave, erin, frank] = people as [Person, Person, Person, Person, Person, Person]
const zoe = new Person('zoe', { fresh: true, listen: [] })
const mallory = new Person('Mallory')

async function talk(): Promise<void> {
  await bob.say(alice, 'Are we still on for Saturday?', 'I could bring the tent, if you have room for it in the car.')
  await alice.say(bob, 'Of course! 🎉', 'Here is the way: https://maps.example.org/lake?from=north')
  await alice.say(carol, 'The minutes are on the shared drive.')
  setClockBack(24 * 60)
  await bob.say(alice, 'Great. I will be there at nine, with coffee.')
  await alice.say(
    bob,
    '☕',
    'A long word: Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung',
    'שלום, נתראה בשבת',
  )
  await carol.say(alice, 'Thank you, I will read them tonight.')
  setClockBack(7)
  await bob.say(alice, 'One more thing\n- sleeping bags\n- the small stove\n- a map, just in case')
  setClockBack(0)
  await bob.say(alice, '👋🏽', 'See you tomorrow!')
}

await browser.before(async () => {
  setClockBack(3 * 24 * 60)
  await startPeople(t, ...people, zoe)
  for (const each of [bob, carol, frank]) await alice.befriend(each)
  await bob.client.ask('PATCH', '/me', { status: 'At the lake until Sunday', color: '#1f6fb5' })
  await talk()
  await dave.request(alice, 'Hi Alice, it is Dave from the climbing gym. Frank gave me your address.')
  await alice.request(erin, 'Hello Erin')
  const blocked = await alice.contact('Frank', () => true)
  await alice.client.ask('PATCH', `/contacts/${blocked.id}`, { state: 'blocked' })
  const { id } = await alice.conversation(bob)
  await alice.client.ask('PATCH', `/conversations/${id}`, { mutedUntil: Date.now() + 8 * 3_600_000 })
  await alice.contact('Dave', ({ state }) => state === 'incoming')
  await carol.stop()
  await alice.contact('Carol Nightingale', ({ online }) => !online)
  t.teardown(async () => await mallory.stop())
  await mallory.startInPlaceOf(carol)
  await alice.contact('Carol Nightingale', ({ mismatches }) => mismatches !== undefined)
  await alice.say(carol, 'Did you get to it? The board meets on Thursday.')
})

type Screen = readonly [name: string, show: (page: Page) => Promise<void>]

const go = async (page: Page, hash: string): Promise<void> =>
  await page.evaluate((to) => {
    location.hash = to
  }, hash)

const chat = async (page: Page, other: Person): Promise<void> => {
  const { id } = await alice.conversation(other)
  await go(page, `#/c/${id}`)
  await page.getByRole('heading', { name: other.name, level: 1 }).waitFor()
  await page.getByTestId('messages').and(page.locator('.placed')).waitFor()
}

const press = async (page: Page, name: string | RegExp): Promise<void> =>
  await page.getByRole('button', { name }).click()

const screens: readonly Screen[] = [
  ['home', async (page) => await page.getByText('See you tomorrow!').waitFor()],
  ['home-search', async (page) => await page.getByRole('searchbox').fill('nobody of that name')],
  [
    'chat-unread',
    async (page) => {
      await page.getByRole('searchbox').fill('')
      await chat(page, bob)
      await page.getByText('a map, just in case').last().waitFor()
    },
  ],
  [
    'chat-draft',
    async (page) => {
      await page.getByRole('textbox', { name: 'Message to Bob' }).fill('Two lines\nof a draft that is not sent yet')
      await page.locator('.send:enabled').waitFor()
    },
  ],
  [
    'chat-too-long',
    async (page) => {
      await page.getByRole('textbox', { name: 'Message to Bob' }).fill('é'.repeat(33_000))
      await page.getByText('Too long by 464 bytes').waitFor()
    },
  ],
  [
    'chat-away',
    async (page) => {
      await page.getByRole('textbox', { name: 'Message to Bob' }).fill('')
      await chat(page, carol)
      await page.getByText('Will be delivered when Carol Nightingale is back').waitFor()
      await page.getByTestId('mismatch-bar').getByText(carol.address).waitFor()
    },
  ],
  [
    'details-mismatch',
    async (page) => {
      await page.getByTestId('mismatch-bar').getByRole('button', { name: 'Details' }).click()
      await page
        .getByTestId('mismatch')
        .getByText((await mallory.me()).fingerprint)
        .waitFor()
    },
  ],
  [
    'chat-notes',
    async (page) => {
      const { id } = await alice.conversation(alice)
      await go(page, `#/c/${id}`)
      await page.getByText('Keep here what only you need').waitFor()
    },
  ],
  [
    'chat-blocked',
    async (page) => {
      await chat(page, frank)
      await page.getByText('Your conversation begins here.').waitFor()
    },
  ],
  [
    'details',
    async (page) => {
      const { id } = await alice.conversation(bob)
      await go(page, `#/c/${id}/details`)
      await page.getByText('At the lake until Sunday').first().waitFor()
      await page.getByTestId('presence').getByText('online').waitFor({ state: 'attached' })
    },
  ],
  [
    'details-confirm',
    async (page) => {
      await press(page, 'Remove contact')
      await page.getByRole('dialog', { name: 'Remove Bob?' }).waitFor()
    },
  ],
  [
    'person-asked',
    async (page) => {
      await press(page, 'Cancel')
      await page
        .getByRole('dialog')
        .waitFor({ state: 'detached' })
        .catch(() => undefined)
      const { id } = await alice.contact('Erin', () => true)
      await go(page, `#/p/${id}`)
      await page.getByTestId('details').getByText('Asked, no answer yet').waitFor()
    },
  ],
  [
    'gone',
    async (page) => {
      await go(page, '#/c/nothing')
      await page.getByText('This conversation is not here any more.').waitFor()
    },
  ],
  [
    'add-nearby',
    async (page) => {
      await go(page, '#/')
      await go(page, '#/add/nearby')
      await page.getByRole('dialog', { name: 'Add someone' }).waitFor()
    },
  ],
  ['add-scan', async (page) => await page.getByRole('tab', { name: 'Scan' }).click()],
  ['add-code', async (page) => await page.getByRole('tab', { name: 'My code' }).click()],
  [
    'add-wrong-address',
    async (page) => {
      await page.getByRole('tab', { name: 'Address' }).click()
      await page.getByRole('textbox', { name: 'Address or contact link' }).fill(alice.address)
      await press(page, 'Look who is there')
      await page.getByRole('alert').waitFor()
    },
  ],
  [
    'add-request',
    async (page) => {
      await page.getByRole('textbox', { name: 'Address or contact link' }).fill(zoe.address)
      await press(page, 'Look who is there')
      await page.getByRole('textbox', { name: 'A few words' }).waitFor()
    },
  ],
  [
    'add-known',
    async (page) => {
      await press(page, 'Back')
      await page.getByRole('textbox', { name: 'Address or contact link' }).fill(bob.address)
      await press(page, 'Look who is there')
      await page.getByText('You know each other already.').waitFor()
    },
  ],
  [
    'settings',
    async (page) => {
      await go(page, '#/settings')
      await page.getByTestId('sessions').getByRole('listitem').first().waitFor()
    },
  ],
  ['settings-end', async (page) => await page.getByRole('combobox', { name: 'Language' }).scrollIntoViewIfNeeded()],
]

const closed = async (page: Page): Promise<void> => {
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

/** German words are longer. */
const german: readonly Screen[] = [
  [
    'de-settings',
    async (page) => {
      await go(page, '#/settings')
      await page.getByTestId('sessions').getByRole('listitem').first().waitFor()
      for (const each of await page.locator('details > summary').all()) await each.click()
    },
  ],
  [
    'de-phone',
    async (page) => {
      await press(page, 'Auf dem Telefon öffnen')
      await page.getByText('Hol dir hier einen Code.').waitFor()
    },
  ],
  [
    'de-backup',
    async (page) => {
      await closed(page)
      await page.getByTestId('make-backup').click()
      await page.getByTestId('backup-save').waitFor()
    },
  ],
  [
    'de-phrase',
    async (page) => {
      await closed(page)
      await page.getByTestId('show-phrase').click()
      await page.getByRole('dialog').getByRole('button').last().waitFor()
    },
  ],
]

const states: readonly Screen[] = [
  [
    'state-impostor',
    async (page) => {
      await page.route(
        '**/session/hello',
        async (route) => await route.fulfill({ json: { nonce: 'AAAA', proof: 'AAAA' } }),
      )
      await page.reload()
      await page.getByRole('heading', { name: 'This is not your Warren' }).waitFor()
    },
  ],
  [
    'state-locked',
    async (page) => {
      await page.unroute('**/session/hello')
      await page.route('**/health', async (route) => {
        await route.fulfill({ json: { status: 'locked', version: '1', apiVersion: 1 } })
      })
      await page.reload()
      await page.getByRole('heading', { name: 'Warren is locked' }).waitFor()
    },
  ],
  [
    'state-gone',
    async (page) => {
      await page.route('**/api/v1/**', async (route) => await route.abort())
      await page.reload()
      await page.getByRole('heading', { name: 'Warren is not running' }).waitFor()
    },
  ],
]

for (const look of looks) {
  const name = `${look.width}-${look.scheme}`
  browser.test(`every screen at ${look.width} px, ${look.scheme}`, async (t, visits) => {
    const check = async (page: Page, list: readonly Screen[]): Promise<void> => {
      for (const [screen, show] of list) {
        await show(page)
        await axe(t, page, `${name} ${screen}`)
        t.ok(await fits(page), `${screen} fits`)
      }
    }
    // A screen that is still fading in is no screen yet.
    const context = { reducedMotion: 'reduce' } as const
    const bare = await visits.open(alice, { ...look, context, unpaired: true })
    await check(bare, [['state-unpaired', async (page) => await page.getByText('warren open').waitFor()]])
    const fresh = await visits.open(zoe, { ...look, context })
    await check(fresh, [['welcome', async (page) => await page.getByText('Welcome to Warren').waitFor()]])
    await check(
      await visits.open(alice, { ...look, context, language: 'de-DE', expected: [consoleSays.refused] }),
      german,
    )
    await check(await visits.open(alice, { ...look, context, expected: [consoleSays.refused] }), screens)
    const expected = [consoleSays.refused, /ERR_FAILED/]
    await check(await visits.open(alice, { ...look, context, routed: true, expected }), states)
  })
}
