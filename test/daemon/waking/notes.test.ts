import { randomBytes } from 'node:crypto'
import t from 'tap'
import { MemoryDisk } from '../../../daemon/store/memory-disk.ts'
import { openMemoryStore } from '../../../daemon/store/memory-store.ts'
import type { Store } from '../../../daemon/store/store.ts'
import { Notes, type OpenedNote } from '../../../daemon/waking/notes.ts'
import type { DeviceId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { wakeKeysFor } from '../../../protocol/wake-keys.ts'
import { openNote, sealNote } from '../../../protocol/wake-note.ts'
import { boundary } from '../../limits/boundary.ts'
import { deviceOf, personOf } from '../../support/fake-ids.ts'

const nowMs = 1_800_000_000_000
const secret = randomBytes(32)
const [alice, bob] = [deviceOf('alice'), deviceOf('bob')]

const sealed = (from: DeviceId, sentAt: number, key = wakeKeysFor(secret, personOf('alice'), 0).noteKey): Uint8Array =>
  sealNote(
    key,
    { device: from, sentAt, addresses: [{ kind: 'ip4', host: '10.0.0.7', port: 7718 }] },
    new Uint8Array(randomBytes(12)),
  )

function opened(note: Uint8Array): OpenedNote | undefined {
  try {
    return { ...openNote(wakeKeysFor(secret, personOf('alice'), 0).noteKey, note), person: personOf('alice') }
  } catch {
    return undefined
  }
}

const notesIn = async (store: Store): Promise<Notes> =>
  await Notes.open({
    store,
    open: opened,
    isKnown: (device) => device === alice,
    now: () => nowMs,
  })

t.test(
  'the note of a known device is taken once, and none that is older, by nobody who runs later either',
  async (t) => {
    const disk = new MemoryDisk('home')
    const store = await openMemoryStore(disk)
    const notes = await notesIn(store)
    const note = sealed(alice, nowMs - 1000)
    t.match(await notes.take(note), { device: alice, addresses: [{ host: '10.0.0.7', port: 7718 }] })
    t.equal(await notes.take(note), undefined, 'again')
    t.equal(await notes.take(sealed(alice, nowMs - 2000)), undefined, 'an older one')
    await store.close()
    const again = await notesIn(await openMemoryStore(disk))
    t.equal(await again.take(note), undefined, 'after a restart')
    t.ok(await again.take(sealed(alice, nowMs)), 'a newer one')
  },
)

t.test('what no contact sealed, or names a device that is not known, or is no note, says nothing', async (t) => {
  const notes = await notesIn(await openMemoryStore(new MemoryDisk('home')))
  t.equal(await notes.take(sealed(alice, nowMs, randomBytes(32))), undefined)
  t.equal(await notes.take(sealed(bob, nowMs)), undefined)
  for (const bytes of [0, 159, 160, 161, 100_000])
    t.equal(await notes.take(new Uint8Array(randomBytes(bytes))), undefined)
})

/** Whether a note that was sent then is taken by somebody who never took one. */
const takes = async (sentAt: number): Promise<boolean> => {
  const notes = await notesIn(await openMemoryStore(new MemoryDisk('home')))
  return (await notes.take(sealed(alice, sentAt))) !== undefined
}

t.test('a note is as old or as far ahead as push services and clocks make it, and no more', async (t) => {
  await boundary(
    t,
    'wakeNoteMs',
    async () => await takes(nowMs - limits.wakeNoteMs),
    async () => await takes(nowMs - limits.wakeNoteMs - 1),
    'no',
  )
  await boundary(
    t,
    'wakeAheadMs',
    async () => await takes(nowMs + limits.wakeAheadMs),
    async () => await takes(nowMs + limits.wakeAheadMs + 1),
    'no',
  )
})
