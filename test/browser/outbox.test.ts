/** What becomes of a message whose files the daemon had, and has no more: without a browser, between stand-ins for its ways to the daemon. */

import t from 'tap'
import { sealedStore } from '../../ui/client/sealed-store.ts'
import { discard, pending, retry, send, startOutbox } from '../../ui/model/outbox.ts'
import { startUploads, uploadsOf } from '../../ui/model/uploads.ts'

/** What a page calls, as far as it is called here. */
class Daemon {
  readonly kept = new Set<string>()
  readonly posted: (readonly string[])[] = []
  added = 0

  add(): string {
    this.added += 1
    const id = `file-${this.added}`
    this.kept.add(id)
    return id
  }

  post(body: string): Response {
    const { attachments = [], clientId } = JSON.parse(body) as { attachments?: string[]; clientId: string }
    if (!attachments.every((each) => this.kept.has(each)))
      return Response.json({ error: { code: 'NOT_FOUND', message: 'no such file' } }, { status: 404 })
    this.posted.push(attachments)
    return Response.json({ id: 'one', clientId }, { status: 201 })
  }
}

const daemon = new Daemon()

class StandInRequest extends EventTarget {
  readonly upload = new EventTarget()
  status = 0
  responseText = ''
  open(): void {}
  setRequestHeader(): void {}
  abort(): void {}
  send(): void {
    this.status = 201
    this.responseText = JSON.stringify({ id: daemon.add(), name: 'a', type: '', size: 1, state: 'whole', held: 1 })
    queueMicrotask(() => this.dispatchEvent(new Event('load')))
  }
}

Object.assign(globalThis, {
  XMLHttpRequest: StandInRequest,
  fetch: async (_: string, { body }: { body: string }) => await Promise.resolve(daemon.post(body)),
})

/** Once a change of the outbox or of its files makes it so. */
const until = async (is: () => boolean): Promise<void> => {
  while (!is()) await new Promise((resolve) => setImmediate(resolve))
}

t.test('a daemon that started anew meanwhile is given the files again with another try', async (t) => {
  await startOutbox(() => undefined)
  const keys = startUploads('chat', [new File(['a'], 'a'), new File(['b'], 'b')])
  await until(() => uploadsOf(keys).every(({ file }) => file !== undefined))
  daemon.kept.clear()
  send('chat', 'two files', keys)
  await until(() => pending.value[0]?.state === 'failed')
  t.equal(pending.value[0]?.code, 'NOT_FOUND')
  retry(pending.value[0]?.clientId ?? '')
  await until(() => pending.value.length === 0 || pending.value[0]?.state === 'failed')
  t.strictSame(daemon.posted, [['file-3', 'file-4']])
  t.strictSame(uploadsOf(keys), [])
})

const kept = (clientId: string, tab: string): object => {
  const message = {
    kind: 'pending',
    clientId,
    conversation: 'chat',
    text: clientId,
    uploads: [],
    at: 1,
    state: 'waiting',
  }
  return { ...message, files: [], tab }
}
const waiting = (): string[] => pending.value.map(({ text }) => text)

/** Once what lies beside the page is so. */
async function keptUntil(is: (kept: readonly { tab: string }[]) => boolean): Promise<void> {
  while (!is((await sealedStore.values()) as { tab: string }[])) await new Promise((resolve) => setImmediate(resolve))
}

t.test('what another tab is sending stays its own until it is gone', async (t) => {
  const { promise: living, resolve: close } = Promise.withResolvers<void>()
  const tab = navigator.locks.request('warren tab living', async () => await living)
  await sealedStore.put('theirs', kept('theirs', 'living'))
  await sealedStore.put('left behind', kept('left behind', 'long gone'))
  await startOutbox(() => undefined)
  t.strictSame(waiting(), ['left behind'])
  discard('left behind')
  await keptUntil(([only, ...more]) => more.length === 0 && only?.tab === 'living')
  close()
  await tab
  await until(() => waiting().includes('theirs'))
  await keptUntil(([only]) => only?.tab !== 'living')
  t.strictSame(waiting(), ['theirs'], 'then it is taken up')
  discard('theirs')
})
