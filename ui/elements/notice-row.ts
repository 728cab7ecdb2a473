/** Lines in a group that nobody wrote: what happened to it, and the heading over what is outside of it. */

import { msg } from '@lit/localize'
import { html, nothing, type TemplateResult } from 'lit'
import { icon } from '../icons.ts'
import type { Row } from '../model/rows.ts'
import { fullTime } from '../text/format-time.ts'
import { shortFingerprint } from '../text/names.ts'
import { isQuiet, noticeSentence } from '../text/notice-sentence.ts'

export const noticeRow = ({ message, notice }: Extract<Row, { kind: 'notice' }>): TemplateResult =>
  html`<p
    class="told ${isQuiet(notice) ? 'least' : ''}"
    dir="auto"
    title=${fullTime(message.at)}
    data-testid="notice"
    data-is=${notice.is}
  >
    ${noticeSentence(notice)}
    ${'fingerprint' in notice ? html`<span class="mono">${shortFingerprint(notice.fingerprint)}</span>` : nothing}
  </p>`

export const outsideRow = (): TemplateResult =>
  html`<div class="outside-head" data-testid="outside">
    <h2>${icon('block')}${msg('Outside the conversation')}</h2>
    <p>
      ${msg('What follows was written after its author was removed, or had lost the right to write. It reached this device, is kept here, and is passed on to nobody.')}
    </p>
  </div>`
