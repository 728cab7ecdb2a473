/** `/warren/device/1` on the wire: frames each way on one stream, until either side ends it. */

import type { Stream } from '@libp2p/interface'
import { pipe } from 'it-pipe'
import { encodeDeviceFrame, readDeviceFrame, type DeviceFrame } from '../../protocol/device-frames.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { splitFrames } from './frame-bytes.ts'
import { sendMessage } from './frame-writer.ts'
import { addressBlock } from './ip.ts'
import { inBackground, raceSignal } from './race-signal.ts'
import { Readable } from './readable.ts'

export const deviceProtocol = '/warren/device/1'

export class NetDeviceTalk {
  readonly device: DeviceId
  readonly source: string
  readonly #stream: Stream
  readonly #readable: Readable
  readonly #frames: AsyncGenerator<Uint8Array>
  readonly #onEnd: () => void
  #ended = false

  /** Make it in the tick in which the stream came. `onEnd`: nothing more is said on it from here. */
  constructor(
    { device, host }: { device: DeviceId; host: string },
    stream: Stream,
    onEnd: () => void = () => undefined,
  ) {
    this.device = device
    this.source = addressBlock(host)
    this.#stream = stream
    this.#onEnd = onEnd
    this.#readable = new Readable(stream)
    this.#frames = pipe(this.#readable.pieces(), splitFrames(limits.deviceFrameBytes))
  }

  /** Throws LINK_CLOSED, TOO_LARGE. */
  send(frame: DeviceFrame): void {
    sendMessage(this.#stream, encodeDeviceFrame(frame))
  }

  /** The next frame of the peer. Throws LINK_CLOSED if none comes any more, the signal's reason, or what readDeviceFrame() throws. */
  async next(signal: AbortSignal): Promise<DeviceFrame> {
    const next = await raceSignal(this.#frames.next(), signal)
    if (next.done === true) throw new WarrenError('LINK_CLOSED', 'the other device ended the conversation')
    return readDeviceFrame(next.value)
  }

  /** Ends it; what was sent still goes out. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    const signal = AbortSignal.timeout(limits.byeDrainMs)
    const closing = this.#stream.close({ signal }).finally(() => {
      this.#readable.stop()
      this.#onEnd()
    })
    inBackground(closing, (error) => this.#stream.abort(error instanceof Error ? error : new Error('closed')))
  }
}
