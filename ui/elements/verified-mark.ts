/** The quiet sign beside the name of a person with whom the owner compared safety numbers, and the loud one if that ended. */

import { msg } from '@lit/localize'
import { html, nothing, type TemplateResult } from 'lit'
import type { Contact } from '../../protocol/http-people.ts'
import { icon } from '../icons.ts'

const mark = (picture: string, look: string, words: string): TemplateResult =>
  html`<span class="mark ${look}" role="img" aria-label=${words} title=${words} data-testid="verified-mark"
    >${icon(picture)}</span
  >`

/** Nothing for people who were never verified. Its looks are among those that every element shares. */
export function verifiedMark(contact: Contact | undefined): TemplateResult | typeof nothing {
  if (contact?.keysChanged === true) return mark('alert', 'changed', msg('Not verified any more'))
  return contact?.verified === true ? mark('verified', '', msg('Verified')) : nothing
}
