/** Checks everything that this device keeps, says what it found, and mends it if asked to. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import type { Examination } from '../../protocol/examination.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { findingSentence } from '../text/finding-sentence.ts'
import { shortTime } from '../text/format-time.ts'

/** How often a look that is under way is asked about. */
const askEveryMs = 500

@customElement('warren-data-check')
@localized()
export class WarrenDataCheck extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: block;
        margin-top: 12px;
      }
      progress {
        display: block;
        width: 100%;
        height: 8px;
        margin: 4px 0 12px;
        accent-color: var(--accent);
      }
      ul {
        margin: 0 0 14px;
        padding: 0;
        list-style: none;
      }
      li,
      .well {
        display: flex;
        gap: 10px;
        align-items: flex-start;
        margin: 0 0 8px;
      }
      li > .icon {
        color: var(--warn-ink);
        flex: none;
      }
      .well > .icon {
        color: var(--accent);
        flex: none;
      }
      .when {
        margin: 10px 0 6px;
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 10px;
        margin-top: 10px;
      }
    `,
  ]
  @state() last: Examination | undefined
  @state() problem = ''
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Only the answer to the newest request counts. */
  #asked = 0

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#ask()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  override render(): TemplateResult {
    return html`${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
      <p class="hint">
        ${msg('Reads every message that is stored here and sees whether it is whole. What is lost is asked of the others.')}
      </p>
      <div data-testid="data-check" data-state=${this.last?.state ?? 'none'}>${this.#result()}</div>
      <div class="row">${this.#buttons()}</div>`
  }

  get #isRunning(): boolean {
    return this.last?.state === 'running'
  }

  #result(): TemplateResult | typeof nothing {
    const { last } = this
    if (last === undefined || last.state === 'none') return nothing
    if (last.state === 'running') {
      const label = msg(str`${last.checked} of ${last.total} checked`)
      return html`<label for="progress">${label}</label>
        <progress id="progress" max=${Math.max(1, last.total)} .value=${last.checked}></progress>`
    }
    if (last.state === 'failed')
      return html`<p class="error" role="alert">
        ${icon('alert')}${msg('The data cannot be read. Stop Warren and run “warren doctor” on this device.')}
      </p>`
    return html`<p class="small quiet when">${msg(str`Checked ${shortTime(last.finishedAt)}`)}</p>
      ${
        last.findings.length === 0
          ? html`<p class="well">${icon('check')}${this.#allWell(last)}</p>`
          : html`<ul data-testid="findings">
              ${last.findings.map((each) => html`<li>${icon('alert')}<span>${findingSentence(each, last.repair)}</span></li>`)}
            </ul>`
      }`
  }

  #allWell({ total }: Examination): string {
    return total === 1 ? msg('All is well: 1 entry is whole.') : msg(str`All is well: ${total} entries are whole.`)
  }

  #buttons(): TemplateResult {
    const isOpen = this.last?.state === 'done' && this.last.findings.some(({ outcome }) => outcome === 'open')
    return html`${
        isOpen && this.last?.repair === false
          ? html`<button
              type="button"
              class="button primary"
              data-testid="mend"
              @click=${async () => await this.#begin(true)}
            >
              ${msg('Mend it')}
            </button>`
          : nothing
      }
      <button
        type="button"
        class="button"
        data-testid="check-data"
        ?disabled=${this.#isRunning}
        @click=${async () => await this.#begin(false)}
      >
        ${this.#isRunning ? msg('Checking…') : msg('Check now')}
      </button>`
  }

  async #begin(repair: boolean): Promise<void> {
    this.#asked += 1
    try {
      this.problem = ''
      this.last = await api.examine({ repair })
      this.#askLater()
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }

  #askLater(): void {
    clearTimeout(this.#timer)
    if (this.isConnected) this.#timer = setTimeout(() => void this.#ask(), askEveryMs)
  }

  async #ask(): Promise<void> {
    const asked = (this.#asked += 1)
    const wasRunning = this.#isRunning
    try {
      const last = await api.examination()
      if (asked !== this.#asked) return
      this.last = last
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
      return
    }
    if (this.#isRunning) return this.#askLater()
    if (wasRunning && this.last.state === 'done')
      announce(
        this.last.findings.length === 0 ? this.#allWell(this.last) : msg('The check is done and found something.'),
      )
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-data-check': WarrenDataCheck
  }
}
