/** A group of many devices that parts, removes, lets back in and is lied to, by one seed; and what must hold in the end. */

import type { GroupRoster } from '../../protocol/group-roster.ts'
import type { EpochState } from '../../protocol/roster.ts'
import { GroupDeeds } from './group-deeds.ts'
import { GroupScene, type Size } from './group-scene.ts'

/** Those that a writer may use. */
export const fittingEpochs = (roster: GroupRoster): EpochState[] =>
  [...roster.epochs.values()].filter(({ epoch }) => roster.fits(epoch))

export class GroupSimulation {
  readonly scene: GroupScene
  readonly #deeds: GroupDeeds

  constructor(seed: number, size: Size) {
    this.scene = new GroupScene(seed, size)
    this.#deeds = new GroupDeeds(this.scene)
  }

  /** Something happens, and some of it becomes known. */
  step(): void {
    this.#deeds.step()
  }

  /** All reach each other, for as long as anybody learns anything; how many digests each that took. */
  settle(): number {
    this.scene.part(1)
    let digests = this.#digest()
    while (this.#deeds.acceptAll() || this.#deeds.shutOut()) digests += this.#digest()
    // Who writes next makes a key, if there is none that fits.
    const [first] = this.scene.devices
    if (first !== undefined && !fittingEpochs(first.roster).some(({ epoch }) => first.keys.has(epoch)))
      this.scene.mint(first)
    this.#digest()
    while (this.scene.network.handOutKeys());
    return digests
  }

  #digest(): number {
    for (let digests = 1; ; digests += 1) {
      while (this.scene.network.spread());
      if (!this.scene.network.compare() && !this.scene.network.compareAll()) return digests
    }
  }
}
