/** One link: frames both ways over one long-lived stream, with heartbeat, bye and back-pressure. Implements sync's Link. */

import type { Connection, Stream } from '@libp2p/interface'
import { pipe } from 'it-pipe'
import { toBase32 } from '../../protocol/bytes.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { byeCodes, encodeFrame, readFrame, type Frame } from '../../protocol/frames.ts'
import type { Hello } from '../../protocol/hello.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { Progress, splitFrames } from './frame-bytes.ts'
import { FrameWriter } from './frame-writer.ts'
import { Heartbeat } from './heartbeat.ts'
import type { NetLog } from './net-log.ts'
import { Pace } from './pace.ts'
import { inBackground, raceSignal, wait } from './race-signal.ts'
import { Readable } from './readable.ts'
import { Stall } from './stall.ts'
import { monotonic, type Times } from './times.ts'
import type { Turnstile } from './turnstile.ts'
import { gatherWindowUpdates } from './window-updates.ts'

/** Frames of sync; heartbeat and bye are the link's own. */
export type SyncFrame = Exclude<Frame, { is: 'heartbeat' | 'bye' | 'unknown' }>

/** After the connection closed, time for the consumer to read what had come before. */
const unreadMs = 1000
/** A peer that takes nothing while sync goes on queueing is cut off here. */
const mostBacklogBytes = 16 * 1024 * 1024

const signaturesOf = (frame: Frame): number =>
  frame.is === 'entries' ? frame.runs.filter(({ signature }) => signature !== undefined).length : 0

export interface NetLinkInit {
  readonly device: DeviceId
  /** Where the peer is, a multiaddr without PeerId. */
  readonly address: string
  /** What the peer said before the link stood. */
  readonly hello: Hello
  readonly connection: Connection
  readonly stream: Stream
  /** Shared by all links. */
  readonly turnstile: Turnstile
  readonly times: Times
  readonly log: NetLog
}

export class NetLink {
  readonly device: DeviceId
  readonly bootId: string
  readonly address: string
  readonly hello: Hello
  readonly frames: AsyncIterable<SyncFrame>
  readonly closed: AbortSignal
  readonly #init: NetLinkInit
  readonly #ending = new AbortController()
  readonly #readable: Readable
  readonly #writer: FrameWriter
  readonly #heartbeat: Heartbeat
  readonly #stall: Stall
  readonly #pace: Pace
  #endedWith: number | undefined
  #unread: NodeJS.Timeout | undefined
  #closing = false
  #misbehaved = false

