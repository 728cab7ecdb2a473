/** Noise as the library makes it, without what each received message costs there for nothing. */

import { noise } from '@chainsafe/libp2p-noise'
import type { ConnectionEncrypter, MessageStream, SecuredConnection } from '@libp2p/interface'

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
