/** What comes of a Noise message first, its length alone, waits for the rest of it. */

import type { MessageStream } from '@libp2p/interface'

const lengthBytes = 2
/** Longer pieces are not copied to stand behind their length. */
const shortBytes = 4096

/** The parts of the library's connections that are reached into here. */
interface Inside {
  readonly socket: { readonly readBufferLength: number; onData(data: Uint8Array): void }
  readonly decoder: { readonly buffer: { readonly byteLength: number } }
}

function insideOf(connection: MessageStream): Inside | undefined {
  const socket: unknown = Reflect.get(connection, 'stream')
  const decoder: unknown = Reflect.get(connection, 'decoder')
  const isSocket = typeof socket === 'object' && socket !== null && 'onData' in socket && 'readBufferLength' in socket
  const isDecoder = typeof decoder === 'object' && decoder !== null && 'buffer' in decoder
  return isSocket && isDecoder ? ({ socket, decoder } as Inside) : undefined
}

/**
 * The library writes the length of a message, then the message, and whoever reads wakes up for the first of them. Waking up early
 * is good, since it takes as long as the second write. But two bytes then go the whole way up, through every buffer and listener,
 * to find that nothing can be done with them yet. Here they wait instead, where they are the beginning of a message and of nothing
 * else: all that came before was taken and was whole.
 */
export function holdLoneLengths(connection: MessageStream): void {
  const inside = insideOf(connection)
  if (inside === undefined) return
  const { socket, decoder } = inside
  const pass = socket.onData.bind(socket)
  let length: Uint8Array | undefined
  socket.onData = (data) => {
    const front = length
    length = undefined
    if (front === undefined) {
      const isLone = data.byteLength === lengthBytes && decoder.buffer.byteLength === 0 && socket.readBufferLength === 0
      if (isLone) length = data
      else pass(data)
    } else if (data.byteLength <= shortBytes) pass(joined(front, data))
    else {
      pass(front)
      pass(data)
    }
  }
}

function joined(front: Uint8Array, rest: Uint8Array): Uint8Array {
  const whole = new Uint8Array(front.length + rest.length)
  whole.set(front)
  whole.set(rest, front.length)
  return whole
}
