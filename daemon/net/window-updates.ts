/** Window updates of a yamux stream, gathered: the library sends one for every message that comes. */

import type { Stream } from '@libp2p/interface'
import { YamuxStream } from '@libp2p/yamux/stream'

/** A quarter of the smallest window: the sender never runs dry for want of an update. */
const gatherBytes = 64 * 1024

/**
 * From now on the peer is told of space only after so many bytes. An update of its own is a Noise message and a system call at
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
    if (gathered < gatherBytes) return
    // A paused stream says nothing now, and everything when it is resumed.
    if (stream.readStatus !== 'paused') gathered = 0
    sendWindowUpdate()
  }
}
