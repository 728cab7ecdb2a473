/** What a device says of itself in registers: what it holds, and how far its owner has read. */

import t from 'tap'
import { HeldTops, toldTops } from '../../../daemon/registers/held-tops.ts'
import { ReadPlaces } from '../../../daemon/registers/read-places.ts'
import type { Register } from '../../../protocol/register.ts'
import { readReadPosition } from '../../../protocol/register.ts'
import { readHeld, type HeldTop } from '../../../protocol/register-values.ts'
import { lanes, type Feed } from '../../../protocol/entry.ts'
import { zeroHlc } from '../../../protocol/hlc.ts'
import { directId, generationOf } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { upTo } from '../../limits/boundary.ts'
import { deviceOf, personOf } from '../../support/fake-ids.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const scope = directId(personOf('alice'), personOf('bob'))
const generation = generationOf(new Uint8Array(8))
const feedBy = (name: string): Feed => ({ scope, device: deviceOf(name), lane: lanes.messages, generation })
const topBy = (name: string, seq: number): HeldTop => ({ device: deviceOf(name), generation, seq })
const self = { device: deviceOf('self') }

/** Keeps what is set, as the room of registers does. */
function kept(): { values: Uint8Array[]; get: () => Register | undefined; set: (...all: never[]) => Promise<void> } {
  const values: Uint8Array[] = []
  const get = (): Register | undefined => {
    const value = values.at(-1)
    return value === undefined ? undefined : ({ value } as Register)
  }
  const set = (_scope: never, _key: never, value: never): Promise<void> => {
    values.push(value)
    return Promise.resolve()
  }
  return { values, get, set }
}

t.test('a large circle hears of few feeds: of those that moved last', async (t) => {
  const many = Array.from({ length: 20 }, (_, each) => topBy(`${each}`, 1))
  const isWhole = (devices: number) => (): boolean => toldTops([], many, devices).length === many.length
  await upTo(t, 'heldDevices', (devices) => isWhole(devices)(), 'no')
  await upTo(
    t,
    'heldTopsBeyond',
    (count) => toldTops([], many.slice(0, count), limits.heldDevices + 1).length === count,
    'no',
  )
  const moved = toldTops([topBy('a', 1), topBy('b', 1)], [topBy('a', 2), topBy('b', 1)], 2)
  t.strictSame(moved, [topBy('b', 1), topBy('a', 2)], 'what moved stands behind what did not')
})

t.test('what comes close together is told once; of who hears it on a link nothing', async (t) => {
  const time = new VirtualTime()
  for (const devices of [limits.heldDevices, limits.heldDevices + 1]) {
    const registers = kept()
    const tops = new HeldTops({
      registers,
      self,
      timers: time,
      log: () => {},
      random: () => 0,
      devices: () => devices,
      isLinked: (device) => device === deviceOf('linked'),
      topOf: () => 7,
    })
    for (let each = 0; each < 100; each += 1)
      tops.arrived(scope, [feedBy('away'), feedBy('linked'), { ...feedBy('x'), lane: lanes.roster }, feedBy('self')])
    await time.pass(5000)
    t.equal(registers.values.length, devices > limits.heldDevices ? 0 : 1)
    await time.pass(10 * 60_000)
    t.equal(registers.values.length, 1)
    t.strictSame(readHeld(registers.values[0] ?? new Uint8Array()).tops, [topBy('away', 7)])
    tops.arrived(scope, [feedBy('linked')])
    tops.arrived(scope, [feedBy('late')])
    await tops.close()
    t.strictSame(readHeld(registers.values[1] ?? new Uint8Array()).tops, [topBy('away', 7), topBy('late', 7)])
  }
})

t.test('how far the owner has read is told at once, and now and then in a large circle', async (t) => {
  const time = new VirtualTime()
  let devices = limits.heldDevices
  const registers = kept()
  const places = new ReadPlaces({ registers, timers: time, log: () => {}, devices: () => devices })
  const told = (): number[] => registers.values.map((value) => readReadPosition(value).seq)
  const tell = async (seq: number): Promise<void> =>
    await places.tell(scope, { hlc: zeroHlc, device: self.device, generation, seq })
  await tell(1)
  await tell(2)
  t.strictSame(told(), [1, 2])
  devices += 1
  for (const seq of [3, 4, 5]) await tell(seq)
  t.strictSame(told(), [1, 2, 3])
  await time.pass(61_000)
  t.strictSame(told(), [1, 2, 3, 5])
  await tell(6)
  await places.close()
  t.strictSame(told(), [1, 2, 3, 5, 6], 'what waits is told at the end')
})
