/** A disk that answers with EIO: each kind of call, in the database and in the keyring, under a running daemon and at its start. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Contact } from '../../protocol/http-people.ts'
import type { KeySlotInfo, NewKeySlotAnswer } from '../../protocol/http-access.ts'
import type { Page } from '../../protocol/http.ts'
import { linked, pairOfProcesses, type Daemon, type PairOfProcesses } from '../support/pair-of-processes.ts'
import { agree, bear } from './bear.ts'
import { FailingDisk, skipFailingDisk, type Call } from './failing-disk.ts'

t.setTimeout(240_000)

async function stage(t: Test): Promise<PairOfProcesses & { readonly disk: FailingDisk }> {
  const disk = new FailingDisk(t)
  return { ...(await pairOfProcesses(t, { env: disk.env })), disk }
}

const filesOf = ({ home }: Daemon): string[] => readdirSync(join(home, 'store')).toSorted()
const keyringOf = ({ home }: Daemon): Buffer => readFileSync(join(home, 'keyring'))

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return ''
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

for (const failing of [['write'], ['sync']] as const satisfies readonly Call[][]) {
  t.test(
    `${failing.join(' and ')} errors in the database of a running daemon`,
    { skip: skipFailingDisk },
    async (t) => {
      const { disk, ...pair } = await stage(t)
      await bear(t, pair, { code: 'STORE_FAILED', begin: () => disk.fail(failing, `${pair.alice.home}/store/`) })
    },
  )
}

t.test('read errors in the database at the start, and write errors there', { skip: skipFailingDisk }, async (t) => {
  const { disk, alice, bob, chat } = await stage(t)
  await alice.seat.say(chat, 'before')
  await bob.seat.hears(chat, 'before')
  // Once more, so that what was said lies in a table.
  await alice.end()
  await alice.start()
  await linked(alice, bob)
  await alice.end()
  await bob.seat.say(chat, 'while she is off')
  const database = `${alice.home}/store/`
  const pieces = [`${database}CURRENT`, `${database}MANIFEST`, '.log', '.ldb', database]
  for (const [calls, all] of [
    [['read'], pieces],
    [['write'], [database]],
    [['sync'], [database]],
  ] as const) {
    for (const piece of all) {
      const before = filesOf(alice)
      const end = disk.fail(calls, piece)
      const said = await alice.startInVain()
      end()
      t.match(said, { code: 1, stdout: '', stderr: /^warren: the disk failed.*\n$/ }, `${calls.join()} ${piece}`)
      const kept = new Set(filesOf(alice))
      t.strictSame(
        before.filter((name) => /\.ldb$|^MANIFEST/.test(name) && !kept.has(name)),
        [],
        'no table goes',
      )
    }
  }
  await alice.start()
  await linked(alice, bob)
  await alice.seat.hears(chat, 'while she is off')
  await alice.seat.say(chat, 'after')
  await agree(t, { alice, bob, chat }, ['before', 'while she is off', 'after'])
})

for (const call of ['write', 'sync'] as const) {
  t.test(`${call} errors in the keyring of a running daemon`, { skip: skipFailingDisk }, async (t) => {
    const { disk, alice, bob, chat } = await stage(t)
    await alice.seat.say(chat, 'before')
    await bob.seat.hears(chat, 'before')
    const { client } = alice.seat
    const whole = keyringOf(alice)
    const end = disk.fail([call], `${alice.home}/keyring`)
    t.equal(await codeOf(client.ask('POST', '/key-slots', { kind: 'recovery' })), 'STORE_FAILED', 'a new slot')
    t.equal(Buffer.compare(keyringOf(alice), whole), 0, 'the keyring stands')
    await alice.seat.say(chat, 'during')
    t.equal(await codeOf(client.ask('DELETE', `/conversations/${chat}`)), 'STORE_FAILED', 'a deletion')
    t.equal(Buffer.compare(keyringOf(alice), whole), 0)
    end()
    const { recoveryKey } = await client.ask<NewKeySlotAnswer>('POST', '/key-slots', { kind: 'recovery' })
    t.match(recoveryKey, /^[A-Z0-9]{4}(?:[- ][A-Z0-9]{4}){13}$/i)
    t.match((await client.ask<Page<KeySlotInfo>>('GET', '/key-slots')).items, [{ kind: 'file' }, { kind: 'recovery' }])
    t.strictSame(await bob.seat.texts(chat), ['before', 'during'])
    await alice.end()
    await alice.start()
    t.match((await alice.seat.client.ask<Page<Contact>>('GET', '/contacts')).items, [{ state: 'accepted' }])
  })
}

t.test('read errors in the keyring at the start', { skip: skipFailingDisk }, async (t) => {
  const { disk, alice, bob, chat } = await stage(t)
  await alice.seat.say(chat, 'before')
  await bob.seat.hears(chat, 'before')
  await alice.end()
  const whole = keyringOf(alice)
  const end = disk.fail(['read'], `${alice.home}/keyring`)
  t.match(await alice.startInVain(), { code: 1, stdout: '', stderr: /^warren: the disk failed.*\n$/ })
  end()
  t.equal(Buffer.compare(keyringOf(alice), whole), 0)
  await alice.start()
  await linked(alice, bob)
  await agree(t, { alice, bob, chat }, ['before'])
})
