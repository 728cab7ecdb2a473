/** A linking that is cut off: wherever that happens, on either side, the new device belongs and knows it in the end, or neither. */

import { randomBytes } from 'node:crypto'
import t from 'tap'
import { intend } from '../../../daemon/identity/identity.ts'
import { signBytes, signingKeyFromSeed } from '../../../protocol/crypto.ts'
import type { DeviceFrame } from '../../../protocol/device-frames.ts'
import { resumeMessage } from '../../../protocol/device-words.ts'
import { WarrenError } from '../../../protocol/errors.ts'
import type { DeviceId } from '../../../protocol/ids.ts'
import { limits } from '../../../protocol/limits.ts'
import { reducePerson } from '../../../protocol/roster.ts'
import { boundary } from '../../limits/boundary.ts'
import { newDevice, nobody } from '../../support/code-asker.ts'
import { neighbourhood } from '../../support/device.ts'
import { desk, newDisk, talkPair, type Desk, type Disk, type Write } from '../../support/talk-pair.ts'
import { VirtualTime } from '../../support/virtual-time.ts'
import type { DeviceTalk } from '../../../daemon/devices/talk.ts'

const never = new AbortController().signal
const fail = async (): Promise<void> => await Promise.reject(new WarrenError('STORE_FULL', 'no room'))

type Side = 'old' | 'young'
interface Cut {
  readonly side: Side
  readonly write: Write
  readonly when: 'before' | 'behind'
}

/** Two homes, and a wire between what runs of them. */
class Two {
  readonly time = new VirtualTime()
  readonly disks: Readonly<Record<Side, Disk>> = { old: newDisk(), young: newDisk() }
  readonly #talks = new Set<DeviceTalk>()
  readonly #processes = { old: new AbortController(), young: new AbortController() }
  #cut: Cut | undefined
  /** What the old one waits for before it writes. */
  held: Promise<void> = Promise.resolve()
  wasCut = false
  old!: Desk
  young!: Desk

  constructor(cut?: Cut) {
    this.#cut = cut
    this.start('old')
    this.start('young')
  }

  /** A process begins on what is on the disk. */
  start(side: Side): void {
    const closing = new AbortController()
    this.#processes[side] = closing
    const options = {
      disk: this.disks[side],
      time: this.time,
      closing: closing.signal,
      cut: async (write: Write, when: 'before' | 'behind') => await this.#written(side, write, when),
    }
    if (side === 'old') this.old = desk(nobody, [], async () => await this.held, options)
    else this.young = desk((from) => this.#dial(from), [], undefined, options)
  }

  #dial(from: DeviceId): DeviceTalk {
    if (this.#processes.old.signal.aborted) throw new WarrenError('UNREACHABLE', 'it is off')
    const [here, there] = talkPair(from, this.old.device)
    this.#talks.add(here)
    void this.old.devices.heard(there)
    return here
  }

  /** Where the power goes, nothing more is written or said. */
  async #written(side: Side, write: Write, when: 'before' | 'behind'): Promise<void> {
    const cut = this.#cut
    if (cut === undefined || cut.side !== side || cut.write !== write || cut.when !== when) return
    this.#cut = undefined
    this.wasCut = true
    this.stop(side)
    await new Promise<never>(() => undefined)
  }

