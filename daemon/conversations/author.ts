/** Makes own entries: assigns place and time, seals, signs. Runs inside a batch and never waits. */

import { encodeContent, type Content } from '../../protocol/content.ts'
import { sha256, type SigningKey } from '../../protocol/crypto.ts'
import {
  associatedData,
  entryVersion,
  sealHeader,
  type Feed,
  type HeaderFront,
  type SealedHeader,
} from '../../protocol/entry.ts'
import { sealPayload } from '../../protocol/epoch.ts'
import { tickHlc, zeroHlc, type Hlc } from '../../protocol/hlc.ts'
import type { DeviceId, EpochId, PersonId } from '../../protocol/ids.ts'
import type { Position } from './rows.ts'

/** The own device, as other rooms hand it in. */
export interface Self {
  /** Its key is elsewhere: what is here is a copy to be read. */
  readonly cannotSign?: boolean
  readonly device: DeviceId
  readonly person: PersonId
  /** Whom this home belonged to before; what was said then is the owner's, too. */
  readonly former?: readonly PersonId[]
  readonly signingKey: SigningKey
}

export interface Drafted {
  readonly sealed: SealedHeader
  readonly payload: Uint8Array
}

/** Salts drawn at once: a call of the CSPRNG costs more than its bytes. */
const pooledSalts = 256
const saltBytes = 32

export class Author {
  readonly #now: () => number
  readonly #random: (length: number) => Uint8Array
  #hlc: Hlc = zeroHlc
  #salts = new Uint8Array(0)
  #salted = 0

  constructor(now: () => number, random: (length: number) => Uint8Array) {
    this.#now = now
    this.#random = random
  }

  get hlc(): Hlc {
    return this.#hlc
  }

  /** Moves the own clock to a reading that was seen or stored. */
  set hlc(hlc: Hlc) {
    this.#hlc = hlc
  }

  /** The next reading of the own clock. */
  tick(): Hlc {
    return (this.#hlc = tickHlc(this.#hlc, this.#now()))
  }

  #front(feed: Feed, position: Position, kind: number, epoch: EpochId | undefined): HeaderFront {
    return {
      version: entryVersion,
      lane: feed.lane,
      scope: feed.scope,
      device: feed.device,
      generation: feed.generation,
      seq: position.seq + 1,
      prev: position.head,
      hlc: this.tick(),
      kind,
      epoch,
      lifetime: 0,
    }
  }

  /** The next entry of a feed with a plain payload. */
  plain(feed: Feed, position: Position, kind: number, payload: Uint8Array): Drafted {
    const front = this.#front(feed, position, kind, undefined)
    return this.#finish(front, payload)
  }

  /** The next entry of a feed with its content sealed under an epoch. */
  content(
    feed: Feed,
    position: Position,
    kind: number,
    epoch: { epoch: EpochId; key: Uint8Array },
    content: Content,
  ): Drafted {
    const front = this.#front(feed, position, kind, epoch.epoch)
    const bytes = associatedData(front)
    return this.#finish(front, sealPayload(epoch.key, feed, bytes, encodeContent(content), this.#salt()), bytes)
  }

  /** 32 bytes that no other message has: the pool only moves forward. */
  #salt(): Uint8Array {
    if (this.#salted === this.#salts.length) {
      this.#salts = new Uint8Array(this.#random(saltBytes * pooledSalts))
      this.#salted = 0
    }
    this.#salted += saltBytes
    return this.#salts.subarray(this.#salted - saltBytes, this.#salted)
  }

  #finish(front: HeaderFront, payload: Uint8Array, bytes: Uint8Array = associatedData(front)): Drafted {
    const header = { ...front, payloadHash: sha256(payload), payloadLength: payload.length, extension: [] }
    return { sealed: sealHeader(header, bytes), payload }
  }
}
