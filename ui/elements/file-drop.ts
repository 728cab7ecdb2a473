/** Files that are dropped on an element, or pasted into it. */

import type { ReactiveController, ReactiveControllerHost } from 'lit'

const bringsFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') === true

/** Files on a clipboard; text that was copied from a document brings a picture of itself along, and is pasted as text. */
export function pastedFiles({ clipboardData }: ClipboardEvent): File[] {
  if (clipboardData === null || clipboardData.types.includes('text/plain')) return []
  return [...clipboardData.files]
}

export class FileDrop implements ReactiveController {
  /** Something is held over it. */
  isOver = false
  readonly #host: ReactiveControllerHost & HTMLElement
  readonly #take: (files: File[]) => void
  readonly #mayTake: () => boolean

  constructor(host: ReactiveControllerHost & HTMLElement, mayTake: () => boolean, take: (files: File[]) => void) {
    this.#host = host
    this.#mayTake = mayTake
    this.#take = take
    host.addController(this)
  }

  hostConnected(): void {
    for (const type of ['dragenter', 'dragover', 'dragleave', 'drop'] as const)
      this.#host.addEventListener(type, this.#heard)
  }

  hostDisconnected(): void {
    for (const type of ['dragenter', 'dragover', 'dragleave', 'drop'] as const)
      this.#host.removeEventListener(type, this.#heard)
  }

  readonly #heard = (event: DragEvent): void => {
    if (!bringsFiles(event)) return
    // Else the browser opens what is dropped in place of the page.
    event.preventDefault()
    if (event.type === 'drop') {
      this.#set(false)
      const files = [...(event.dataTransfer?.files ?? [])]
      if (this.#mayTake() && files.length > 0) this.#take(files)
    } else if (event.type === 'dragleave') {
      const { left, right, top, bottom } = this.#host.getBoundingClientRect()
      const isInside = event.clientX > left && event.clientX < right && event.clientY > top && event.clientY < bottom
      if (!isInside) this.#set(false)
    } else this.#set(this.#mayTake())
  }

  #set(isOver: boolean): void {
    if (isOver === this.isOver) return
    this.isOver = isOver
    this.#host.requestUpdate()
  }
}
