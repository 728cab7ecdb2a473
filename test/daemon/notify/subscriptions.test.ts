import t from 'tap'
import { Subscriptions } from '../../../daemon/notify/subscriptions.ts'
import { MemoryDisk } from '../../../daemon/store/memory-disk.ts'
import { openMemoryStore } from '../../../daemon/store/memory-store.ts'
import { limits } from '../../../protocol/limits.ts'
import { upTo } from '../../limits/boundary.ts'
import { subscriptionOf } from './subscription-of.ts'

t.test('they outlive a start, one for each session, and previews are on unless told otherwise', async (t) => {
  const disk = new MemoryDisk('push')
  const store = await openMemoryStore(disk)
  const first = await Subscriptions.open(store)
  t.equal(first.previews, true)
  await first.setPreviews(false)
  await first.put(subscriptionOf('one', { createdAt: 1 }))
  await first.put(subscriptionOf('two', { createdAt: 2, endpoint: 'https://push.example/2', language: 'de' }))
  await first.put(subscriptionOf('one', { createdAt: 3, label: 'again' }))
  await first.put(subscriptionOf('three'))
  await first.remove('three')
  await first.remove('nobody')
  await store.close()
  const again = await Subscriptions.open(await openMemoryStore(disk))
  t.equal(again.previews, false)
  t.strictSame(again.list(), first.list())
  t.strictSame(
    again.list().map(({ session, label, language }) => [session, label, language]),
    [
      ['one', 'again', 'en'],
      ['two', 'Firefox, Linux', 'de'],
    ],
  )
})

t.test('limits: browsers that are told', async (t) => {
  await upTo(
    t,
    'pushSubscriptions',
    async (count) => {
      const all = await Subscriptions.open(await openMemoryStore(new MemoryDisk('many')))
      for (let at = 0; at < count; at += 1) await all.put(subscriptionOf(`session ${at}`))
      await all.put(subscriptionOf('session 0'))
    },
    'TOO_LARGE',
  )
  t.equal(limits.pushSubscriptions, 64)
})