  constructor(init: NetLinkInit) {
    this.#init = init
    this.device = init.device
    this.bootId = toBase32(init.hello.bootId)
    this.address = init.address
    this.hello = init.hello
    this.closed = this.#ending.signal
    this.#heartbeat = new Heartbeat(
      {
        send: (frame) => this.#write(frame),
        lost: () => this.#drop('the peer fell silent'),
        excused: () => this.#readable.behind,
      },
      init.times,
    )
    gatherWindowUpdates(init.stream)
    this.#readable = new Readable(
      init.stream,
      () => this.#heartbeat.heard(),
      () => init.connection.abort(new WarrenError('LINK_CLOSED', 'the peer sends on after the end')),
    )
    this.#writer = new FrameWriter(init.stream)
    this.#pace = new Pace({ turnstile: init.turnstile, closed: this.closed, now: monotonic, sleep: wait })
    const progress = new Progress()
    this.#stall = new Stall(
      {
        isWithinFrame: () => progress.isWithin && !this.#readable.behind,
        whole: () => progress.whole,
        backlog: () => this.#writer.backlog,
        taken: () => this.#writer.taken,
        now: monotonic,
        stalled: () => this.#offend('the peer stalls'),
      },
      init.times,
    )
    const frames = pipe(this.#readable.pieces(), splitFrames(limits.entriesFrameBytes, progress), (all) =>
      this.#pace.frames(all),
    )
    this.frames = this.#incoming(frames)
    init.stream.addEventListener('close', () => this.#onClose())
    init.stream.addEventListener('remoteCloseWrite', () => this.#onClose())
    init.connection.addEventListener('close', () => this.#onClose())
    if (init.stream.status !== 'open') this.#onClose()
  }

  get connection(): Connection {
    return this.#init.connection
  }

  /** The peer's bye code, or ours; undefined while open and where the connection just ended. */
  get endedWith(): number | undefined {
    return this.#endedWith
  }

  /** It ended, or ends, because the peer sent what no honest one sends. */
  get misbehaved(): boolean {
    return this.#misbehaved
  }

  get backlog(): number {
    return this.#writer.backlog
  }

  send(frame: SyncFrame): void {
    if (this.closed.aborted) return
    this.#write(frame)
    if (this.#writer.backlog > mostBacklogBytes) this.#offend('the peer takes nothing')
  }

  async drained(bytes: number): Promise<void> {
    if (!this.closed.aborted) await this.#writer.drained(bytes)
  }

  /** Asks the peer for a sign of life, which must come within `ms`. */
  probe(ms: number): void {
    this.#heartbeat.probe(ms)
  }

  async close(code: number, text = ''): Promise<void> {
    const signal = AbortSignal.timeout(this.#init.times.byeDrainMs)
    const { stream, connection } = this.#init
    const first = !this.closed.aborted
    if (first && code === byeCodes.badPeer) this.#misbehaved = true
    this.#closing = true
    if (first) {
      this.#write({ is: 'bye', code, text: text.slice(0, 60) })
      this.#end(code, text)
      this.#readable.stop()
    }
    try {
      if (first) {
        await raceSignal(this.#writer.drained(1), signal)
        await stream.close({ signal })
        // Closed at once, the socket would answer what still comes with a reset, and the peer might never read our bye.
        await closeOf(stream, signal)
        await connection.close({ signal })
      }
      await closeOf(connection, signal)
    } catch {
      connection.abort(new WarrenError('LINK_CLOSED', 'the peer does not close'))
    } finally {
      this.#writer.stop()
    }
  }

  async *#incoming(all: AsyncIterable<Uint8Array>): AsyncGenerator<SyncFrame, void, undefined> {
    try {
      for await (const bytes of all) {
        const frame = readFrame(bytes)
        this.#pace.checked(signaturesOf(frame))
        if (frame.is === 'bye') {
          this.#end(frame.code, frame.text)
          return
        }
        if (frame.is === 'heartbeat') this.#heartbeat.answer(frame)
        else if (frame.is !== 'unknown') yield frame
      }
    } catch (error) {
      this.#onBadFrame(error)
    } finally {
      this.#readable.stop()
      this.#end(undefined, 'the peer closed the link')
      this.#closeConnection()
    }
  }

  #onBadFrame(error: unknown): void {
    // Cut off inside a frame by a lost connection: nobody's fault.
    const { status, remoteWriteStatus } = this.#init.stream
    if (this.closed.aborted || status !== 'open' || remoteWriteStatus === 'closed') return
    this.#init.log('warn', 'a link ended after a bad frame', { code: errorCode(error) })
    inBackground(this.close(byeCodes.badPeer, errorCode(error)), () => undefined)
  }

  #write(frame: Exclude<Frame, { is: 'unknown' }>): void {
    this.#writer.push(encodeFrame(frame))
  }

  /** The peer closed, or the connection broke. What came before is read first, a bye perhaps, but not waited for long. */
  #onClose(): void {
    if (this.closed.aborted) return
    if (!this.#readable.behind) return this.#drop('the connection closed')
    this.#unread ??= setTimeout(() => this.#drop('the connection closed'), unreadMs).unref()
  }

  /** The peer sent on another stream what no honest one sends. */
  offend(): void {
    this.#offend('the peer sent a bad file')
  }

  #offend(why: string): void {
    if (!this.closed.aborted) this.#misbehaved = true
    this.#drop(why)
  }

  /** No word can be exchanged any more. */
  #drop(why: string): void {
    if (this.closed.aborted) return
    this.#end(undefined, why)
    this.#init.connection.abort(new WarrenError('LINK_CLOSED', why))
  }

  #end(code: number | undefined, text: string): void {
    this.#endedWith ??= code
    if (this.closed.aborted) return
    clearTimeout(this.#unread)
    this.#heartbeat.stop()
    this.#stall.stop()
    this.#ending.abort(
      new WarrenError('LINK_CLOSED', text === '' ? 'the link was closed' : text, { details: { code } }),
    )
  }

  /** After the peer's bye or its end: our side closes too. Left alone while our own bye is under way. */
  #closeConnection(): void {
    if (this.#closing) return
    this.#writer.stop()
    const { connection, times } = this.#init
    inBackground(connection.close({ signal: AbortSignal.timeout(times.byeDrainMs) }), () =>
      connection.abort(new WarrenError('LINK_CLOSED', 'the peer does not close')),
    )
  }
}

/** Resolves once it is closed; rejects when the signal says that this takes too long. */
async function closeOf(
  target: { status: string; addEventListener(type: 'close', listener: () => void): void },
  signal: AbortSignal,
): Promise<void> {
  if (target.status !== 'open' && target.status !== 'closing') return
  const { promise, resolve } = Promise.withResolvers<void>()
  target.addEventListener('close', () => resolve())
  await raceSignal(promise, signal)
}
