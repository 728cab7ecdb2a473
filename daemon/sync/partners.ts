/** To whom new entries go at once: everyone in small groups, else a stable choice and two that change every hour. */

import { compareBytes, utf8 } from '../../protocol/bytes.ts'
import { sha256 } from '../../protocol/crypto.ts'
import type { DeviceId, Scope } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'

const changing = 2
const hourMs = 3_600_000

interface Choice {
  readonly version: number
  readonly hour: number
  readonly partners: readonly DeviceId[]
}

/** Rendezvous hashing (Thaler and Ravishankar, 1998): a choice moves as little as it can when devices come and go. */
export class Partners {
  readonly #salt: string
  readonly #choices = new Map<Scope, Choice>()

  /** `random` gives numbers from 0 up to 1, so that nobody can know whom this device will choose. */
  constructor(random: () => number) {
    this.#salt = `${random()}/${random()}`
  }

  /** At most limits.pushPartners of `candidates()`; asked again only when `version` or the hour changed. */
  of(scope: Scope, version: number, nowMs: number, candidates: () => readonly DeviceId[]): readonly DeviceId[] {
    const hour = Math.floor(nowMs / hourMs)
    const kept = this.#choices.get(scope)
    if (kept !== undefined && kept.version === version && kept.hour === hour) return kept.partners
    const partners = this.#choose(scope, hour, candidates())
    if (partners.length === 0) this.#choices.delete(scope)
    else this.#choices.set(scope, { version, hour, partners })
    return partners
  }

  #choose(scope: Scope, hour: number, candidates: readonly DeviceId[]): readonly DeviceId[] {
    if (candidates.length <= limits.pushPartners) return candidates
    const stable = this.#ranked(`${this.#salt}/${scope}`, candidates)
    const steady = limits.pushPartners - changing
    return [
      ...stable.slice(0, steady),
      ...this.#ranked(`${this.#salt}/${scope}/${hour}`, stable.slice(steady)).slice(0, changing),
    ]
  }

  #ranked(salt: string, devices: readonly DeviceId[]): DeviceId[] {
    return devices
      .map((device) => ({ device, rank: sha256(utf8(`${salt}/${device}`)) }))
      .toSorted((a, b) => compareBytes(a.rank, b.rank))
      .map(({ device }) => device)
  }
}
