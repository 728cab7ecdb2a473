/** What may be said before a protocol is agreed on: libp2p reads that byte by byte, as long as it goes on, whoever says it. */

import { utf8 } from '../../protocol/bytes.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'

/** Both sides of a multistream-select negotiation begin with this. */
const greeting = utf8('\u0013/multistream/1.0.0\n')
/** And a new connection goes on with this. */
const security = utf8('\u0007/noise\n')

/** A length in one byte: its reader would take longer ones without end. */
const isShort = (byte: number): boolean => byte < 0x80

const refusedTalk = (): WarrenError => new WarrenError('RATE_LIMITED', 'a peer does not say which protocol it wants')

/** The first words on a new connection, which are the same from both sides. */
export class Opening {
  #read = 0

  /** Throws NOT_WARREN for anything else: a web server, a scanner. */
  check(bytes: Uint8Array): void {
    const length = greeting.length + security.length
    for (let at = 0; at < bytes.length && this.#read < length; at += 1, this.#read += 1) {
      const wanted = greeting[this.#read] ?? security[this.#read - greeting.length]
      if (bytes[at] !== wanted) throw new WarrenError('NOT_WARREN', 'those are not the first words of a Warren')
    }
  }
}

/** The first words on one stream. */
export class StreamTalk {
  readonly #isOurs: boolean
  #read = 0

  /** `isOurs`: this side opened the stream. */
  constructor(isOurs: boolean) {
    this.#isOurs = isOurs
  }

  /** For what comes before the protocol is known here. Throws RATE_LIMITED. */
  check(bytes: Uint8Array): void {
    if (this.#isOurs) this.#checkAnswer(bytes)
    else this.#checkQuestion(bytes)
  }

  /** Names in ASCII, and not many: who asks waits for the answer before it goes on. */
  #checkQuestion(bytes: Uint8Array): void {
    this.#read += bytes.length
    if (this.#read > limits.negotiationBytes || !bytes.every(isShort)) throw refusedTalk()
  }

  /** A greeting and one name, behind which whatever was asked for may follow at once. */
  #checkAnswer(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && this.#read <= greeting.length; at += 1, this.#read += 1) {
      const byte = bytes[at] ?? 0
      const wanted = greeting[this.#read]
      if (wanted === undefined ? !isShort(byte) : byte !== wanted) throw refusedTalk()
    }
  }
}
