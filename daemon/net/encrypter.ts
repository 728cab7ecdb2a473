/** Noise as the library makes it, without what each message costs there for nothing. */

import { noise } from '@chainsafe/libp2p-noise'
import type { ConnectionEncrypter, MessageStream, SecuredConnection } from '@libp2p/interface'
import { inOnePiece, longBytes, noiseCrypto } from './long-cipher.ts'

type MakeEncrypter = ReturnType<typeof noise>

const lengthBytes = 2
/** The longest there is. Of fewer than two bytes that much is never there, so that the decoder waits for more. */
const longest = 0xff_ff

interface Bytes {
  readonly byteLength: number
  getUint16(offset: number): number
}

function readLength(bytes: Bytes): number {
  return bytes.byteLength < lengthBytes ? longest : bytes.getUint16(0)
}

/** The library's decoder looks for one more length behind every message, and throws an error to say that there is none. */
function calmDecoder(connection: MessageStream): void {
  const decoder: unknown = Reflect.get(connection, 'decoder')
  if (typeof decoder === 'object' && decoder !== null && 'lengthDecoder' in decoder) decoder.lengthDecoder = readLength
}

type Decrypt = (chunk: Parameters<typeof inOnePiece>[0]) => unknown

/** The library copies a message that came in several pieces to have memory for what it says, of which long ones make no use. */
function spareCopies(connection: MessageStream): void {
  const decrypt: unknown = Reflect.get(connection, 'decrypt')
  if (typeof decrypt !== 'function') return
  const decryptOne: Decrypt = (chunk) =>
    Reflect.apply(decrypt, connection, [chunk.byteLength < longBytes ? chunk : inOnePiece(chunk)]) as unknown
  Reflect.set(connection, 'decrypt', decryptOne)
}

async function calmed<Extension>(
  securing: Promise<SecuredConnection<Extension>>,
): Promise<SecuredConnection<Extension>> {
  const secured = await securing
  calmDecoder(secured.connection)
  spareCopies(secured.connection)
  return secured
}

/** For `connectionEncrypters`. */
export function encrypter(): MakeEncrypter {
  const make = noise({ crypto: noiseCrypto })
  return (components) => {
    const made = make(components)
    const inbound: ConnectionEncrypter['secureInbound'] = made.secureInbound.bind(made)
    const outbound: ConnectionEncrypter['secureOutbound'] = made.secureOutbound.bind(made)
    return Object.assign(made, {
      secureInbound: async (...all: Parameters<typeof inbound>) => await calmed(inbound(...all)),
      secureOutbound: async (...all: Parameters<typeof outbound>) => await calmed(outbound(...all)),
    })
  }
}
