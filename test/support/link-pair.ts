/** Two ends of a link in memory: real bytes, with delay, speed, partition, loss and back-pressure under the test's control. */

import { toBase32 } from '../../protocol/bytes.ts'
import { errorCode } from '../../protocol/errors.ts'
import { byeCodes, encodeFrame, readFrame, type Frame } from '../../protocol/frames.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Link, SyncFrame } from '../../daemon/sync/link.ts'
import type { Timers } from '../../daemon/timers.ts'

export interface LinkPairOptions {
  readonly timers: Timers
  /** The first end is at the first device and leads to the second. */
  readonly devices: readonly [DeviceId, DeviceId]
  readonly delayMs?: number
  /** 0 is without bound. */
  readonly bytesPerMs?: number
  /** Bytes that may be on their way or unread; what is more stays in the sender's backlog. */
  readonly windowBytes?: number
  /** The link breaks once this many frames, of both directions together, were read. */
  readonly cutAfter?: number
  /** Sees each frame as it is read. */
  readonly onFrame?: (frame: Frame, from: DeviceId, bytes: number) => void
}

/** What both ends share. */
export class Wire {
  /** While true nothing leaves either end; what is on its way still arrives. */
  #parted = false
  #read = 0
  readonly options: Required<LinkPairOptions>
  readonly #ends: MemoryLink[] = []

  constructor(options: LinkPairOptions) {
    this.options = {
      delayMs: 1,
      bytesPerMs: 0,
      windowBytes: 1024 * 1024,
      cutAfter: Infinity,
      onFrame: () => {},
      ...options,
    }
  }

  /** Frames read so far, of both directions. */
  get frames(): number {
    return this.#read
  }

  get parted(): boolean {
    return this.#parted
  }

  join(end: MemoryLink): void {
    this.#ends.push(end)
  }

  part(): void {
    this.#parted = true
  }

