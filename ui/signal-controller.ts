/** Re-renders a Lit element when a signal that `read` touches changes. */

import { effect } from '@preact/signals-core'
import type { ReactiveController, ReactiveControllerHost } from 'lit'

export class SignalController<T> implements ReactiveController {
  value: T
  readonly #host: ReactiveControllerHost
  readonly #read: () => T
  #stop: (() => void) | undefined

  constructor(host: ReactiveControllerHost, read: () => T) {
    this.#host = host
    this.#read = read
    this.value = read()
    host.addController(this)
  }

  hostConnected(): void {
    this.refresh()
  }

  hostDisconnected(): void {
    this.#stop?.()
  }

  /** For a `read` that also depends on the element's own properties: call it when they have changed. */
  refresh(): void {
    this.#stop?.()
    this.#stop = effect(() => {
      const value = this.#read()
      if (value === this.value) return
      this.value = value
      this.#host.requestUpdate()
    })
  }
}
