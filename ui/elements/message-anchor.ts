/**
 * Keeps the message under the reader's eye in its place while rows come and go above it. The virtualizer anchors to the
 * first row in sight, but day headers and the loading row move or vanish when an older page arrives: messages do not.
 */

import type { Virtualizer } from '@tanstack/lit-virtual'

type List = Virtualizer<HTMLElement, HTMLElement>

export interface Anchor {
  key: string
  /** From the top edge of the view down to the row. */
  below: number
}

const stands = (key: string): boolean => key !== 'top' && key !== 'unread' && !key.startsWith('day-')

export class MessageAnchor {
  readonly #indexOf: (key: string) => number
  #wanted: number | undefined

  constructor(indexOf: (key: string) => number) {
    this.#indexOf = indexOf
  }

  /** Before the options change. */
  take(list: List): Anchor | undefined {
    const offset = list.scrollOffset ?? 0
    const first = list.getVirtualItemForOffset(offset)
    // Where a message is the first row in sight, the virtualizer does well by itself.
    if (first === undefined || stands(String(first.key))) return undefined
    const item = list.getVirtualItems().find((each) => each.index >= first.index && stands(String(each.key)))
    return item === undefined ? undefined : { key: String(item.key), below: item.start - offset }
  }

  /** After the options have changed, before the rows are drawn. */
  hold(list: List, anchor: Anchor | undefined): void {
    const index = anchor === undefined ? -1 : this.#indexOf(anchor.key)
    const start = list.measurementsCache[index]?.start
    if (anchor === undefined || start === undefined) return
    const wanted = Math.max(0, start - anchor.below)
    if (Math.abs(wanted - (list.scrollOffset ?? 0)) < 1) return
    list.scrollOffset = wanted
    this.#wanted = wanted
  }

  /** Once the rows are drawn and the list has its new height. */
  settle(scroller: HTMLElement | null): void {
    if (this.#wanted === undefined || scroller === null) return
    scroller.scrollTop = this.#wanted
    this.#wanted = undefined
  }
}
