/** Every screen of groups, on a phone and on a desk, by day and by night: axe-core finds nothing, nothing sticks out. */

import type { Page } from 'playwright-core'
import t from 'tap'
import { groupRights, mostGiven, rolesUpwards, type GroupRight } from '../../protocol/group-rights.ts'
import type { Group } from '../../protocol/http-groups.ts'
import { axe } from './support/axe.ts'
import { BrowserTests, consoleSays } from './support/browser.ts'
import { fits, looks } from './support/looks.ts'
import { groupScene, type GroupScene } from './support/group-scene.ts'

const browser = new BrowserTests(t)

type Screen = readonly [name: string, show: (page: Page, scene: GroupScene) => Promise<void>]

const go = async (page: Page, hash: string): Promise<void> =>
  await page.evaluate((to) => {
    location.hash = to
  }, hash)

const press = async (page: Page, testId: string): Promise<void> => await page.getByTestId(testId).first().click()

/** The topmost one; those below it stay. */
const closeDialog = async (page: Page): Promise<void> => {
  const open = page.locator('dialog:visible')
  const count = await open.count()
  await page.keyboard.press('Escape')
  if (count > 0) await open.nth(count - 1).waitFor({ state: 'detached' })
}

const chat = async (page: Page, id: string, name: string): Promise<void> => {
  await go(page, `#/c/${id}`)
  await page.getByRole('heading', { name, level: 1 }).waitFor()
}

/** The list of messages stands where it should. */
const placed = async (page: Page): Promise<void> =>
  await page.getByTestId('messages').and(page.locator('.placed')).waitFor()

const screens: readonly Screen[] = [
  ['groups-home', async (page) => await page.getByText('Invitation from Grace').waitFor()],
  [
    'group-chat',
    async (page, { groups }) => {
      await chat(page, groups.lake, 'Lake weekend')
      await page.getByText('See you tomorrow!').last().waitFor()
      await placed(page)
      await page.getByTestId('unaware').waitFor()
      await page.getByTestId('outside').waitFor({ state: 'attached' })
    },
  ],
  [
    'message-info',
    async (page) => {
      await page
        .getByTestId('message')
        .filter({ hasText: 'See you tomorrow!' })
        .last()
        .getByRole('button', { name: 'Read by 1 of 3. Who has this message?' })
        .click()
      await page.getByTestId('receipt').nth(2).waitFor()
    },
  ],
  [
    'group-reader',
    async (page, { groups }) => {
      await closeDialog(page)
      await chat(page, groups.news, 'House news')
      await page.getByText('Only admins can write here.').waitFor()
      await page.getByText('Getting older messages… 34 %').waitFor()
      await placed(page)
    },
  ],
  [
    'group-removed',
    async (page, { groups }) => {
      await chat(page, groups.removed, 'Book club')
      await page.getByTestId('delete-conversation').waitFor()
      await placed(page)
    },
  ],
  [
    'group-invitation',
    async (page, { groups }) => {
      await chat(page, groups.invited, 'Choir of the old town')
      await page.getByTestId('stranger').waitFor()
    },
  ],
  [
    'group-details',
    async (page, { groups }) => {
      await go(page, `#/c/${groups.lake}/details`)
      await page.getByTestId('member').nth(3).waitFor()
      await page.getByTestId('completeness-said').waitFor()
    },
  ],
  [
    'group-rules',
    async (page) => {
      await page.getByText('What each role may do').click()
      await page.getByText('Device by device').click()
      await page.getByText('Device by device').scrollIntoViewIfNeeded()
    },
  ],
  [
    'group-leave',
    async (page) => {
      await page.getByTestId('close-group').scrollIntoViewIfNeeded()
      await press(page, 'close-group')
      await page.getByRole('dialog', { name: 'Close Lake weekend for everybody?' }).waitFor()
    },
  ],
  [
    'group-member',
    async (page) => {
      await closeDialog(page)
      await page.getByTestId('member').filter({ hasText: 'Carol' }).click()
      await page.getByTestId('remove-member').waitFor()
    },
  ],
  [
    'group-remove',
    async (page) => {
      await press(page, 'remove-member')
      await page.getByRole('dialog', { name: 'Remove Carol?' }).waitFor()
    },
  ],
  [
    'group-lookalike',
    async (page) => {
      await closeDialog(page)
      await closeDialog(page)
      await page.getByTestId('member').filter({ hasText: 'Looks like somebody' }).click()
      await page.getByTestId('lookalike').waitFor()
    },
  ],
  [
    'group-edit',
    async (page) => {
      await closeDialog(page)
      await press(page, 'edit-group')
      await page.getByRole('dialog', { name: 'Edit the group' }).waitFor()
    },
  ],
  [
    'group-add-members',
    async (page) => {
      await closeDialog(page)
      await press(page, 'add-members')
      await page.getByRole('checkbox', { name: 'Frank Nightingale' }).check()
    },
  ],
  [
    'group-invites',
    async (page) => {
      await closeDialog(page)
      await press(page, 'open-invites')
      await page.getByTestId('make-link').waitFor()
    },
  ],
  [
    'group-link',
    async (page) => {
      await press(page, 'make-link')
      await page.getByTestId('group-link').waitFor()
    },
  ],
  [
    'group-links',
    async (page) => {
      await page.getByRole('button', { name: 'Back', exact: true }).last().click()
      await page.getByTestId('invite').first().waitFor()
    },
  ],
  [
    'new-group',
    async (page) => {
      await closeDialog(page)
      await go(page, '#/')
      await go(page, '#/new-group')
      await page.getByRole('checkbox', { name: 'Bob' }).check()
      await page.getByRole('checkbox', { name: 'Carol' }).check()
    },
  ],
  [
    'new-group-name',
    async (page) => {
      await press(page, 'next')
      await page.getByTestId('group-name').fill('Climbing on Thursdays')
      await page.getByText('More choices').click()
      await page.getByTestId('broadcast').waitFor()
    },
  ],
  [
    'join',
    async (page) => {
      await closeDialog(page)
      await go(page, '#/')
      await go(page, '#/add/address')
      await page.getByTestId('address').fill('warren:group-Gardeners')
      await press(page, 'look')
      await page.getByTestId('join-group').waitFor()
    },
  ],
  [
    'joining',
    async (page) => {
      await press(page, 'join-group')
      await page.getByTestId('joining').getByText('Looking for a member').waitFor()
    },
  ],
]

