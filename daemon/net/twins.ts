/** Two running copies of one device: each is shown what the other said, so that both stop before they contradict each other. */

import { sameBytes, toBase32 } from '../../protocol/bytes.ts'
import { isBootOf, type BootWord } from '../../protocol/boot.ts'
import type { Hello } from '../../protocol/hello.ts'
import type { DeviceId } from '../../protocol/ids.ts'

const mostBoots = 8

interface Known {
  /** The newest word of each boot, by its id. */
  readonly words: Map<string, BootWord>
  /** Boots that were alive at the same time as another. */
  readonly doubles: Set<string>
}

export interface TwinsOptions {
  /** The own device, and when this boot of it began, by its own clock. */
  readonly device: DeviceId
  readonly bootId: Uint8Array
  readonly startedMs: number
  readonly mostDevices: number
}

export class Twins {
  readonly #options: TwinsOptions
  readonly #known = new Map<DeviceId, Known>()

  constructor(options: TwinsOptions) {
    this.#options = options
  }

  /** `outdated`: a newer boot of the device was heard of before this one spoke again, so both run. */
  heard(device: DeviceId, { bootId, wallMs, bootSignature }: Hello, outdated: boolean): void {
    if (bootSignature === undefined) return
    const known = this.#known.get(device) ?? { words: new Map<string, BootWord>(), doubles: new Set<string>() }
    const id = toBase32(bootId)
    if (outdated) for (const each of [...known.words.keys(), id]) known.doubles.add(each)
    known.words.delete(id)
    known.words.set(id, { bootId, wallMs, signature: bootSignature })
    for (const oldest of known.words.keys()) {
      if (known.words.size <= mostBoots) break
      known.words.delete(oldest)
      known.doubles.delete(oldest)
    }
    this.#known.delete(device)
    this.#known.set(device, known)
    const oldest = this.#known.keys().next()
    if (this.#known.size > this.#options.mostDevices && oldest.done === false) this.#known.delete(oldest.value)
  }

  /** What to show to a boot of a device: the newest word of another one that was alive at the same time. */
  of(device: DeviceId, bootId: Uint8Array | undefined): BootWord | undefined {
    const known = this.#known.get(device)
    const id = bootId === undefined ? '' : toBase32(bootId)
    if (known === undefined || !known.doubles.has(id)) return undefined
    return [...known.words].findLast(([each]) => each !== id && known.doubles.has(each))?.[1]
  }

  /**
   * Whether what a peer shows proves another running copy of this device. It is signed with our key, so nobody can make it
   * up; and it was said after this boot began, so it is no word of a boot before.
   */
  proves(word: BootWord | undefined): boolean {
    const { device, bootId, startedMs } = this.#options
    if (word === undefined || sameBytes(word.bootId, bootId) || word.wallMs <= startedMs) return false
    return isBootOf(device, word)
  }
}
