/** Asks before something that cannot be taken back. */

import { localized, msg } from '@lit/localize'
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { base, buttons } from '../styles/shared.ts'

@customElement('warren-confirm')
@localized()
export class WarrenConfirm extends LitElement {
  static override styles = [
    base,
    buttons,
    css`
      wa-dialog {
        --width: min(400px, calc(100vw - 32px));
        --spacing: 20px;
      }
      wa-dialog::part(title) {
        font-size: 18px;
        font-weight: 700;
      }
      wa-dialog::part(close-button__base) {
        min-width: 44px;
        min-height: 44px;
      }
      p {
        color: var(--ink-quiet);
        text-wrap: pretty;
      }
      .row-buttons {
        margin-top: 20px;
        justify-content: flex-end;
      }
    `,
  ]
  @property({ type: Boolean }) open = false
  @property() heading = ''
  @property() text = ''
  @property() action = ''

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

  #tell(name: string): void {
    this.dispatchEvent(new Event(name))
  }
}
