/** What the owner is told of a long history that is on its way. */

import t from 'tap'
import { Arriving } from '../../../daemon/owner/arriving.ts'
import type { Scope } from '../../../protocol/ids.ts'
import { Bus } from '../../../daemon/bus.ts'
import { fakeScope } from '../../support/fake-device.ts'

const scope = fakeScope(1)

interface Told {
  readonly arriving: Arriving
  readonly tell: (scope: Scope, left: number) => void
  readonly events: string[]
}

function toldOf(held: number): Told {
  const bus = new Bus()
  const events: string[] = []
  bus.subscribe(({ type }) => events.push(type))
  const listeners: ((scope: Scope, left: number) => void)[] = []
  const arriving = new Arriving({
    bus,
    conversations: { has: (id) => id === scope, held: () => held },
    sync: { onArriving: (listener) => void listeners.push(listener) },
  })
  return { arriving, events, tell: (id, left) => listeners.forEach((each) => each(id, left)) }
}

t.test('a long history is shown from its beginning to its end, a short one not', async (t) => {
  const { arriving, tell, events } = toldOf(340)
  tell(scope, 999)
  t.equal(arriving.of(scope), undefined)
  tell(scope, 1000)
  tell(scope, 660)
  t.strictSame(arriving.of(scope), { left: 660, percent: 34 })
  tell(scope, 0)
  t.equal(arriving.of(scope), undefined)
  tell(scope, 0)
  t.strictSame(events, ['conversation', 'conversation', 'conversation'])
})

t.test('it is never all while something is left', async (t) => {
  const { arriving, tell } = toldOf(1_000_000)
  tell(scope, 1000)
  tell(scope, 1)
  t.equal(arriving.of(scope)?.percent, 99)
})

t.test('the log of a person is no conversation', async (t) => {
  const { arriving, tell, events } = toldOf(1)
  tell(fakeScope(2), 5000)
  t.strictSame([arriving.of(fakeScope(2)), events], [undefined, []])
})
