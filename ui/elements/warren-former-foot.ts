/** Stands where one would write, in a conversation from before this device was linked: why one cannot, and what remains. */

import { localized, msg } from '@lit/localize'
import { html, LitElement, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import './warren-delete.ts'
import { foot, quietFoot } from '../styles/feet.ts'
import { base } from '../styles/shared.ts'

@customElement('warren-former-foot')
@localized()
export class WarrenFormerFoot extends LitElement {
  static override styles = [base, foot, quietFoot]
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
