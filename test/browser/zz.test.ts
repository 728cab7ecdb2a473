import t from 'tap'
import { BrowserTests } from './support/browser.ts'
import { Person, startPeople } from './support/person.ts'
const browser = new BrowserTests(t)
const alice = new Person('Alice'),
  bob = new Person('Bob'),
  frank = new Person('Frank')
await browser.before(async () => {
  await startPeople(t, alice, bob, frank)
  await alice.befriend(bob)
  await alice.befriend(frank)
  const b = await alice.contact('Frank', () => true)
  await alice.client.ask('PATCH', `/contacts/${b.id}`, { state: 'blocked' })
})
browser.test('x', async (t, visits) => {
  const page = await visits.open(alice)
  for (const n of ['Frank', 'Bob']) {
    await page.getByRole('link').filter({ hasText: n }).click()
    await page.getByRole('heading', { name: n, level: 1 }).waitFor()
    await new Promise((r) => setTimeout(r, 1500))
    t.comment(
      n,
      await page
        .getByTestId('messages')
        .innerHTML()
        .catch((e) => String(e)),
    )
  }
  t.comment(
    await page.evaluate(() =>
      [...performance.getEntriesByType('resource')]
        .map((e) => e.name + ' ' + (e as PerformanceResourceTiming).responseStatus)
        .join('\n'),
    ),
  )
})
