/** yamux with bounds that the library lacks: on the length of a frame, on pings, on new streams, and on what is said before a protocol is agreed on. */

import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import { yamux } from '@libp2p/yamux'
import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import { StreamTalk } from './negotiation.ts'
import { TokenBucket } from './token-bucket.ts'

/** A window over the stream's read buffer (4 MiB) gets slow readers reset. */
const windowBytes = 1024 * 1024

const types = { data: 0, windowUpdate: 1, ping: 2 } as const
const opens = 1

interface MuxFrame {
  readonly header: {
    readonly type: number
    readonly flag: number
    readonly streamID: number
    readonly length: number
  }
  readonly data?: MuxData
}

/** In pieces, which are put together when they are looked at. */
interface MuxData {
  subarray(): Uint8Array
}

/** The parts of the library's muxer and its decoder that are bounded here. */
interface Inside {
  handleFrame(frame: MuxFrame): void
  sendGoAway(reason?: number): void
  /** It dialled: the streams that it opens have odd numbers. */
  readonly client: boolean
  readonly streams: readonly { readonly streamId: number; readonly protocol: string }[]
  readonly decoder: { readonly buffer: { readonly byteLength: number } }
}

const isInside = (muxer: unknown): muxer is Inside => {
  if (typeof muxer !== 'object' || muxer === null) return false
  const decoder: unknown = Reflect.get(muxer, 'decoder')
  return (
    typeof Reflect.get(muxer, 'handleFrame') === 'function' &&
    typeof Reflect.get(muxer, 'sendGoAway') === 'function' &&
    typeof decoder === 'object' &&
    decoder !== null &&
    Reflect.get(decoder, 'buffer') !== undefined
  )
}

const refuse = (why: string): WarrenError => new WarrenError('RATE_LIMITED', why)

/** What is said on streams whose protocol is not agreed on yet. */
class Talks {
  readonly #muxer: Inside
  readonly #talks = new Map<number, StreamTalk>()

  constructor(muxer: Inside) {
    this.#muxer = muxer
  }

  /** Throws RATE_LIMITED. */
  check(id: number, isOpening: boolean, data: MuxData): void {
    const stream = this.#muxer.streams.find(({ streamId }) => streamId === id)
    // Of a stream that is over here nothing is read any more.
    if (stream === undefined ? !isOpening : stream.protocol !== '') {
      if (this.#talks.size > 0) this.#talks.delete(id)
      return
    }
    let talk = this.#talks.get(id)
    if (talk === undefined) {
      talk = new StreamTalk(this.#muxer.client === (id % 2 === 1))
      this.#forgetEnded()
      this.#talks.set(id, talk)
    }
    talk.check(data.subarray())
  }

  #forgetEnded(): void {
    for (const each of this.#talks.keys()) {
      if (!this.#muxer.streams.some(({ streamId }) => streamId === each)) this.#talks.delete(each)
    }
  }
}

function bound(muxer: StreamMuxer, connection: MessageStream): StreamMuxer {
  // A newer yamux must be looked at before it is used.
  if (!isInside(muxer))
    throw new WarrenError('INTERNAL', 'this yamux is built in another way than the one that was bounded')
  const handle = muxer.handleFrame.bind(muxer)
  const pings = new TokenBucket(limits.muxPings, limits.muxPings / 60, performance.now())
  const streams = new TokenBucket(limits.muxStreams, limits.muxStreamsPerSecond, performance.now())
  const short = new TokenBucket(limits.muxShortFrames, limits.muxShortFrames / 4, performance.now())
  const talks = new Talks(muxer)
  muxer.handleFrame = (frame) => {
    const { type, flag } = frame.header
    const now = performance.now()
    if (type === types.ping && !pings.take(1, now)) throw refuse('a peer pings without end')
    const isOpening = (flag & opens) !== 0 && (type === types.data || type === types.windowUpdate)
    if (type === types.data && frame.header.length < shortBytes && !short.take(1, now)) {
      throw refuse('a peer sends byte by byte')
    }
    if (isOpening && !streams.take(1, now)) throw refuse('a peer opens streams without end')
    if (frame.data !== undefined) talks.check(frame.header.streamID, isOpening, frame.data)
    handle(frame)
  }
  const sendGoAway = muxer.sendGoAway.bind(muxer)
  muxer.sendGoAway = (reason) => {
    try {
      sendGoAway(reason)
    } catch {
      // It is said while the connection is given up. Where that is closed already nobody is left to hear it, and what is thrown here
      // would be caught by nobody: it would end the daemon.
    }
  }
  // yamux keeps what came of a frame until it is whole, and a frame may say that it is 4 GiB long.
  connection.addEventListener('message', () => {
    if (muxer.decoder.buffer.byteLength <= windowBytes + headerBytes || connection.status !== 'open') return
    const error = new WarrenError('TOO_LARGE', 'a frame of yamux is longer than any window')
    ;(muxer as unknown as StreamMuxer).abort(error)
    connection.abort(error)
  })
  return muxer
}

const headerBytes = 12
/** Frames of Warren are longer but for heartbeats, and what is said in one turn goes out in one piece. */
const shortBytes = 64

/** For createLibp2p(). */
export function boundedYamux(): () => StreamMuxerFactory {
  return () => {
    const inner = yamux({
      maxInboundStreams: limits.muxStreams,
      streamOptions: { maxStreamWindowSize: windowBytes },
    })() as StreamMuxerFactory
    return {
      protocol: inner.protocol,
      createStreamMuxer: (connection) => bound(inner.createStreamMuxer(connection), connection),
    }
  }
}
