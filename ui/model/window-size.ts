/** Facts about the window that change what is drawn: narrow as a phone, dark, in front. */

import { signal } from '@preact/signals-core'

const narrowQuery = matchMedia('(max-width: 719px)')
const darkQuery = matchMedia('(prefers-color-scheme: dark)')

/** One pane at a time. */
export const narrow = signal(narrowQuery.matches)

export function watchWindow(): void {
  const look = (): void => {
    narrow.value = narrowQuery.matches
    document.documentElement.classList.toggle('wa-dark', darkQuery.matches)
    document.documentElement.classList.toggle('wa-light', !darkQuery.matches)
  }
  narrowQuery.addEventListener('change', look)
  darkQuery.addEventListener('change', look)
  look()
}
