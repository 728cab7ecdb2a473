import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
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
