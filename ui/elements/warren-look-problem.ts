/** Why nobody was found, and, for a link, the way on all the same. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { ApiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { mayAskAnyway, tellFound } from './look-at.ts'

@customElement('warren-look-problem')
@localized()
export class WarrenLookProblem extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: block;
      }
      .button {
        margin-top: 8px;
        width: 100%;
      }
    `,
  ]
  @property() code: ApiErrorCode = 'INTERNAL'
  @property() link = ''

  override render(): TemplateResult {
    return html`<p class="error" role="alert" data-testid="look-problem">
        ${icon('alert')}<span>${errorSentence(this.code)}</span>
      </p>
      ${
        mayAskAnyway(this)
          ? html`<button type="button" class="button" @click=${() => tellFound(this, { link: this.link })}>
              ${msg('Ask anyway; they get it when they are back')}
            </button>`
          : nothing
      }`
  }
}
