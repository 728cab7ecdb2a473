/** A phone that is put to sleep in the middle of a file, also on a disk that stalls: it sleeps in time, nothing is lost, and the file goes on when it wakes. */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { open, rm, type FileHandle } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import type { Attachment } from '../../protocol/http-files.ts'
import { answers } from '../support/answers.ts'
import { befriend } from '../support/app-on-phone.ts'
import { folderOf, startHere, type Here } from '../support/here.ts'

t.setTimeout(240_000)

type Write = (this: FileHandle, ...all: unknown[]) => Promise<unknown>

/** What happens before each piece of a file goes to the disk; until the test ends. */
async function beforeWrites(t: Test, folder: string, happens: () => Promise<void>): Promise<void> {
  const path = join(folder, 'any')
  const handle = await open(path, 'w')
  const handles = Object.getPrototypeOf(handle) as { writev: Write }
  await handle.close()
  await rm(path)
  const { writev } = handles
  t.teardown(() => {
    handles.writev = writev
  })
  handles.writev = async function (...all) {
    await happens()
    return await writev.apply(this, all)
  }
}

async function asked(here: Here, method: string, path: string, body?: Uint8Array): Promise<Buffer> {
  const asking = request({ socketPath: here.daemon.socketPath, method, path: `/api/v1${path}` })
  asking.setHeader('content-type', 'application/octet-stream')
  asking.end(body)
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  return await buffer(answer)
}

interface Scene {
  readonly folder: string
  readonly phone: Here
  readonly chat: string
  readonly id: string
  readonly bytes: Buffer
}

/** The phone sleeps, and something waits for it. */
async function fileWaits(t: Test): Promise<Scene> {
  const folder = folderOf(t)
  const phone = await startHere(t, join(folder, 'phone'), 'phone')
  const bob = await startHere(t, join(folder, 'bob'), 'bob')
  const chat = await befriend(bob.seat, phone)
  await asleep(phone)
  const bytes = randomBytes(12_500_000)
  const added = await asked(bob, 'POST', `/blobs?conversation=${chat}&name=film`, bytes)
  const { id } = JSON.parse(added.toString()) as Attachment
  const message = { text: 'look', clientId: 'one', attachments: [id] }
  await bob.seat.client.ask('POST', `/conversations/${chat}/messages`, message)
  return { folder, phone, chat, id, bytes }
}

/** However long that takes here. */
async function asleep({ daemon, seat }: Here): Promise<void> {
  seat.unfollow()
  while (!(await daemon.suspend()));
}

async function awake({ daemon, seat }: Here): Promise<void> {
  await daemon.resume()
  seat.follow()
}

async function comesWhole({ phone, chat, id, bytes }: Scene, t: Test): Promise<void> {
  await phone.seat.until(async () => {
    const { state } = await phone.seat.client.ask<Attachment>('GET', `/conversations/${chat}/attachments/${id}`)
    return state === 'whole' ? true : undefined
  }, 'the whole file')
  t.ok(bytes.equals(await asked(phone, 'GET', `/blobs/${id}?conversation=${chat}`)), 'as it was sent')
}

t.test('asleep in the middle of a file, twice: it goes on where it was', async (t) => {
  // 191 chunks on two streams: of the first part at most 16 and four times 16 on each come, so that the second has a middle, too.
  const scene = await fileWaits(t)
  const { folder, phone } = scene
  let [writes, stopsAt] = [0, 2]
  const middles = Array.from({ length: 2 }, () => Promise.withResolvers<void>())
  const asleeps = Array.from({ length: 2 }, () => Promise.withResolvers<void>())
  let round = 0
  await beforeWrites(t, folder, async () => {
    writes += 1
    // All from there on, so that enough is left for the next time.
    if (writes < stopsAt) return
    middles[round]?.resolve()
    await asleeps[round]?.promise
  })
  for (; round < 2; stopsAt = writes + 2) {
    await awake(phone)
    await middles[round]?.promise
    const falling = asleep(phone)
    // From then on nothing more comes.
    while (await answers(phone.port));
    asleeps[round]?.resolve()
    await falling
    round += 1
    const before = writes
    t.equal(await answers(phone.port), false)
    for (let turns = 0; turns < 100; turns += 1) await new Promise((resolve) => setImmediate(resolve))
    t.equal(writes, before, 'nothing is written in its sleep')
  }
  const broken = writes
  await awake(phone)
  await comesWhole(scene, t)
  t.comment(`${broken} writes in two parts, ${writes - broken} in the last`)
})

t.test('on a disk that stalls it says in time that it is not done, lets nobody in, and loses nothing', async (t) => {
  const scene = await fileWaits(t)
  const { folder, phone } = scene
  const stalls = Promise.withResolvers<void>()
  const goesOn = Promise.withResolvers<void>()
  let writes = 0
  await beforeWrites(t, folder, async () => {
    writes += 1
    if (writes < 5) return
    stalls.resolve()
    await goesOn.promise
  })
  await awake(phone)
  await stalls.promise
  phone.seat.unfollow()
  t.equal(await phone.daemon.suspend(), false, 'it does not wait for the disk')
  t.equal(await answers(phone.port), false)
  const woken = phone.daemon.resume()
  goesOn.resolve()
  await woken
  phone.seat.follow()
  await comesWhole(scene, t)
})