  stop(side: Side): void {
    for (const talk of this.#talks) talk.end()
    this.#processes[side].abort()
  }

  get belongs(): boolean {
    const { log } = this.disks.old
    return reducePerson(log.person, log.operations).devices.size === 2
  }

  get knows(): boolean {
    return this.disks.young.became.length > 0
  }

  /** Both owners say yes, as far as it gets. */
  async link(): Promise<void> {
    const { code = '' } = this.old.devices.begin({})
    this.young.devices.begin({ code, address: 'there' })
    await Promise.all([this.old.until('comparing'), this.young.until('comparing')])
    this.young.devices.confirm()
    await this.time.pass(0)
    if (this.old.shown().state === 'comparing') this.old.devices.confirm()
    await this.time.pass(0)
  }
}

const places = [
  ['young', 'intend'],
  ['old', 'add'],
  ['young', 'become'],
] as const satisfies readonly (readonly [Side, Write])[]

for (const [side, write] of places)
  for (const when of ['before', 'behind'] as const)
    t.test(`the ${side} one is cut off ${when} it writes: ${write}`, async (t) => {
      const two = new Two({ side, write, when })
      await two.link()
      t.ok(two.wasCut)
      for (const each of ['old', 'young'] as const) {
        two.stop(each)
        two.start(each)
      }
      await two.time.pass(limits.deviceResumeMs)
      t.equal(two.knows, two.belongs, 'both, or neither')
      t.equal(two.belongs, !(write === 'intend' || (write === 'add' && when === 'before')))
      t.equal(two.disks.young.intent, undefined, 'nothing is left over')
    })

t.test('it goes on without a start as well, once the other one is back', async (t) => {
  const two = new Two({ side: 'old', write: 'add', when: 'behind' })
  await two.link()
  t.ok(two.belongs)
  t.notOk(two.knows)
  await two.time.pass(60_000)
  t.equal(two.young.shown().state, 'confirmed')
  two.start('old')
  await two.time.pass(120_000)
  t.equal(two.young.shown().state, 'done')
  t.ok(two.knows)
})

t.test('whoever thinks better of it while it is written down is taken out again', async (t) => {
  const two = new Two()
  const writing = Promise.withResolvers<void>()
  two.held = writing.promise
  await two.link()
  two.young.devices.cancel(false)
  await two.time.pass(0)
  t.equal(two.disks.young.intent, undefined)
  writing.resolve()
  t.match(await two.old.until('failed'), { problem: 'cancelled' })
  t.strictSame([two.belongs, two.knows], [false, false])
})

t.test('whoever goes before both owners said yes is not taken in', async (t) => {
  const two = new Two()
  const { code = '' } = two.old.devices.begin({})
  two.young.devices.begin({ code, address: 'there' })
  await Promise.all([two.old.until('comparing'), two.young.until('comparing')])
  two.young.devices.confirm()
  await two.time.pass(0)
  two.stop('young')
  t.match(await two.old.until('failed'), { problem: 'cancelled' })
  t.notOk(two.belongs)
})

t.test('a device that cannot keep it says so, and is taken out again', async (t) => {
  const two = new Two()
  two.young = desk(
    (from) => {
      const [here, there] = talkPair(from, two.old.device)
      void two.old.devices.heard(there)
      return here
    },
    [],
    fail,
    { disk: two.disks.young, time: two.time },
  )
  await two.link()
  t.match(await two.young.until('failed'), { problem: 'failed' })
  t.match(await two.old.until('failed'), { problem: 'cancelled' })
  t.notOk(two.belongs)
  t.equal(two.disks.young.intent, undefined)
})

t.test('one that hears nothing gives up in the end', async (t) => {
  const two = new Two()
  two.disks.young.intent = {
    seed: new Uint8Array(randomBytes(32)),
    person: two.disks.old.log.person,
    address: 'there',
    at: two.time.now(),
  }
  two.start('young')
  two.stop('old')
  await boundary(
    t,
    'deviceResumeMs',
    async () => {
      await two.time.pass(limits.deviceResumeMs - 60_000)
      t.equal(two.young.shown().state, 'confirmed')
    },
    async () => {
      await two.time.pass(2 * 60_000)
      return two.young.shown().state === 'confirmed'
    },
    'no',
  )
  t.match(two.young.shown(), { problem: 'expired' })
  t.equal(two.disks.young.intent, undefined)
})

t.test('nobody is told anything by asking as a device that is not theirs', async (t) => {
  const two = new Two()
  await two.link()
  const [joined] = two.disks.young.became
  if (joined === undefined) throw new Error('it joined')
  const { device, log } = two.disks.old
  const ask = async (joining: DeviceId, seed: Uint8Array, asking = newDevice()): Promise<DeviceFrame> => {
    const [here, there] = talkPair(asking, device)
    void two.old.devices.heard(there)
    const signature = signBytes(signingKeyFromSeed(seed), resumeMessage(log.person, { old: device, asking }))
    here.send({ is: 'resume', joining, signature })
    return await here.next(never)
  }
  const seed = new Uint8Array(randomBytes(32))
  t.match(await ask(joined, seed), { is: 'refuse', why: 'unknown' }, 'another key')
  t.match(await ask(newDevice(), seed), { is: 'refuse', why: 'unknown' }, 'a stranger')
})

t.test('what was intended outlives a restart, and is gone once it is decided', async (t) => {
  const world = neighbourhood(t)
  const young = await world.start('young')
  const intent = {
    seed: new Uint8Array(randomBytes(32)),
    person: young.rooms.identity.person,
    address: '/ip4/192.0.2.1/tcp/7718',
    at: 1_800_000_000_000,
  }
  await intend(young.store, intent)
  await young.stop()
  await young.start()
  t.strictSame(young.rooms.identity.intent, intent)
  await intend(young.store, undefined)
  await young.stop()
  await young.start()
  t.equal(young.rooms.identity.intent, undefined)
})
