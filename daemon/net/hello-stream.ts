/** `/warren/hello/1` on the wire: one length-prefixed hello each way, the asker's first. */

import type { Stream } from '@libp2p/interface'
import { pipe } from 'it-pipe'
import { WarrenError } from '../../protocol/errors.ts'
import { encodeHello, readHello, type Hello } from '../../protocol/hello.ts'
import { limits } from '../../protocol/limits.ts'
import { splitFrames } from './frame-bytes.ts'
import { sendMessage } from './frame-writer.ts'
import { raceSignal } from './race-signal.ts'
import { Readable } from './readable.ts'

export const helloProtocol = '/warren/hello/1'

async function receive(readable: Readable, signal: AbortSignal): Promise<Hello> {
  const frames = pipe(readable.pieces(), splitFrames(limits.helloBytes))
  try {
    const first = await raceSignal(frames.next(), signal)
    if (first.done === true) throw new WarrenError('NOT_ALLOWED', 'the peer ended the connection')
    return readHello(first.value)
  } finally {
    readable.stop()
  }
}

/** Says hello and returns the answer. Throws NOT_ALLOWED if there is none, or what readHello() throws. */
export async function askHello(stream: Stream, ours: Hello, signal: AbortSignal): Promise<Hello> {
  const readable = new Readable(stream)
  try {
    sendMessage(stream, encodeHello(ours))
    const [theirs] = await Promise.all([receive(readable, signal), stream.close({ signal })])
    return theirs
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error('hello failed'))
    throw error
  }
}

/** Reads a hello and answers with what `reply` makes of it; call it in the tick in which the stream came. */
export async function answerHello(stream: Stream, reply: (theirs: Hello) => Hello, signal: AbortSignal): Promise<void> {
  const readable = new Readable(stream)
  try {
    sendMessage(stream, encodeHello(reply(await receive(readable, signal))))
    await stream.close({ signal })
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error('hello failed'))
    throw error
  }
}