  heal(): void {
    this.#parted = false
    for (const end of this.#ends) end.flush()
  }

  /** The link breaks: what is on its way is lost. */
  cut(): void {
    for (const end of this.#ends) end.broken()
  }

  /** Counts a frame; false if the link broke instead. */
  passes(frame: Frame, from: DeviceId, bytes: number): boolean {
    if (this.#read >= this.options.cutAfter) {
      this.cut()
      return false
    }
    this.#read += 1
    this.options.onFrame(frame, from, bytes)
    return true
  }
}

export class MemoryLink implements Link {
  readonly device: DeviceId
  readonly bootId: string
  readonly address = '/memory'
  readonly frames: AsyncIterable<SyncFrame>
  readonly wire: Wire
  /** How this end was closed, by itself or by the other side. */
  closedWith: { readonly code: number; readonly text: string } | undefined
  readonly #closing = new AbortController()
  #other: MemoryLink | undefined
  readonly #queue: Uint8Array[] = []
  #backlog = 0
  /** Bytes sent by this end that the other has not read. */
  #unread = 0
  #flushing = false
  /** When the last byte sent arrives. */
  #arrivesAt = 0
  readonly #inbox: Uint8Array[] = []
  readonly #underWay: Uint8Array[] = []
  #reader: (() => void) | undefined
  #drains: { readonly below: number; readonly resolve: () => void }[] = []

  constructor(wire: Wire, device: DeviceId) {
    this.wire = wire
    this.device = device
    this.bootId = toBase32(new Uint8Array(8))
    this.frames = this.#incoming()
    wire.join(this)
  }

  connect(other: MemoryLink): void {
    this.#other = other
  }

  get closed(): AbortSignal {
    return this.#closing.signal
  }

  get backlog(): number {
    return this.closed.aborted ? 0 : this.#backlog
  }

  send(frame: SyncFrame): void {
    this.sendBytes(encodeFrame(frame))
  }

  /** For hostile peers: any bytes. */
  sendBytes(bytes: Uint8Array): void {
    if (this.closed.aborted) return
    this.#queue.push(bytes)
    this.#backlog += bytes.length
    if (this.#flushing) return
    this.#flushing = true
    this.wire.options.timers.after(0, () => {
      this.#flushing = false
      this.flush()
    })
  }

  async drained(bytes: number): Promise<void> {
    if (this.closed.aborted || this.#backlog < bytes) return
    await new Promise<void>((resolve) => {
      this.#drains.push({ below: bytes, resolve })
    })
  }

  /** What is queued still goes out, then the bye; not waited for, since time may stand still. */
  close(code: number, text = ''): Promise<void> {
    if (this.closed.aborted) return Promise.resolve()
    this.sendBytes(encodeFrame({ is: 'bye', code, text }))
    this.#end({ code, text })
    this.wire.options.timers.after(limits.byeDrainMs, () => {
      if (this.#queue.length > 0) this.#other?.broken()
      this.#queue.length = 0
    })
    return Promise.resolve()
  }

  broken(): void {
    this.#queue.length = 0
    this.#underWay.length = 0
    if (!this.closed.aborted) this.#end(undefined)
  }

  /** Hands what is queued to the wire, as far as its window is open. */
  flush(): void {
    const { bytesPerMs, delayMs, timers, windowBytes } = this.wire.options
    while (!this.wire.parted) {
      const bytes = this.#queue[0]
      // A frame larger than the window goes alone.
      if (bytes === undefined || (this.#unread > 0 && this.#unread + bytes.length > windowBytes)) break
      this.#queue.shift()
      this.#unread += bytes.length
      this.#backlog -= bytes.length
      const took = bytesPerMs === 0 ? 0 : bytes.length / bytesPerMs
      this.#arrivesAt = Math.max(this.#arrivesAt, timers.now()) + took
      this.#arrive(bytes, this.#arrivesAt + delayMs - timers.now())
    }
    this.#wakeDrained()
  }

  /** Arrives in the order of sending, also among those that arrive at the same time. */
  #arrive(bytes: Uint8Array, inMs: number): void {
    this.#underWay.push(bytes)
    this.wire.options.timers.after(inMs, () => {
      const next = this.#underWay.shift()
      if (next !== undefined) this.#other?.receive(next)
    })
  }
  receive(bytes: Uint8Array): void {
    if (this.closed.aborted) return
    this.#inbox.push(bytes)
    this.#wakeReader()
  }

  wasRead(bytes: number): void {
    this.#unread -= bytes
    this.flush()
  }

  async *#incoming(): AsyncGenerator<SyncFrame, void, undefined> {
    while (!this.closed.aborted) {
      const bytes = this.#inbox.shift()
      if (bytes === undefined) {
        await new Promise<void>((resolve) => {
          this.#reader = resolve
        })
        continue
      }
      const frame = this.#readFrame(bytes)
      if (frame?.is === 'bye') this.#end(frame)
      if (frame === undefined || frame.is === 'bye' || !this.wire.passes(frame, this.device, bytes.length)) return
      this.#other?.wasRead(bytes.length)
      if (frame.is !== 'unknown' && frame.is !== 'heartbeat') yield frame
    }
  }

  #readFrame(bytes: Uint8Array): Frame | undefined {
    try {
      return readFrame(bytes)
    } catch (error) {
      void this.close(byeCodes.badPeer, errorCode(error))
      return undefined
    }
  }

  #end(how: { readonly code: number; readonly text: string } | undefined): void {
    this.closedWith = how && { code: how.code, text: how.text }
    this.#closing.abort()
    this.#inbox.length = 0
    this.#wakeReader()
    this.#wakeDrained()
  }

  #wakeReader(): void {
    const reader = this.#reader
    this.#reader = undefined
    reader?.()
  }

  #wakeDrained(): void {
    const ready = this.#drains.filter(({ below }) => this.closed.aborted || this.#backlog < below)
    this.#drains = this.#drains.filter((each) => !ready.includes(each))
    for (const { resolve } of ready) resolve()
  }
}

/** The end at the first device, which leads to the second, and the other way round. */
export function linkPair(options: LinkPairOptions): [MemoryLink, MemoryLink] {
  const wire = new Wire(options)
  const [first, second] = options.devices
  const here = new MemoryLink(wire, second)
  const there = new MemoryLink(wire, first)
  here.connect(there)
  there.connect(here)
  return [here, there]
}
