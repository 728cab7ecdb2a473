/** Many bytes on one stream of the bare library: read as they come, and dropped. */

import { randomBytes } from 'node:crypto'
import type { Stream } from '@libp2p/interface'

export const streamProtocol = '/bench/stream/1'

const pieceBytes = 64 * 1024
const lengthBytes = 8

/** Says so when as many bytes came as the first eight said. */
export function takeStream(stream: Stream): void {
  let length: number | undefined
  let came = -lengthBytes
  stream.addEventListener('message', ({ data }) => {
    const bytes = data.subarray()
    length ??= Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0))
    came += bytes.length
    if (came === length) stream.send(Uint8Array.of(1))
  })
}

/** Milliseconds until the far side has all. */
export async function streamTo(stream: Stream, bytes: number): Promise<number> {
  const { promise: all, resolve } = Promise.withResolvers<void>()
  stream.addEventListener('message', () => resolve())
  const length = new Uint8Array(lengthBytes)
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes))
  const piece = randomBytes(pieceBytes)
  const before = performance.now()
  stream.send(length)
  for (let left = bytes; left > 0; left -= pieceBytes) {
    if (stream.send(piece.subarray(0, Math.min(left, pieceBytes)))) continue
    await new Promise((drained) => stream.addEventListener('drain', drained, { once: true }))
  }
  await all
  const tookMs = performance.now() - before
  await stream.close()
  return tookMs
}
