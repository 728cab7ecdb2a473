/** What stands over the end of the message list: the way to the newest message, or why there are none. */

import { msg, str } from '@lit/localize'
import { html, nothing, type TemplateResult } from 'lit'
import type { ApiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { errorSentence } from '../text/error-sentence.ts'

export function jumpButton(unread: number, onJump: () => void): TemplateResult {
  const label = unread === 0 ? msg('To the newest message') : msg(str`To the newest message, ${unread} unread`)
  return html`<button type="button" class="jump" data-testid="jump" aria-label=${label} title=${label} @click=${onJump}>
    ${icon('arrow-down')}${unread === 0 ? nothing : html`<span class="count" aria-hidden="true">${unread}</span>`}
  </button>`
}

export function failureNote(code: ApiErrorCode, onRetry: () => void): TemplateResult {
  return html`<div class="failure" role="alert">
    ${errorSentence(code)}
    <button type="button" class="button" @click=${onRetry}>${msg('Try again')}</button>
  </div>`
}
