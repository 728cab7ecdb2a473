/** The whole page: decides which screen is due. */

import { localized } from '@lit/localize'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import './warren-lock-screen.ts'
import './warren-shell.ts'
import './warren-state-screen.ts'
import { fetchRest } from './later.ts'
import { announcement } from '../model/announcer.ts'
import { connectionState, isSealed, me } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base } from '../styles/shared.ts'

@customElement('warren-app')
@localized()
export class WarrenApp extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        position: relative;
        overflow: hidden;
      }
    `,
  ]
  readonly #state = new SignalController(this, () => connectionState.value)
  readonly #sealed = new SignalController(this, () => isSealed.value)
  readonly #welcomed = new SignalController(this, () => me.value?.welcomed)
  readonly #said = new SignalController(this, () => announcement.value)

  override render(): TemplateResult {
    return html`${this.#screen()}
      <div class="visually-hidden" aria-live="polite" data-testid="announcer">${this.#said.value}</div>`
  }

  #screen(): TemplateResult {
    const state = this.#state.value
    if (state === 'locked' && this.#sealed.value) return html`<warren-lock-screen></warren-lock-screen>`
    const covered = state === 'unpaired' || state === 'signed-out' || state === 'locked' || state === 'impostor'
    if (covered || this.#welcomed.value === undefined) {
      return html`<warren-state-screen></warren-state-screen>`
    }
    if (this.#welcomed.value) return html`<warren-shell></warren-shell>`
    void fetchRest()
    return html`<warren-welcome></warren-welcome>`
  }
}
