/** Window updates of a yamux stream, gathered: the library sends one for every message that comes. */

import type { Stream } from '@libp2p/interface'
import { YamuxStream } from '@libp2p/yamux/stream'

/** Of the window: the sender never runs dry for want of an update. */
const gatherShare = 1 / 4
/** What a stream begins with. */
const smallestWindow = 256 * 1024

/** Bytes that may come before the sender waits to be told of space. */
function windowOf(stream: YamuxStream): number {
  const window: unknown = Reflect.get(stream, 'recvWindow')
  return typeof window === 'number' ? window : smallestWindow
}

/**
 * From now on the peer is told of space only after a quarter of the window. An update of its own is a Noise message and a system call at
 * either end, which costs as much as the chat message it answers. Call on a stream whose opening is over: the first update
 * also acknowledges it.
 */
export function gatherWindowUpdates(stream: Stream): void {
  if (!(stream instanceof YamuxStream)) return
  const handleData = stream.handleData.bind(stream)
  const sendWindowUpdate = stream.sendWindowUpdate.bind(stream)
  let gathered = 0
  stream.handleData = (frame) => {
    gathered += frame.header.length
    handleData(frame)
  }
  stream.sendWindowUpdate = () => {
    if (gathered < windowOf(stream) * gatherShare) return
    // A paused stream says nothing now, and everything when it is resumed.
    if (stream.readStatus !== 'paused') gathered = 0
    sendWindowUpdate()
  }
}

/**
 * Tells the peer at once of the largest window: the library makes it larger only while much comes within the time of a few answers. Call
 * where much was asked for, on a stream whose opening is over.
 */
export function openWindow(stream: Stream): void {
  if (!(stream instanceof YamuxStream)) return
  const most: unknown = Reflect.get(stream, 'maxStreamWindowSize')
  if (typeof most !== 'number' || most <= windowOf(stream)) return
  Reflect.set(stream, 'recvWindow', most)
  Reflect.apply(Reflect.get(YamuxStream.prototype, 'sendWindowUpdate'), stream, [])
}
