/** Asks before something that cannot be taken back. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { dialogs } from '../styles/dialogs.ts'
import { base, buttons } from '../styles/shared.ts'

@customElement('warren-confirm')
@localized()
export class WarrenConfirm extends LitElement {
  static override styles = [
    base,
    buttons,
    dialogs,
    css`
      wa-dialog {
        --width: min(400px, calc(100vw - 32px));
      }
      p {
        color: var(--ink-quiet);
        text-wrap: pretty;
      }
      .choice {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 44px;
        margin-top: 10px;
        cursor: pointer;
      }
      .choice input {
        flex: none;
        width: 20px;
        height: 20px;
        accent-color: var(--brand);
      }
    `,
  ]
  @property({ type: Boolean }) open = false
  @property() heading = ''
  @property() text = ''
  @property() action = ''
  /** Something that may be done along with it; none if empty. */
  @property() choice = ''
  /** The choice was made. */
  @state() chosen = false

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('open') && this.open) this.chosen = false
  }

  override render(): TemplateResult {
    return html`<wa-dialog
      label=${this.heading}
      ?open=${this.open}
      data-testid="confirm"
      @wa-after-hide=${(event: Event) => {
        event.stopPropagation()
        this.#tell('warren-cancel')
      }}
    >
      <p>${this.text}</p>
      ${this.choice === '' ? nothing : this.#choice()}
      <div class="row-buttons">
        <button type="button" class="button" autofocus @click=${() => this.#tell('warren-cancel')}>
          ${msg('Cancel')}
        </button>
        <button
          type="button"
          class="button danger-fill"
          data-testid="confirm-yes"
          @click=${() => this.#tell('warren-confirm')}
        >
          ${this.action}
        </button>
      </div>
    </wa-dialog>`
  }

  #choice(): TemplateResult {
    return html`<label class="choice"
      ><input
        type="checkbox"
        data-testid="confirm-choice"
        .checked=${this.chosen}
        @change=${(event: Event) => {
          this.chosen = (event.target as HTMLInputElement).checked
        }}
      />${this.choice}</label
    >`
  }

  #tell(name: string): void {
    this.dispatchEvent(new Event(name))
  }
}
