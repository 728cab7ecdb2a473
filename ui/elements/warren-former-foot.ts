/** Stands where one would write, in a conversation from before this device was linked: why one cannot, and what remains. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import './warren-delete.ts'
import { base } from '../styles/shared.ts'

@customElement('warren-former-foot')
@localized()
export class WarrenFormerFoot extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: center;
        gap: 4px 12px;
        min-height: 62px;
        padding: 10px 16px calc(10px + env(safe-area-inset-bottom));
        background: var(--panel);
        border-top: 1px solid var(--line);
      }
      span {
        text-wrap: balance;
        text-align: center;
        color: var(--ink-quiet);
      }
    `,
  ]
  @property() conversation = ''

  override render(): TemplateResult {
    return html`<span role="status" data-testid="no-writing"
        >${msg('This was said before this device was linked to your others. It stays on this device, and can only be read.')}</span
      >
      <warren-delete .conversation=${this.conversation}></warren-delete>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-former-foot': WarrenFormerFoot
  }
}
