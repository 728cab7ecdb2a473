/** Tells that more of files is here: at once, and then only so often. */

import type { Timers } from '../timers.ts'
import type { BlobRecord } from './blob-record.ts'

const everyMs = 250

export interface ProgressDeps {
  readonly timers: Timers
  readonly publish: (record: BlobRecord) => void
}

export class Progress {
  readonly #deps: ProgressDeps
  /** Files that were told of a moment ago; true: and of which there is more. */
  readonly #told = new Map<BlobRecord, { more: boolean; readonly callOff: () => void }>()

  constructor(deps: ProgressDeps) {
    this.#deps = deps
  }

  changed(record: BlobRecord): void {
    const told = this.#told.get(record)
    if (record.row.isWhole || record.isGone) {
      told?.callOff()
      this.#told.delete(record)
      if (!record.isGone) this.#deps.publish(record)
    } else if (told !== undefined) told.more = true
    else this.#tell(record)
  }

  close(): void {
    for (const { callOff } of this.#told.values()) callOff()
    this.#told.clear()
  }

  #tell(record: BlobRecord): void {
    const callOff = this.#deps.timers.after(everyMs, () => {
      const more = this.#told.get(record)?.more === true
      this.#told.delete(record)
      if (more && !record.isGone) this.#tell(record)
    })
    this.#told.set(record, { more: false, callOff })
    this.#deps.publish(record)
  }
}
