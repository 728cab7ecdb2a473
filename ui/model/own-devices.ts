/** That the owner's own devices, or the linking of one, are others than they were: whoever shows them asks for them again. */

import { signal } from '@preact/signals-core'

/** Counts up. */
export const devicesVersion = signal(0)

export function devicesChanged(): void {
  devicesVersion.value += 1
}
