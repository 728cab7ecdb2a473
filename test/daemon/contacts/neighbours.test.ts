import t from 'tap'
import { Neighbours } from '../../../daemon/contacts/neighbours.ts'
import { conversationIdOf, type DeviceId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { bytesOf, deviceOf } from '../../support/fake-ids.ts'
import { seededRandom } from '../../support/virtual-time.ts'

const group = conversationIdOf(bytesOf('group'))
const crowd = Array.from({ length: 128 }, (_, at) => deviceOf(`${at}`))
const nobody = (): boolean => false

t.test('of 128 devices each dials a few, no one is dialled by all, and everybody is reached', async (t) => {
  const dialled = new Map<DeviceId, DeviceId[]>()
  for (const [at, device] of crowd.entries()) {
    const others = new Map([[group, crowd.filter((each) => each !== device)]])
    dialled.set(device, new Neighbours(seededRandom(at + 1)).choose(others, nobody, false))
  }
  const all = [...dialled.values()]
  t.ok(all.every(({ length }) => length === limits.pushPartners))
  const inbound = crowd.map((device) => all.filter((each) => each.includes(device)).length)
  t.ok(Math.max(...inbound) <= 3 * limits.pushPartners, `at most ${Math.max(...inbound)} dial one`)
  const reached = new Set(crowd.slice(0, 1))
  for (const device of reached)
    for (const other of crowd)
      if (dialled.get(device)?.includes(other) || dialled.get(other)?.includes(device)) reached.add(other)
  t.equal(reached.size, crowd.length)
})

t.test('while those that were chosen do not answer, others are tried in turn; who answers is kept', async (t) => {
  const others = crowd.slice(1)
  const neighbours = new Neighbours(seededRandom(1))
  const tried = new Set<DeviceId>()
  const online = others[77] as DeviceId
  let rounds = 0
  for (; !tried.has(online); rounds += 1)
    for (const each of neighbours.choose(new Map([[group, others]]), nobody, true)) tried.add(each)
  t.ok(rounds <= Math.ceil(others.length / limits.pushPartners) + 1, `${rounds} rounds`)
  for (let round = 0; round < 20; round += 1) {
    const chosen = neighbours.choose(new Map([[group, others]]), (each) => each === online, true)
    t.ok(chosen.includes(online) && chosen.length === limits.pushPartners)
  }
})
