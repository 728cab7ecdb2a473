import { mock } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { WebSocket } from 'ws'
import { EventHub } from '../../../daemon/api/events/event-hub.ts'
import { EventLog } from '../../../daemon/api/events/event-log.ts'
import type { Change, ServerEvent } from '../../../protocol/events.ts'
import { selfId } from '../../../protocol/ids.ts'
import type { Conversation } from '../../../protocol/http-conversations.ts'
import { FakeOwner } from '../../support/fake-owner.ts'

const settings = {
  log: () => undefined,
  now: () => 1000,
  sessionOf: () => 'session',
  onActive: () => undefined,
  files: {
    addressed: (_: unknown, change: Change): Change => change,
    conversation: (_: unknown, each: Conversation): Conversation => each,
  },
}

/** A hub, and what a reader who was there from the beginning is sent. */
function listened(gather?: true) {
  const owner = new FakeOwner('alice')
  const hub = new EventHub({ ...settings, bus: owner.bus, owner: () => owner }, { version: '9.9.9' })
  hub.open()
  const sent: ServerEvent[] = []
  const fake = {
    bufferedAmount: 0,
    on: () => fake,
    close: () => undefined,
    send: (text: string, done: () => void) => {
      sent.push(JSON.parse(text) as ServerEvent)
      done()
    },
  }
  hub.add(fake as unknown as WebSocket, 'socket').receive(JSON.stringify({ type: 'auth', after: 1000 * 1024, gather }))
  const heard = (): string[] => sent.splice(0).map(({ type }) => type)
  return { hub, sent, heard, bus: owner.bus, conversation: selfId(owner.person) }
}

const turns = async (): Promise<void> => {
  for (let each = 0; each < 3; each += 1) await setImmediate()
}

t.test('ticks go ahead; messages and their conversation wait a moment, and for nothing else', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const { hub, heard, bus, conversation } = listened()
  t.teardown(() => hub.close())
  const ticks = { type: 'ticks', conversation, feed: 'feed', held: 1, delivered: 1, read: 0 } as const
  await turns()

  // No such message: what a page hears of it is that it is gone.
  bus.publish({ type: 'message', conversation, order: 'a' })
  bus.publish({ type: 'conversation', conversation })
  bus.publish(ticks)
  await turns()
  t.same(heard(), ['ticks'])
  bus.publish({ type: 'message', conversation, order: 'b' })
  bus.publish({ type: 'conversation', conversation })
  await turns()
  t.same(heard(), [])
  mock.timers.tick(10)
  await turns()
  t.same(heard(), ['message-gone', 'message-gone', 'conversation'], 'two messages, and one word of their conversation')

  bus.publish({ type: 'message', conversation, order: 'c' })
  bus.publish({ type: 'me' })
  await turns()
  t.same(heard(), ['message-gone', 'me'], 'what else happens takes along what waits, in order')
  bus.publish({ type: 'message', conversation, order: 'd' })
  bus.publish(ticks)
  bus.publish({ type: 'conversation-gone', conversation })
  mock.timers.tick(10)
  await turns()
  t.same(heard(), ['conversation-gone'], 'what waited when its conversation was deleted is not told any more')
  bus.publish({ type: 'message', conversation, order: 'e' })
  hub.lock()
  mock.timers.tick(10)
  await turns()
  t.same(heard(), ['closing'], 'nothing is told after a lock')
})

t.test('whoever gathers hears of many messages at once, and of the newest; everybody else of each', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const page = listened(true)
  const shell = listened()
  t.teardown(() => [page, shell].forEach(({ hub }) => hub.close()))
  const orders = Array.from({ length: 17 }, (_, at) => `order ${10 + at}`)
  const come = async (some: readonly string[]): Promise<void> => {
    for (const { bus, conversation } of [page, shell]) {
      for (const order of some) bus.publish({ type: 'message', conversation, order })
      bus.publish({ type: 'conversation', conversation })
    }
    mock.timers.tick(10)
    await turns()
  }
  await turns()
  await come(orders.slice(1))
  t.equal(page.heard().length, 17, 'as many as are told one by one')
  t.equal(shell.heard().length, 17)

  // The last one is not the newest; a word about something else stays where it was.
  page.bus.publish({ type: 'message-gone', conversation: page.conversation, order: 'order 0' })
  await come([...orders.slice(5), ...orders.slice(0, 5)])
  const { conversation } = page
  const told = page.sent.splice(0)
  t.match(told, [
    { type: 'message-gone', order: 'order 0' },
    { type: 'messages', conversation, from: 'order 10', to: 'order 26' },
    { type: 'message-gone', order: 'order 26' },
    { type: 'conversation' },
  ])
  t.equal(told.length, 4)
  t.equal(told.at(-1)?.id, (told[1]?.id ?? 0) + 1, 'they stand where the last of them did')
  t.equal(shell.heard().length, 18)

  await come(orders.slice(1))
  t.equal(page.heard().length, 17, 'what was told is told once')
  shell.heard()

  await come(Array.from({ length: 1000 }, (_, at) => `order ${1000 + at}`))
  t.same(page.heard(), ['messages', 'message-gone', 'conversation'], 'a thousand messages')
  t.equal(shell.heard().length, 1001)
})

t.test(
  'who resumes in the very tick in which a conversation is deleted hears of it, and keeps nobody busy',
  async (t) => {
    // A loop that never ends gives no timer a turn: only its own steps can stop it.
    let looks = 0
    const read = Reflect.get(EventLog.prototype, 'after')
    const after = mock.method(EventLog.prototype, 'after', function look(this: EventLog, id: number, count: number) {
      looks += 1
      if (looks > 100) throw new Error('it looks for ever')
      return read.call(this, id, count)
    })
    t.teardown(() => after.mock.restore())
    const owner = new FakeOwner('alice')
    const { bus } = owner
    const errors: string[] = []
    const hub = new EventHub(
      { ...settings, bus, log: (_, text) => errors.push(text), owner: () => owner },
      { version: '9.9.9' },
    )
    t.teardown(() => hub.close())
    hub.open()
    const sent: ServerEvent[] = []
    const fake = {
      bufferedAmount: 0,
      on: () => fake,
      close: () => undefined,
      send: (text: string, done: () => void) => {
        sent.push(JSON.parse(text) as ServerEvent)
        done()
      },
    }
    const conversation = selfId(owner.person)
    bus.publish({ type: 'me' })
    await setImmediate()
    bus.publish({ type: 'ticks', conversation, feed: 'feed', held: 1, delivered: 0, read: 0 })
    await setImmediate()
    const before = 1000 * 1024 + 1
    bus.publish({ type: 'conversation-gone', conversation })
    const socket = hub.add(fake as unknown as WebSocket, 'socket')
    socket.receive(JSON.stringify({ type: 'auth', after: before }))
    await setImmediate()
    await setImmediate()
    t.same(errors, [])
    t.match(sent, [{ type: 'conversation-gone', id: before + 2 }])
    t.equal(sent.length, 1)
    t.ok(looks > 0 && looks < 10, `${looks} looks`)
  },
)
