/** Several devices that post, link, break, crash and come back, all by one seed; and what must hold in the end. */

import type { ConversationId } from '../../protocol/ids.ts'
import { linkPair, type Wire } from '../support/link-pair.ts'
import { Rooms } from '../support/rooms.ts'
import { VirtualTime } from '../support/virtual-time.ts'

interface Pair {
  readonly first: Rooms
  readonly second: Rooms
  readonly id: ConversationId
  wire: Wire | undefined
}

/** A text and whether its author was told that it is stored. */
interface Said {
  readonly pair: Pair
  readonly text: string
  acknowledged: boolean
}

export class Simulation {
  readonly time: VirtualTime
  readonly devices: Rooms[]
  readonly pairs: Pair[] = []
  readonly said: Said[] = []
  readonly #refused: string[] = []

  constructor(seed: number, count: number) {
    this.time = new VirtualTime(seed)
    this.devices = Array.from({ length: count }, (_, index) => new Rooms(this.time, `device ${index}`))
  }

  /** Starts all and makes everyone a contact of everyone. */
  async begin(): Promise<void> {
    for (const device of this.devices) await device.start()
    for (const [index, first] of this.devices.entries()) {
      for (const second of this.devices.slice(index + 1)) {
        const id = await first.meet(second)
        await second.meet(first)
        this.pairs.push({ first, second, id, wire: undefined })
      }
    }
  }

  /** One thing happens, drawn by the seed. */
  async step(): Promise<void> {
    const pair = this.#pick(this.pairs)
    const device = this.#pick(this.devices)
    const what = this.time.random()
    if (what < 0.45) this.#talk(pair)
    else if (what < 0.65) this.link(pair)
    else if (what < 0.75) this.#disturb(pair)
    else if (what < 0.8) this.crash(device)
    else if (what < 0.9 && !device.isRunning) await device.start()
    await this.time.pass(this.time.random() < 0.02 ? 70_000 : this.time.random() * 60)
  }

  post(pair: Pair, author: Rooms): void {
    if (!author.isRunning) return
    const one = { pair, text: `text ${this.said.length}`, acknowledged: false }
    this.said.push(one)
    author.conversations.owner.post(pair.id, one.text, one.text).then(
      () => (one.acknowledged = true),
      (error: unknown) => this.#refused.push(String(error)),
    )
  }

  link(pair: Pair): void {
    const { first, second } = pair
    if (!first.isRunning || !second.isRunning || pair.wire !== undefined) return
    const devices = [first.device, second.device] as const
    const [here, there] = linkPair({ timers: this.time, devices, bytesPerMs: 50 + this.time.random() * 2000 })
    pair.wire = here.wire
    first.sync.addLink(here)
    second.sync.addLink(there)
  }

  crash(device: Rooms): void {
    if (!device.isRunning) return
    for (const pair of this.pairs) if (pair.first === device || pair.second === device) this.#cut(pair)
    device.crash(this.time.random() < 0.5)
  }

  /** Everyone is back and linked with everyone, for long enough. */
  async settle(): Promise<void> {
    for (const device of this.devices) if (!device.isRunning) await device.start()
    for (const pair of this.pairs) {
      this.#cut(pair)
      this.link(pair)
    }
    await this.time.pass(200_000)
  }

  async stop(): Promise<void> {
    for (const pair of this.pairs) this.#cut(pair)
    await this.time.pass(10)
    for (const device of this.devices) if (device.isRunning) await device.stop()
  }

  /** What is wrong, in words; empty if nothing is. */
  async faults(): Promise<string[]> {
    const faults = [...this.devices.flatMap(({ complaints }) => complaints), ...this.#refused]
    for (const { first, second, id } of this.pairs) {
      const [here, there] = [await first.texts(id), await second.texts(id)]
      const said = this.said.filter(({ pair }) => pair.id === id)
      for (const { text } of said.filter(({ acknowledged }) => acknowledged)) {
        if (!here.includes(text)) faults.push(`${text} is lost`)
      }
      if (new Set(here).size !== here.length) faults.push('a text is doubled')
      if (here.some((text) => !said.some((each) => each.text === text)))
        faults.push('a text is there that nobody wrote')
      if (here.join() !== there.join()) faults.push('two devices show different things')
      if (first.digest(id) !== second.digest(id)) faults.push('two devices hold different things')
    }
    return faults
  }

  /** A text, or a burst that is stored under few signatures. */
  #talk(pair: Pair): void {
    const author = this.time.random() < 0.5 ? pair.first : pair.second
    const texts = this.time.random() < 0.1 ? 100 : 1
    for (let text = 0; text < texts; text += 1) this.post(pair, author)
  }

  #disturb(pair: Pair): void {
    const what = this.time.random()
    if (what < 0.4) this.#cut(pair)
    else if (what < 0.7) pair.wire?.part()
    else pair.wire?.heal()
  }

  #cut(pair: Pair): void {
    pair.wire?.cut()
    pair.wire = undefined
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.time.random() * items.length)] as T
  }
}
