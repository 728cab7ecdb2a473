/** The colours to choose from, as round buttons of which one is pressed. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { base, fields } from '../styles/shared.ts'
import { colors } from '../text/colors.ts'

/** @fires warren-color - with the colour that was chosen. */
@customElement('warren-colors')
@localized()
export class WarrenColors extends LitElement {
  static override styles = [
    base,
    fields,
    css`
      :host {
        display: block;
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
  @property() color = ''

  override render(): TemplateResult {
    const named = Object.entries(colors).map(([color, name]) => ({ color, name: name() }))
    const isOther = this.color !== '' && colors[this.color] === undefined
    const shown = isOther ? [...named, { color: this.color, name: msg('Another colour') }] : named
    return html`<fieldset>
      <legend class="label">${msg('Colour')}</legend>
      <div class="colors">${shown.map((each) => this.#swatch(each))}</div>
    </fieldset>`
  }

  #swatch({ color, name }: { color: string; name: string }): TemplateResult {
    return html`<label title=${name}>
      <input
        type="radio"
        name="color"
        aria-label=${name}
        .style=${`background:${color}`}
        .checked=${color === this.color}
        @change=${() => this.dispatchEvent(new CustomEvent<string>('warren-color', { detail: color }))}
      />
    </label>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-colors': WarrenColors
  }
}
