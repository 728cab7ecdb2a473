/** kill -9 of real daemons while files go in and come over: what was posted arrives whole, and nothing else is left. */

import { randomBytes, randomInt } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Message } from '../../protocol/http-conversations.ts'
import type { Attachment } from '../../protocol/http-files.ts'
import { pairOfProcesses, type Daemon } from '../support/pair-of-processes.ts'
import { warren } from '../support/warren-process.ts'

const rounds = process.env['WARREN_LONG'] === '1' ? 60 : 2
const size = 4_000_000
/** The longest that a daemon is let live once a file is posted. */
const mostLifeMs = 120

t.setTimeout(Math.max(300_000, rounds * 60_000))

async function* pieces(bytes: Uint8Array, dies?: () => Promise<unknown>): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 500_000) {
    if (at >= bytes.length / 2) await dies?.()
    yield await Promise.resolve(bytes.subarray(at, at + 500_000))
  }
}

const upload = async ({ seat }: Daemon, chat: string, chunks: AsyncGenerator<Uint8Array>): Promise<Attachment> =>
  await seat.client.upload(`/blobs?conversation=${chat}&name=a.bin&type=application/octet-stream`, chunks, size)

const fileAt = async ({ seat }: Daemon, chat: string, id: string): Promise<Attachment | undefined> =>
  await seat.client.ask<Attachment>('GET', `/conversations/${chat}/attachments/${id}`).catch(() => undefined)

/** Waits until it is here, whole. */
async function whole(device: Daemon, chat: string, id: string): Promise<void> {
  await device.seat.until(
    async () => ((await fileAt(device, chat, id))?.state === 'whole' ? true : undefined),
    'the file',
    120_000,
  )
}

async function bytesAt({ seat }: Daemon, chat: string, id: string): Promise<Buffer> {
  const { chunks } = await seat.client.download(`/blobs/${id}?conversation=${chat}`)
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

const names = ({ home }: Daemon): string[] => readdirSync(join(home, 'blobs'))

/** What a disk does to the files of a home, one after the other. */
const harms = {
  flipped: (path: string): void => {
    const bytes = readFileSync(path)
    bytes[3_000_000] = (bytes[3_000_000] ?? 0) ^ 1
    writeFileSync(path, bytes)
  },
  shortened: (path: string): void => truncateSync(path, size / 2),
  emptied: (path: string): void => writeFileSync(path, ''),
  gone: (path: string): void => rmSync(path),
}

function harm(device: Daemon, ...kinds: readonly (keyof typeof harms)[]): void {
  const all = names(device)
  for (const [at, kind] of kinds.entries()) harms[kind](join(device.home, 'blobs', all[at] ?? ''))
}

async function cameAgain(t: Test, device: Daemon, chat: string, sent: ReadonlyMap<string, Buffer>): Promise<void> {
  for (const [id, bytes] of sent) {
    await whole(device, chat, id)
    t.ok(bytes.equals(await bytesAt(device, chat, id)), 'it came again')
  }
}

async function post({ seat }: Daemon, chat: string, id: string): Promise<void> {
  const message = { text: '', clientId: id, attachments: [id] }
  await seat.client.ask<Message>('POST', `/conversations/${chat}/messages`, message)
}

/** The doctor says which files are damaged or gone while the daemon runs and while it does not, and peers bring them again. */
async function examined(t: Test, device: Daemon, chat: string, sent: ReadonlyMap<string, Buffer>): Promise<void> {
  const doctor = async (...words: string[]) => await warren(['doctor', ...words], { home: device.home })
  const lost = '2 files that came with messages are damaged or gone'
  harm(device, 'shortened', 'gone')
  t.match(await doctor(), {
    code: 1,
    stdout: `${lost}: asked of peers, who send what they hold\n`,
    stderr: 'warren: something is left to do: see above\n',
  })
  await cameAgain(t, device, chat, sent)
  t.match(await doctor(), { code: 0, stdout: /^all is well/ })

  await device.end('SIGTERM')
  harm(device, 'flipped', 'gone')
  const left = names(device)
  t.match(await doctor(), { code: 1, stdout: `${lost}: mended by warren doctor --repair\n` })
  t.match(await doctor('--repair'), { code: 1, stdout: `${lost}: asked of peers` })
  t.strictSame(names(device), left, 'nothing is deleted')
  await device.start()
  await device.seat.contact('accepted', true)
  await cameAgain(t, device, chat, sent)
}

t.test('files outlive kill -9 on either side, and leave nothing behind', async (t) => {
  const { alice, bob, chat } = await pairOfProcesses(t)
  const sent = new Map<string, Buffer>()
  for (let round = 0; round < rounds; round += 1) {
    const bytes = randomBytes(size)
    const { id } = await upload(alice, chat, pieces(bytes))
    await post(alice, chat, id)
    sent.set(id, bytes)
    await new Promise((resolve) => void setTimeout(resolve, randomInt(mostLifeMs)))
    const dying = [[bob], [alice, bob], [alice]][round % 3] ?? [bob]
    await Promise.all(dying.map(async (each) => await each.end('SIGKILL')))
    for (const each of dying) await each.start()
    await whole(bob, chat, id)
    t.ok(bytes.equals(await bytesAt(bob, chat, id)), `round ${round}`)
  }
  const dies = async (): Promise<unknown> => await alice.end('SIGKILL')
  await t.rejects(upload(alice, chat, pieces(randomBytes(size), dies)), 'alice dies while a file goes in')
  await alice.start()
  t.equal(names(alice).length, sent.size, 'what went in by half is gone')
  t.equal(names(bob).length, sent.size)

  // A disk that flips bits, and one that loses a file: the first look notices it.
  await bob.end('SIGTERM')
  harm(bob, 'flipped', 'emptied')
  await bob.start()
  await bob.seat.contact('accepted', true)
  for (const id of sent.keys()) await bytesAt(bob, chat, id).catch(() => undefined)
  await cameAgain(t, bob, chat, sent)
  await examined(t, bob, chat, sent)
  await Promise.all([alice.end('SIGTERM'), bob.end('SIGTERM')])
})
