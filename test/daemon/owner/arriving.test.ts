/** What the owner is told of a long history that is on its way. */

import t from 'tap'
import { Arriving } from '../../../daemon/owner/arriving.ts'
import { Bus } from '../../../daemon/bus.ts'
import { fakeScope } from '../../support/fake-device.ts'

const scope = fakeScope(1)

function arriving(held: number): { told: Arriving; events: string[] } {
  const bus = new Bus()
  const events: string[] = []
  bus.subscribe(({ type }) => events.push(type))
  return { told: new Arriving({ bus, conversations: { has: (id) => id === scope, held: () => held } }), events }
}

t.test('a long history is shown from its beginning to its end, a short one not', async (t) => {
  const { told, events } = arriving(340)
  told.told(scope, 999)
  t.equal(told.of(scope), undefined)
  told.told(scope, 1000)
  told.told(scope, 660)
  t.strictSame(told.of(scope), { left: 660, percent: 34 })
  told.told(scope, 0)
  t.equal(told.of(scope), undefined)
  told.told(scope, 0)
  t.strictSame(events, ['conversation', 'conversation', 'conversation'])
})

t.test('it is never all while something is left', async (t) => {
  const { told } = arriving(1_000_000)
  told.told(scope, 1000)
  told.told(scope, 1)
  t.equal(told.of(scope)?.percent, 99)
})

t.test('the log of a person is no conversation', async (t) => {
  const { told, events } = arriving(1)
  told.told(fakeScope(2), 5000)
  t.strictSame([told.of(fakeScope(2)), events], [undefined, []])
})
