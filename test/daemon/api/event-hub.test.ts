import { mock } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { WebSocket } from 'ws'
import { EventHub } from '../../../daemon/api/events/event-hub.ts'
import { EventLog } from '../../../daemon/api/events/event-log.ts'
import type { ServerEvent } from '../../../protocol/events.ts'
import { selfId } from '../../../protocol/ids.ts'
import { FakeOwner } from '../../support/fake-owner.ts'

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
      {
        bus,
        log: (_, text) => errors.push(text),
        now: () => 1000,
        owner: () => owner,
        sessionOf: () => 'session',
        onActive: () => undefined,
      },
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
    bus.publish({ type: 'conversation', conversation })
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
