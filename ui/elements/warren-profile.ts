/** The owner's own card: name, status, colour. Saved as soon as a field is left. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './warren-avatar.ts'
import type { MePatch } from '../../protocol/http-people.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { me } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'

/** The same that daemons give to people who have not chosen: what one has by chance can be found again. */
const colors: Readonly<Record<string, () => string>> = {
  '#b3401f': () => msg('Rust'),
  '#8a5a00': () => msg('Amber'),
  '#4d6b1a': () => msg('Olive'),
  '#1f7a4d': () => msg('Green'),
  '#0f7385': () => msg('Teal'),
  '#2f62b5': () => msg('Blue'),
  '#6a4fc0': () => msg('Violet'),
  '#9a3f9e': () => msg('Purple'),
  '#b8325f': () => msg('Rose'),
  '#5c6370': () => msg('Grey'),
}

@customElement('warren-profile')
@localized()
export class WarrenProfile extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: block;
      }
      .top {
        display: flex;
        gap: 16px;
        align-items: center;
        margin-bottom: 18px;
      }
      .top > div {
        flex: 1;
        min-width: 0;
      }
      warren-avatar {
        --size: 72px;
      }
      .colors {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
      }
      .colors label {
        position: relative;
        width: 44px;
        height: 44px;
        margin: 0;
        display: grid;
        place-items: center;
        cursor: pointer;
      }
      .colors input {
        appearance: none;
        margin: 0;
        width: 32px;
        height: 32px;
        border-radius: 50%;
        cursor: pointer;
      }
      .colors input:checked {
        box-shadow:
          0 0 0 3px var(--panel),
          0 0 0 5px var(--ink);
      }
      .colors input:focus-visible {
        outline-offset: 6px;
      }
    `,
  ]
  readonly #me = new SignalController(this, () => me.value)
  @state() problem = ''

  override render(): TemplateResult {
    const own = this.#me.value
    return html`<div class="top">
        <warren-avatar .name=${own?.name ?? ''} .color=${own?.color ?? ''}></warren-avatar>
        <div>
          <label for="name">${msg('Name')}</label>
          <input
            id="name"
            type="text"
            dir="auto"
            maxlength="64"
            autocomplete="name"
            data-testid="own-name"
            .value=${own?.name ?? ''}
            @change=${async (event: Event) => await this.#rename(event)}
          />
        </div>
      </div>
      <div class="field">
        <label for="status">${msg('Status')}</label>
        <input
          id="status"
          type="text"
          dir="auto"
          maxlength="128"
          autocomplete="off"
          data-testid="own-status"
          placeholder=${msg('What are you up to?')}
          .value=${own?.status ?? ''}
          @change=${async (event: Event) => await this.#save({ status: (event.target as HTMLInputElement).value.trim() })}
        />
        <p class="hint">${msg('Your contacts see it.')}</p>
      </div>
      <fieldset>
        <legend class="label">${msg('Colour')}</legend>
        <div class="colors">${this.#swatches(own?.color ?? '')}</div>
      </fieldset>
      ${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}`
  }

  #swatches(chosen: string): TemplateResult[] {
    const named = Object.entries(colors).map(([color, name]) => ({ color, name: name() }))
    const isOther = chosen !== '' && colors[chosen] === undefined
    const shown = isOther ? [...named, { color: chosen, name: msg('Another colour') }] : named
    return shown.map(
      ({ color, name }) =>
        html`<label title=${name}>
          <input
            type="radio"
            name="color"
            aria-label=${name}
            .style=${`background:${color}`}
            .checked=${color === chosen}
            @change=${async () => await this.#save({ color })}
          />
        </label>`,
    )
  }

  async #rename(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement
    const name = input.value.trim()
    if (name === '') input.value = this.#me.value?.name ?? ''
    else await this.#save({ name })
  }

  async #save(change: MePatch): Promise<void> {
    try {
      me.value = await api.patchMe(change)
      this.problem = ''
      announce(msg('Saved'))
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }
}
