/** Random lives of three devices: whatever happens, nothing acknowledged is lost, doubled or shown in two orders. */

import fc from 'fast-check'
import t from 'tap'
import type { MemoryDisk } from '../../../daemon/store/memory-disk.ts'
import { Device, Neighbourhood } from '../../support/device.ts'
import { VirtualTime } from '../../support/virtual-time.ts'

const people = ['alice', 'bob', 'carol'] as const
type Step =
  | { readonly is: 'say'; readonly who: number; readonly to: number; readonly count: number }
  | { readonly is: 'part' | 'heal'; readonly who: number; readonly to: number }
  | { readonly is: 'crash'; readonly who: number; readonly keep: boolean; readonly turns: number }
  | { readonly is: 'restart' | 'copy' | 'putBack'; readonly who: number }
  | { readonly is: 'fault'; readonly who: number; readonly kept: boolean; readonly ms: number }
  | { readonly is: 'pass'; readonly ms: number }

const person = fc.integer({ min: 0, max: 2 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      is: fc.constant('say' as const),
      who: person,
      to: person,
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ is: fc.constantFrom('part' as const, 'heal' as const), who: person, to: person }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('crash' as const),
      who: person,
      keep: fc.boolean(),
      turns: fc.integer({ min: 0, max: 12 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ is: fc.constantFrom('restart' as const, 'copy' as const, 'putBack' as const), who: person }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('fault' as const),
      who: person,
      kept: fc.boolean(),
      ms: fc.integer({ min: 1, max: 300 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ is: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 3000 }) }) },
)

/** What is said where a home was put back, or the disk failed. */
const expected = new Set([
  'own entries came back from a peer',
  'a device forked its feed',
  'a session ends',
  'a hello could not be taken in',
  'who holds what could not be stored',
  'when a contact was last here could not be stored',
])

/** How far each clock is off: a little, or years. */
const clocks = fc.array(fc.constantFrom(0, 0, 40, -2000, 200_000, -3e11, 1e11), { minLength: 3, maxLength: 3 })

/** One life of the three. */
class Life {
  readonly time: VirtualTime
  readonly place: Neighbourhood
  readonly devices: Device[] = []
  /** What was acknowledged, by pair and text. */
  readonly said = new Map<string, Set<string>>()
  readonly copies = new Map<number, MemoryDisk>()
  #count = 0

  readonly #clocks: readonly number[]

  constructor(seed: number, clocks: readonly number[]) {
    this.#clocks = clocks
    this.time = new VirtualTime(seed)
    this.place = new Neighbourhood(this.time)
  }

  async begin(): Promise<void> {
    for (const [at, name] of people.entries()) {
      const options = { timers: this.time, clockOffMs: this.#clocks[at] ?? 0 }
      this.devices.push(await new Device(name, this.place, options).start())
    }
    const settle = async (): Promise<void> => await this.time.pass(500)
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const)
      await this.at(a).befriend(this.at(b), settle)
    for (const [at, each] of this.devices.entries()) this.copies.set(at, each.disk.snapshot())
  }

  at(who: number): Device {
    return this.devices[who] as Device
  }

  async step(step: Step): Promise<void> {
    switch (step.is) {
      case 'say':
        return this.#say(this.at(step.who), this.at(step.to), step.count)
      case 'part':
        if (step.who !== step.to) this.place.part(this.at(step.who), this.at(step.to))
        return undefined
      case 'heal':
        if (step.who !== step.to) this.place.heal(this.at(step.who), this.at(step.to))
        return undefined
      case 'crash':
        for (let turn = 0; turn < step.turns; turn += 1) await Promise.resolve()
        return await this.#again(this.at(step.who), () => this.at(step.who).crash(step.keep))
      case 'restart':
        return await this.#again(this.at(step.who), async () => await this.at(step.who).stop())
      case 'copy':
        return void this.copies.set(step.who, this.at(step.who).disk.snapshot())
      case 'putBack':
        // What peers do not hold is gone with a home that is put back: nobody can be asked for it.
        await this.meet()
        return await this.#again(this.at(step.who), async () => {
          await this.at(step.who).stop()
          this.at(step.who).putBack(this.copies.get(step.who) as MemoryDisk)
        })
      case 'fault':
        this.at(step.who).disk.fault = { code: 'STORE_FAILED', kept: step.kept }
        await this.time.pass(step.ms)
        this.at(step.who).disk.fault = undefined
        return undefined
      case 'pass':
        return await this.time.pass(step.ms)
    }
  }

  #say(from: Device, to: Device, count: number): void {
    if (from === to) return
    const chat = from.conversationWith(to)
    const said = this.said.get(chat) ?? new Set()
    this.said.set(chat, said)
    for (let each = 0; each < count; each += 1) {
      const text = `${from.name} ${(this.#count += 1)}`
      from.say(chat, text).then(
        () => said.add(text),
        () => undefined,
      )
    }
  }

  async #again(device: Device, end: () => Promise<void> | void): Promise<void> {
    await end()
    await this.time.pass(200)
    await device.start()
    this.place.greetAll()
  }

  /** Everybody reaches everybody until nothing is left to say. */
  async meet(): Promise<void> {
    this.place.parted.clear()
    for (let round = 0; round < 3; round += 1) {
      this.place.greetAll()
      await this.time.pass(3000)
    }
  }

  async check(): Promise<void> {
    await this.meet()
    await this.time.pass(150_000)
    for (const [a, b] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const chat = this.at(a).conversationWith(this.at(b))
      const [here, there] = [await this.at(a).texts(chat), await this.at(b).texts(chat)]
      if (here.join() !== there.join()) throw new Error(`two orders: ${here.join()} and ${there.join()}`)
      if (new Set(here).size !== here.length) throw new Error(`doubled: ${here.join()}`)
      const lost = [...(this.said.get(chat) ?? [])].filter((text) => !here.includes(text))
      if (lost.length > 0) throw new Error(`lost: ${lost.join()} of ${here.join()}`)
    }
    const wrong = this.devices.flatMap((each) => each.complaints).filter((text) => !expected.has(text))
    if (wrong.length > 0) throw new Error(`complaints: ${wrong.join()}`)
  }

  async end(): Promise<void> {
    for (const each of this.devices) await each.stop()
  }
}

t.setTimeout(600_000)

t.test('nothing acknowledged is lost, doubled or shown in two orders', async (t) => {
  const long = process.env['WARREN_LONG'] === '1'
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      clocks,
      fc.array(step, { minLength: 5, maxLength: 40 }),
      async (seed, off, steps) => {
        const life = new Life(seed, off)
        await life.begin()
        for (const each of steps) await life.step(each)
        await life.check()
        await life.end()
      },
    ),
    { seed: Number(process.env['WARREN_SEED'] ?? 20_261), numRuns: long ? 600 : 40, endOnFailure: !long },
  )
  t.pass()
})
