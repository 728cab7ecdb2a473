/** Conversations between devices in memory, and devices rooms that hold them: for tests of linking, and for those in between. */

import { randomBytes } from 'node:crypto'
import { Devices, type DevicesDeps } from '../../daemon/devices/devices.ts'
import type { ComesBack } from '../../daemon/devices/joining.ts'
import type { Intent } from '../../daemon/devices/resuming.ts'
import type { DeviceTalk } from '../../daemon/devices/talk.ts'
import { encodeDeviceLink, devicePrefix } from '../../protocol/contact-link.ts'
import { publicBytes, signingKeyFromSeed, type SigningKey } from '../../protocol/crypto.ts'
import { encodeDeviceFrame, readDeviceFrame, type DeviceFrame } from '../../protocol/device-frames.ts'
import type { DeviceRecord } from '../../protocol/device-record.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Linking } from '../../protocol/http-devices.ts'
import { deviceIdOf, type DeviceId } from '../../protocol/ids.ts'
import { loggedOperation } from '../../protocol/logged-operation.ts'
import { reducePerson } from '../../protocol/roster.ts'
import { PersonLog, runOf } from '../protocol/cast.ts'
import { VirtualTime } from './virtual-time.ts'

/** One end: what the other end sends is read here, as bytes would be. */
class End implements DeviceTalk {
  readonly device: DeviceId
  readonly source: string
  readonly #frames: Uint8Array[] = []
  readonly #waiting: ((frame: DeviceFrame | undefined) => void)[] = []
  other: End | undefined
  #isOver = false

  constructor(device: DeviceId, source: string) {
    this.device = device
    this.source = source
  }

  send(frame: DeviceFrame): void {
    if (this.#isOver || this.other === undefined || this.other.#isOver)
      throw new WarrenError('LINK_CLOSED', 'it is over')
    this.other.#take(encodeDeviceFrame(frame))
  }

  #take(bytes: Uint8Array): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#frames.push(bytes)
    else waiting(readDeviceFrame(bytes))
  }

