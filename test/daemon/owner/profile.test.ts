import t from 'tap'
import { Profile } from '../../../daemon/owner/profile.ts'
import { MemoryDisk } from '../../../daemon/store/memory-disk.ts'
import { openMemoryStore } from '../../../daemon/store/memory-store.ts'
import { limits } from '../../../protocol/limits.ts'
import { personIdOf } from '../../../protocol/ids.ts'
import { upTo } from '../../limits/boundary.ts'

const person = personIdOf(new Uint8Array(32).fill(7))

t.test('a new home takes a name, and keeps it whoever starts it next', async (t) => {
  const disk = new MemoryDisk('home')
  const store = await openMemoryStore(disk)
  const profile = await Profile.open(store, person, '  bob  ')
  t.match(profile.data, { name: 'bob', welcomed: false, visibleNearby: true })
  await store.close()
  const again = await openMemoryStore(disk)
  t.equal((await Profile.open(again, person, 'somebody else')).data.name, 'bob')
  await again.close()
  for (const [name, kept] of [
    ['🐇'.repeat(limits.nameCodePoints + 1), '🐇'.repeat(limits.nameCodePoints)],
    ['   ', 'me'],
  ] as const) {
    const fresh = await openMemoryStore(new MemoryDisk('fresh'))
    t.equal((await Profile.open(fresh, person, name)).data.name, kept)
    await fresh.close()
  }
})

t.test('changes at their limits, and several at once', async (t) => {
  const store = await openMemoryStore(new MemoryDisk('home'))
  const profile = await Profile.open(store, person, 'alice')
  await Promise.all([
    profile.change({ name: '🐇'.repeat(limits.nameCodePoints) }),
    profile.change({ status: 's'.repeat(limits.statusCodePoints) }),
    profile.change({ color: '#00ff7f', visibleNearby: false }),
  ])
  const all = { name: '🐇'.repeat(64), status: 's'.repeat(128), color: '#00ff7f', visibleNearby: false }
  t.match(profile.data, all)
  t.match((await Profile.open(store, person, '')).data, all)
  await upTo(t, 'nameCodePoints', async (count) => await profile.change({ name: '🐇'.repeat(count) }))
  await upTo(t, 'statusCodePoints', async (count) => await profile.change({ status: 's'.repeat(count) }))
  await t.rejects(profile.change({ name: ' \t' }), { code: 'BAD_SHAPE' })
  await t.rejects(profile.change({ color: 'red' }), { code: 'BAD_SHAPE' })
  t.match(profile.data, all, 'what was refused changed nothing')
  await store.close()
})
