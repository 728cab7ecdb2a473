/** Noise as the library makes it, without what each received message costs there for nothing. */

import { noise } from '@chainsafe/libp2p-noise'
import type { ConnectionEncrypter, MessageStream, SecuredConnection } from '@libp2p/interface'

type MakeEncrypter = ReturnType<typeof noise>

/** Thrown where a length is not whole yet. One for all: its stack would take as long to write down as a message to decrypt. */
const incomplete = new RangeError('a length that is not whole')
const lengthBytes = 2

interface Bytes {
  readonly byteLength: number
  getUint16(offset: number): number
}

function readLength(bytes: Bytes): number {
  if (bytes.byteLength < lengthBytes) throw incomplete
  return bytes.getUint16(0)
}

/** The library's decoder looks for one more length behind every message, and makes a new error to say that there is none. */
function calmDecoder(connection: MessageStream): void {
  const decoder: unknown = Reflect.get(connection, 'decoder')
  if (typeof decoder === 'object' && decoder !== null && 'lengthDecoder' in decoder) decoder.lengthDecoder = readLength
}

async function calmed<Extension>(
  securing: Promise<SecuredConnection<Extension>>,
): Promise<SecuredConnection<Extension>> {
  const secured = await securing
  calmDecoder(secured.connection)
  return secured
}

/** For `connectionEncrypters`. */
export function encrypter(): MakeEncrypter {
  const make = noise()
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
