/** The tab's title counts what is unread. */

import { effect } from '@preact/signals-core'
import { unreadTotal } from './state.ts'

export function startPageTitle(): void {
  effect(() => {
    const count = unreadTotal.value
    document.title = count === 0 ? 'Warren' : `(${count > 999 ? '999+' : count}) Warren`
  })
}
