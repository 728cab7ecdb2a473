/** Long messages that the owner has opened, by the keys of their rows: they stay so while the page lives. */

import { signal } from '@preact/signals-core'

export const unfolded = signal<ReadonlySet<string>>(new Set())

export function setUnfolded(key: string, isOpen: boolean): void {
  const after = new Set(unfolded.value)
  if (isOpen) after.add(key)
  else after.delete(key)
  unfolded.value = after
}
