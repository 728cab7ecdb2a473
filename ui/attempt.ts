/** One piece of work at a time for a Lit element, and what went wrong with the last one. */

import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit'
import { apiErrorCode, type ApiErrorCode } from './client/api-error.ts'
import { icon } from './icons.ts'

export class Attempt implements ReactiveController {
  busy = false
  problem = ''
  readonly #host: ReactiveControllerHost
  readonly #sentence: (code: ApiErrorCode) => string

  constructor(host: ReactiveControllerHost, sentence: (code: ApiErrorCode) => string) {
    this.#host = host
    this.#sentence = sentence
    host.addController(this)
  }

  hostConnected(): void {
    this.forget()
  }

  /** The element shows something else now. */
  forget(): void {
    this.problem = ''
    this.#host.requestUpdate()
  }

  /** Answers whether it went well; a second one while one is under way is not begun. */
  async run(work: () => Promise<unknown>): Promise<boolean> {
    if (this.busy) return false
    this.busy = true
    this.forget()
    try {
      await work()
      return true
    } catch (error) {
      this.problem = this.#sentence(apiErrorCode(error))
      return false
    } finally {
      this.busy = false
      this.#host.requestUpdate()
    }
  }

  /** What went wrong, to be drawn where it is looked for. */
  shown(): TemplateResult | typeof nothing {
    if (this.problem === '') return nothing
    return html`<p class="error" role="alert">${icon('alert')}<span>${this.problem}</span></p>`
  }
}