  async next(signal: AbortSignal): Promise<DeviceFrame> {
    signal.throwIfAborted()
    const kept = this.#frames.shift()
    if (kept !== undefined) return readDeviceFrame(kept)
    if (this.#isOver || this.other?.isOver === true) throw new WarrenError('LINK_CLOSED', 'it is over')
    return await new Promise((resolve, reject) => {
      this.#waiting.push((frame) =>
        frame === undefined ? reject(new WarrenError('LINK_CLOSED', 'it is over')) : resolve(frame),
      )
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
  }

  wake(): void {
    for (const each of this.#waiting.splice(0)) each(undefined)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  end(): void {
    this.#isOver = true
    this.wake()
    this.other?.wake()
  }
}

/** Two ends of one conversation: what each is handed names the other one's device. `source`: where the first one is; a place of its own unless said. */
export function talkPair(one: DeviceId, other: DeviceId, source: string = one): [DeviceTalk, DeviceTalk] {
  const [here, there] = [new End(other, other), new End(one, source)]
  here.other = there
  there.other = here
  return [here, there]
}

/** What outlives a device's process. */
export interface Disk {
  readonly key: SigningKey
  readonly device: DeviceId
  readonly log: PersonLog
  /** What the home became. */
  readonly became: DeviceId[]
  intent: Intent | undefined
}

export function newDisk(): Disk {
  const key = signingKeyFromSeed(new Uint8Array(randomBytes(32)))
  const device = deviceIdOf(publicBytes(key))
  return { key, device, log: new PersonLog({ key, device }), became: [], intent: undefined }
}

/** What is written. */
export type Write = 'add' | 'remove' | 'intend' | 'forget' | 'become'

export interface DeskOptions {
  readonly disk?: Disk
  readonly time?: VirtualTime
  readonly closing?: AbortSignal
  readonly comesBack?: ComesBack
  readonly isRecovering?: () => boolean
  /** Runs before and behind everything that is written. */
  readonly cut?: (write: Write, when: 'before' | 'behind') => Promise<void>
}

export interface Desk {
  readonly device: DeviceId
  readonly devices: Devices
  readonly log: PersonLog
  /** What the home became. */
  readonly became: DeviceId[]
  readonly time: VirtualTime
  readonly shown: () => Linking
  /** Resolves once the linking stands there. */
  until(state: Linking['state']): Promise<Linking>
}

const never = new AbortController().signal

/** A devices room of a person with one device. `open`: what a dial leads to. `write`: what taking in a device, and becoming another's, wait for. */
export function desk(
  open: (from: DeviceId, address: string) => DeviceTalk,
  nearby: readonly string[] = [],
  write: () => Promise<void> = async () => await Promise.resolve(),
  {
    disk = newDisk(),
    time = new VirtualTime(),
    closing = never,
    comesBack = 'not',
    isRecovering = () => false,
    cut = async () => await Promise.resolve(),
  }: DeskOptions = {},
): Desk {
  const { key, device, log, became } = disk
  const commit = async (name: Write, work: () => void): Promise<void> => {
    await cut(name, 'before')
    work()
    await cut(name, 'behind')
  }
  const looks = new Set<() => void>()
  const state = (): ReturnType<typeof reducePerson> => reducePerson(log.person, log.operations)
  const deps: DevicesDeps = {
    self: { device, person: log.person },
    timers: time,
    random: (length) => new Uint8Array(randomBytes(length)),
    closing,
    intent: disk.intent,
    intend: async (intent) =>
      await commit(intent === undefined ? 'forget' : 'intend', () => {
        disk.intent = intent
      }),
    belongs: (each) => state().devices.has(each),
    remove: async (each) =>
      await commit('remove', () => {
        log.post({ key, device }, { kind: 'removeDevice', heads: [], device: each, recovery: undefined })
      }),
    link: (secret) =>
      encodeDeviceLink({ person: log.person, secret, devices: [{ prefix: devicePrefix(device), addresses: [] }] }),
    open: async (address) => await Promise.resolve(open(device, address)),
    nearby: async () => await Promise.resolve(nearby),
    comesBack: () => comesBack,
    isKnown: (each) => state().devices.has(each),
    isShutOut: () => false,
    isRecovering: () => isRecovering(),
    finder: { answer: async (talk) => await Promise.resolve(talk.send({ is: 'refuse', why: 'unknown' })) },
    add: async (record: DeviceRecord, counterSignature) => {
      await write()
      await commit('add', () => {
        log.post({ key, device }, { kind: 'addDevice', heads: [], record, counterSignature, recovery: undefined })
      })
      if (!state().devices.has(record.device)) throw new WarrenError('BAD_SIGNATURE', 'it did not agree')
    },
    log: async () => await Promise.resolve(log.entries.map((each) => runOf([each]))),
    card: () => ({ name: 'alice', status: '', color: '#112233' }),
    preview: (person, runs) =>
      reducePerson(
        person,
        runs.flatMap(({ entries }) =>
          entries.flatMap(({ sealed, slot }) => (slot.is === 'held' ? [loggedOperation(sealed, slot.payload)] : [])),
        ),
      ),
    become: async ({ seed: own }) => {
      await write()
      await commit('become', () => {
        became.push(deviceIdOf(publicBytes(signingKeyFromSeed(own))))
        disk.intent = undefined
      })
    },
    changed: () => looks.forEach((look) => look()),
  }
  const devices = new Devices(deps)
  const shown = (): Linking => devices.linking as Linking
  return {
    device,
    devices,
    log,
    became,
    time,
    shown,
    until: async (wanted) =>
      await new Promise((resolve) => {
        const look = (): void => {
          if (shown().state === wanted) resolve(shown())
        }
        looks.add(look)
        look()
      }),
  }
}