for (const look of looks) {
  const name = `${look.width}-${look.scheme}`
  browser.test(`every screen of groups at ${look.width} px, ${look.scheme}`, async (t, visits) => {
    const scene = await groupScene(t)
    // A screen that is still fading in is no screen yet.
    const page = await visits.open(scene, {
      ...look,
      context: { reducedMotion: 'reduce' },
      expected: [consoleSays.refused],
    })
    for (const [screen, show] of screens) {
      await show(page, scene)
      await axe(t, page, `${name} ${screen}`)
      t.ok(await fits(page), `${screen} fits`)
    }
  })
}

const leastOf = (right: GroupRight, { post, invite, change }: Group): string => {
  const rule = groupRights[right]
  return typeof rule === 'string' ? rule : { post, invite, change }[rule.setting]
}

const words: Readonly<Record<string, string>> = {
  reader: 'Everybody',
  member: 'Everybody but readers',
  admin: 'Admins and owners',
  owner: 'Only owners',
}

browser.test('the table of roles says what the rules say', async (t, visits) => {
  const scene = await groupScene(t)
  const page = await visits.open(scene)
  await go(page, `#/c/${scene.groups.lake}/details`)
  await page.getByText('What each role may do').click()
  const { group } = scene.owner.conversation(scene.groups.lake)
  if (group === undefined) throw new Error('not a group')
  const rights: readonly GroupRight[] = ['takePart', 'post', 'invite', 'change', 'removeAndSetRoles', 'revokeInvites']
  const most = rolesUpwards.find((role) => mostGiven[role] === 'owner') ?? ''
  const expected = [...rights.map((right) => leastOf(right, group)), leastOf('setRules', group), most]
  t.strictSame(
    await page.getByTestId('group-rules').getByRole('table').locator('td').allTextContents(),
    [...expected, leastOf('close', group)].map((least) => words[least]),
  )
})
