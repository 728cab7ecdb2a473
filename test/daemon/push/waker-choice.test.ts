import t from 'tap'
import { chooseWakers } from '../../../daemon/push/waker-choice.ts'
import { personIdOf, type PersonId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'

const all = Array.from({ length: 9 }, (_, at) => personIdOf(new Uint8Array(32).fill(at + 1)))
const some = (...numbers: number[]): PersonId[] => numbers.flatMap((at) => all[at] ?? [])

t.test('a sleeper names four members at most', async (t) => {
  t.equal(limits.wakers, 4)
  for (const count of [0, 1, 4, 5, 9]) {
    const able = all.slice(0, count)
    t.equal(chooseWakers({ named: [], able, isOnline: () => true }).length, Math.min(count, 4))
  }
})

t.test('who was named stays so as long as they can wake, then come those who are there', async (t) => {
  const online = new Set(some(5, 6))
  const choose = (named: PersonId[], able: PersonId[]): PersonId[] =>
    chooseWakers({ named, able, isOnline: (person) => online.has(person) })
  t.strictSame(choose(some(3, 8), some(0, 3, 5, 6)), some(3, 5, 6, 0), 'one who cannot any more is replaced')
  t.strictSame(choose(some(0, 1, 2, 3), all), some(0, 1, 2, 3), 'nobody is moved for one who is there now')
})
