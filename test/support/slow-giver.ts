/** Givers of files that do what no honest one does, on each stream on which they are asked. */

import type { SaidBlobFrame } from '../../daemon/blobs/blob-talk.ts'
import { limits } from '../../protocol/limits.ts'
import type { BlobTalkEnd } from './blob-talk-pair.ts'
import type { Neighbourhood } from './device.ts'
import type { VirtualTime } from './virtual-time.ts'

/** `act`: on the giver's end. */
export function onStreams(place: Neighbourhood, act: (there: BlobTalkEnd) => void): void {
  const open = place.openBlob.bind(place)
  place.openBlob = (from, id) => {
    const here = open(from, id)
    if (here.other !== undefined) act(here.other)
    return here
  }
}

/** A chunk now and then, just in time not to be given up. */
export function giveSlowly(time: VirtualTime, there: BlobTalkEnd): void {
  const send = there.send.bind(there)
  const late: SaidBlobFrame[] = []
  there.send = (frame) => {
    if (frame.is === 'chunk') late.push(frame)
    else send(frame)
  }
  // What it was asked for it has given, and is waiting for more; the other side does not know.
  there.end = () => {}
  const give = (): void => {
    for (const frame of late.splice(0, 1)) send(frame)
    if (!there.isOver) time.after(limits.blobStallMs - 1000, give)
  }
  give()
}
