import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Sessions } from '../../daemon/api/sessions/sessions.ts'
import type { SessionRow, SessionStore } from '../../daemon/api/sessions/session-store.ts'
import { openSessionFile } from '../../daemon/session-file.ts'
import { shortFolder } from '../support/running-api.ts'

const rowOf = (id: string): SessionRow => ({
  id,
  secret: new Uint8Array(randomBytes(32)),
  label: `MARKER browser of ${id}`,
  createdAt: 1,
  usedAt: 2,
})

interface File {
  readonly path: string
  readonly warned: string[]
  readonly open: () => Promise<SessionStore>
}

function newFile(t: Test): File {
  const path = join(shortFolder(t), 'sessions')
  const warned: string[] = []
  const log = (_: string, text: string): unknown => warned.push(text)
  return { path, warned, open: async () => await openSessionFile(path, { randomBytes, log }) }
}

t.test('sessions outlive the run that made them, and only their owner can read the file', async (t) => {
  const { path, open, warned } = newFile(t)
  const first = await open()
  t.strictSame(await first.all(), [])
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((id) => rowOf(id)) as [SessionRow, SessionRow, SessionRow]
  await Promise.all([alice, bob, carol].map(async (row) => await first.put(row)))
  await Promise.all([first.delete('bob'), first.put({ ...carol, usedAt: 9 }), first.delete('nobody')])
  const rows = [alice, { ...carol, usedAt: 9 }]
  t.strictSame(await first.all(), rows)
  t.strictSame(await (await open()).all(), rows)
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.notOk(readFileSync(path).includes('MARKER'), 'a search of the disk finds no label')
  t.strictSame(warned, [])
})

t.test('a file that cannot be read is kept aside, and browsers pair anew', async (t) => {
  const { path, open, warned } = newFile(t)
  await (await open()).put(rowOf('alice'))
  const good = readFileSync(path)
  const bad = [Buffer.alloc(0), good.subarray(1), good.subarray(0, -1), randomBytes(good.length)]
  for (let at = 0; at < good.length; at += 1) bad.push(Buffer.from(good.with(at, (good[at] ?? 0) ^ 1)))
  for (const bytes of bad) {
    writeFileSync(path, bytes)
    t.strictSame(await (await open()).all(), [])
    t.ok(readFileSync(`${path}.damaged`).equals(bytes))
    t.notOk(existsSync(path))
  }
  t.equal(warned.length, bad.length)
})

t.test('what could not be written does not count', async (t) => {
  const { path, open } = newFile(t)
  const sessions = await openSessionFile(join(path, 'no', 'such', 'folder'), { randomBytes, log: () => undefined })
  await t.rejects(sessions.put(rowOf('alice')), { code: /^STORE_/ })
  t.strictSame(await sessions.all(), [])
  t.strictSame(await (await open()).all(), [])
})

async function pair(sessions: Sessions): Promise<string> {
  const { text: code } = sessions.codes.issue(false)
  return (await sessions.pair({ code, nonce: 'n', label: 'a browser' }, '127.0.0.1:1')).sessionId
}

t.test('what was revoked while the disk took no write is revoked for good', async (t) => {
  const { path, open } = newFile(t)
  const deps = { now: () => 1e12, random: (length: number) => new Uint8Array(randomBytes(length)) }
  const start = async (): Promise<Sessions> => {
    const sessions = new Sessions(deps)
    await sessions.open(await open())
    return sessions
  }
  /** A folder in the place of the file that every write begins with. */
  const refused = async (work: () => Promise<void>): Promise<void> => {
    mkdirSync(join(`${path}.new`, 'x'), { recursive: true })
    await t.rejects(work(), { code: /^STORE_/ })
    rmSync(`${path}.new`, { recursive: true })
  }
  const idsAfterStart = async (): Promise<string[]> => (await start()).list().map(({ id }) => id)

  const sessions = await start()
  const [kept, asked, carried, swept] = [
    await pair(sessions),
    await pair(sessions),
    await pair(sessions),
    await pair(sessions),
  ]
  await refused(async () => await sessions.revoke(asked))
  t.equal((await idsAfterStart()).length, 4, 'the disk holds it still')
  await sessions.revoke(asked)
  t.notOk((await idsAfterStart()).includes(asked), 'revoked once more')
  await t.rejects(sessions.revoke(asked), { code: 'NOT_FOUND' })

  await refused(async () => await sessions.revoke(carried))
  const fresh = await pair(sessions)
  t.strictSame((await idsAfterStart()).toSorted(), [kept, swept, fresh].toSorted(), 'the next write carries it')

  await refused(async () => await sessions.revoke(swept))
  await sessions.endExpired()
  t.strictSame((await idsAfterStart()).toSorted(), [kept, fresh].toSorted(), 'the next look for expired ones does')
})
