import t from 'tap'
import { Bus, type BusEvent } from '../../../daemon/bus.ts'
import { Came } from '../../../daemon/waking/came.ts'
import { conversationIdOf, type ConversationId, type DeviceId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { boundary } from '../../limits/boundary.ts'
import { bytesOf, deviceOf } from '../../support/fake-ids.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const [chat, group] = [conversationIdOf(bytesOf('chat')), conversationIdOf(bytesOf('group'))]
const [alice, bob] = [deviceOf('alice'), deviceOf('bob')]

interface Woken {
  readonly came: Came
  readonly time: VirtualTime
  /** What was told, one line each. */
  readonly told: string[]
  readonly linked: Set<DeviceId>
  readonly level: Set<DeviceId>
  /** One message of somebody, unless muted; `count` below 0: so many were read. */
  readonly arrives: (conversation: ConversationId, count?: number) => void
}

/** One unread message lies in the chat from before. */
function wakeUp(): Woken {
  const [bus, time] = [new Bus(), new VirtualTime()]
  const [linked, level] = [new Set<DeviceId>(), new Set<DeviceId>()]
  const unread = new Map([
    [chat, 1],
    [group, 0],
  ])
  const told: string[] = []
  const names = new Map([
    [chat, 'chat'],
    [group, 'group'],
  ])
  bus.subscribe((event: BusEvent) => {
    if (event.type !== 'came') return
    told.push(event.conversations.map(({ conversation, count }) => `${count} in ${names.get(conversation)}`).join(', '))
  })
  const came = new Came({
    bus,
    timers: time,
    unread: (id) => unread.get(id),
    conversations: () => [chat, group],
    isLevel: (device) => level.has(device),
    linked: () => [...linked],
  })
  const arrives = (conversation: ConversationId, count = 1): void => {
    unread.set(conversation, (unread.get(conversation) ?? 0) + count)
    bus.publish(count > 0 ? { type: 'message', conversation, order: '1' } : { type: 'conversation', conversation })
  }
  return { came, time, told, linked, level, arrives }
}

t.test('what came is told once all of who woke is here, and again when more comes', async (t) => {
  const { came, time, told, linked, level, arrives } = wakeUp()
  came.woken(alice)
  linked.add(bob).add(alice)
  level.add(bob)
  arrives(chat)
  arrives(group)
  arrives(chat)
  await time.pass(5000)
  t.strictSame(told, [], 'alice has more')
  level.add(alice)
  await time.pass(100)
  t.strictSame(told, ['2 in chat, 1 in group'])
  arrives(chat)
  arrives(chat)
  await time.pass(300)
  t.strictSame(told.slice(1), ['2 in chat'])
  arrives(chat, -5)
  arrives(chat)
  await time.pass(10_000)
  t.strictSame(told.slice(2), [], 'read elsewhere meanwhile')
})

t.test('where nobody is named all who are linked count, and nothing that came is told, too', async (t) => {
  const { came, time, told, linked, level } = wakeUp()
  came.woken(undefined)
  await time.pass(1000)
  linked.add(alice).add(bob)
  level.add(alice)
  await time.pass(1000)
  t.strictSame(told, [])
  level.add(bob)
  await time.pass(100)
  t.strictSame(told, [''])
})

/** Whether what came is told so long after a wake by somebody who never comes. */
const tells = async (ms: number): Promise<boolean> => {
  const { came, time, told, arrives } = wakeUp()
  came.woken(alice)
  arrives(group)
  await time.pass(ms)
  const isTold = told[0] === '1 in group'
  came.close()
  return isTold
}

t.test('after a while it is told what came by then', async (t) => {
  await boundary(
    t,
    'wakeWindowMs',
    async () => await tells(limits.wakeWindowMs),
    async () => await tells(limits.wakeWindowMs - 1),
    'no',
  )
})

t.test('another wake begins anew, and nothing comes once it is closed', async (t) => {
  const { came, time, told, linked, level, arrives } = wakeUp()
  came.woken(alice)
  await time.pass(limits.wakeWindowMs - 100)
  came.woken(bob)
  await time.pass(1000)
  t.strictSame(told, [])
  linked.add(bob)
  level.add(bob)
  await time.pass(100)
  t.strictSame(told, [''])
  came.close()
  arrives(chat)
  await time.pass(limits.wakeWindowMs)
  t.strictSame(told, [''])
})

t.test('who falls asleep before all is here is told what came by then', async (t) => {
  const { came, time, told, linked, level, arrives } = wakeUp()
  came.woken(alice)
  arrives(chat)
  arrives(group)
  came.close()
  t.strictSame(told, ['1 in chat, 1 in group'])
  linked.add(alice)
  level.add(alice)
  await time.pass(limits.wakeWindowMs)
  t.equal(told.length, 1)
  const another = wakeUp()
  another.came.woken(alice)
  another.came.close()
  t.strictSame(another.told, [], 'nothing came')
})
