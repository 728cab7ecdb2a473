import t from 'tap'
import { FileTickets } from '../../daemon/api/file-tickets.ts'
import { Files } from '../../daemon/api/files.ts'
import { FileDesk } from '../../daemon/owner/file-desk.ts'
import { limits } from '../../protocol/limits.ts'
import { Bus } from '../../daemon/bus.ts'
import { FakeFiles } from '../support/fake-files.ts'
import { unknownConversation } from '../support/fake-ids.ts'
import { pngHead } from '../support/sample-files.ts'
import { boundary } from './boundary.ts'

const session = 'ab'.repeat(16)
const random = (length: number): Uint8Array => new Uint8Array(length).fill(7)
const deps = { now: () => 0, random, isLive: () => true, log: () => undefined }

t.test('the address of a file', async (t) => {
  const clock = { now: 0 }
  const tickets = new FileTickets({ ...deps, now: () => clock.now })
  const file = { conversation: 'c', id: 'f' }
  const ticket = tickets.issue(session, file)
  const at = (now: number) => (): void => {
    clock.now = now
    tickets.check(ticket, file)
  }
  await boundary(t, 'fileTicketMs', at(limits.fileTicketMs - 1), at(limits.fileTicketMs), 'NOT_ALLOWED')
})

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(new Uint8Array())
}

t.test('files on their way out, and in', async (t) => {
  const files = new Files(deps)
  const out = (): void => {
    files.outgoing.checkRoom()
    files.outgoing.stream(session, nothing(), () => undefined)
  }
  for (let each = 1; each < limits.filesOutAtOnce; each += 1) out()
  await boundary(t, 'filesOutAtOnce', out, out, 'RATE_LIMITED')
  files.forget(session)
  t.doesNotThrow(out, 'the session ended, and made room')
  files.endAll()
  const held = Promise.withResolvers<void>()
  const taking: Promise<unknown>[] = []
  const take = async (who: string | undefined): Promise<void> => {
    const begun = Promise.withResolvers<void>()
    const taken = files.take(who, async () => {
      begun.resolve()
      await held.promise
    })
    taking.push(taken)
    await Promise.race([begun.promise, taken])
  }
  for (let each = 1; each < limits.filesInAtOnce; each += 1) await take(session)
  await boundary(
    t,
    'filesInAtOnce',
    async () => await take(session),
    async () => await take(session),
    'RATE_LIMITED',
  )
  await take('another')
  held.resolve()
  await Promise.allSettled(taking)
  await t.resolves(files.take(session, async () => await Promise.resolve()))
})

t.test('the picture of a group', async (t) => {
  const desk = new FileDesk({
    files: new FakeFiles(new Bus()),
    looksDifferent: () => undefined,
    checkMayWrite: () => undefined,
  })
  const set = async (bytes: number): Promise<unknown> => {
    const source = (async function* () {
      yield await Promise.resolve(Buffer.concat([pngHead(64, 64)], bytes))
    })()
    const { id } = await desk.add(unknownConversation, source, { name: '', type: '' })
    return await desk.picturing(unknownConversation, id)
  }
  const most = limits.groupPictureBytes
  await boundary(
    t,
    'groupPictureBytes',
    async () => await set(most),
    async () => await set(most + 1),
    'TOO_LARGE',
  )
})

t.test('a picture that a page unfolds', async (t) => {
  const desk = new FileDesk({
    files: new FakeFiles(new Bus()),
    looksDifferent: () => undefined,
    checkMayWrite: () => undefined,
  })
  const shows = async (width: number, height: number): Promise<boolean> => {
    const source = (async function* () {
      yield await Promise.resolve(pngHead(width, height))
    })()
    return (await desk.add(unknownConversation, source, { name: '', type: '' })).shows === 'picture'
  }
  const side = Math.sqrt(limits.picturePixels)
  await boundary(
    t,
    'picturePixels',
    async () => await shows(side, side),
    async () => await shows(side, side + 1),
    'no',
  )
})
