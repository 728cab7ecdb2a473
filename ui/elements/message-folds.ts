/**
 * Opens and folds long messages without a jump: where one is opened its beginning stays in its place, where it is folded
 * the button that was pressed does. Left to itself the virtualizer would hold on to the end of the list.
 */

import type { Virtualizer } from '@tanstack/lit-virtual'
import { setUnfolded, unfolded } from '../model/unfolded.ts'
import type { Folding } from './message-words.ts'

type List = Virtualizer<HTMLElement, HTMLElement>

/** What stays in its place. */
interface Held {
  readonly element: HTMLElement
  /** From the top of the window, in px; undefined where the browser scrolls to what it has found. */
  readonly top: number | undefined
}

const topOf = (element: HTMLElement): number => element.getBoundingClientRect().top
const rowOf = (element: HTMLElement): HTMLElement => element.closest<HTMLElement>('.row') ?? element

export class MessageFolds {
  readonly #list: () => List
  readonly #onChange: () => void
  #held: Held | undefined

  /** `onChange`: the reader reads on from here, whatever comes at the end. */
  constructor(list: () => List, onChange: () => void) {
    this.#list = list
    this.#onChange = onChange
  }

  /** While one is opened or folded the list holds on to nothing of its own. */
  get anchorTo(): 'start' | 'end' {
    return this.#held === undefined ? 'end' : 'start'
  }

  of(key: string): Folding {
    return {
      isOpen: unfolded.value.has(key),
      onFold: (isOpen, button) => {
        const element = isOpen ? rowOf(button) : button
        this.#change(key, isOpen, { element, top: topOf(element) })
      },
      onFound: (rest) => this.#change(key, true, { element: rest, top: undefined }),
    }
  }

  #change(key: string, isOpen: boolean, held: Held): void {
    this.#held = held
    this.#onChange()
    setUnfolded(key, isOpen)
  }

  /** Once the rows are drawn. */
  settle(scroller: HTMLElement | null): void {
    if (this.#held === undefined) return
    const { element, top } = this.#held
    const list = this.#list()
    const row = rowOf(element)
    list.shouldAdjustScrollPositionOnItemSizeChange = () => false
    // Now, while nothing is held on to: the virtualizer itself would see it a moment later.
    list.resizeItem(Number(row.dataset['index']), row.offsetHeight)
    list.shouldAdjustScrollPositionOnItemSizeChange = undefined
    this.#held = undefined
    const moved = top === undefined ? 0 : topOf(element) - top
    if (Math.abs(moved) < 1 || scroller === null) return
    scroller.scrollTop += moved
    list.scrollOffset = scroller.scrollTop
  }
}
