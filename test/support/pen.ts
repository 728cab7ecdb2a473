/** Writes entries by hand as one device would, right or wrong, for tests of what is taken from peers. */

import { sha256, type SigningKey } from '../../protocol/crypto.ts'
import { kinds, sealHeader, signEntry, type Header, type Lane, type SealedHeader } from '../../protocol/entry.ts'
import { epochIdOf, generationOf, type DeviceId, type Scope } from '../../protocol/ids.ts'
import type { Run } from '../../protocol/run.ts'
import { utf8 } from '../../protocol/bytes.ts'

export interface Written {
  readonly sealed: SealedHeader
  readonly payload: Uint8Array
}

/** An epoch that nobody minted. */
export const unknownEpoch = epochIdOf(sha256(utf8('an unknown epoch')))

export class Pen {
  readonly device: DeviceId
  readonly #key: SigningKey
  readonly #scope: Scope
  readonly #lane: Lane
  readonly #generation: string
  #below: SealedHeader | undefined

  constructor(
    who: { readonly device: DeviceId; readonly signingKey: SigningKey },
    scope: Scope,
    { lane = 1, generation = 'one' }: { lane?: Lane; generation?: string } = {},
  ) {
    this.device = who.device
    this.#key = who.signingKey
    this.#scope = scope
    this.#lane = lane
    this.#generation = generation
  }

  /** The next entry of the feed; `change` overrides any field. */
  write(text = 'sealed', change: Partial<Header> = {}, payload: Uint8Array = utf8(text)): Written {
    const below = this.#below
    const sealed = sealHeader({
      version: 1,
      lane: this.#lane,
      scope: this.#scope,
      device: this.device,
      generation: generationOf(sha256(utf8(this.#generation)).subarray(0, 8)),
      seq: (below?.header.seq ?? 0) + 1,
      prev: below?.id,
      hlc: { wallMs: 1_800_000_000_000 + (below?.header.seq ?? 0), count: 0 },
      kind: kinds.content,
      epoch: unknownEpoch,
      lifetime: 0,
      payloadHash: sha256(payload),
      payloadLength: payload.length,
      extension: [],
      ...change,
    })
    this.#below = sealed
    return { sealed, payload }
  }

  writeMany(count: number, prefix = 'sealed'): Written[] {
    return Array.from({ length: count }, (_, each) => this.write(`${prefix} ${each}`))
  }

  /** Goes on from another place, as after a fork. */
  goOnFrom(written: Written | undefined): void {
    this.#below = written?.sealed
  }

  /** Entries in the order of their numbers as one run, signed unless told otherwise. */
  run(written: readonly Written[], signed = true): Run {
    const entries = written.toReversed().map(({ sealed, payload }) => ({
      sealed,
      slot: { is: 'held' as const, payload, seconds: 0 },
    }))
    const top = entries[0]
    if (top === undefined) throw new Error('an empty run')
    return { signature: signed ? signEntry(this.#key, top.sealed.id) : undefined, entries }
  }
}
