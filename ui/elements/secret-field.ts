/** A field for a passphrase or a recovery key, in the dialogs that ask for one. */

import { msg } from '@lit/localize'
import { html, type TemplateResult } from 'lit'

export interface SecretField {
  /** `current` is what counts already; everything else is new, and a browser may offer to make it up. */
  readonly id: 'current' | 'new' | 'again'
  readonly testId: string
  readonly label: string
  readonly value: string
  /** Where the dialog begins. */
  readonly isFirst: boolean
  readonly onType: (text: string) => unknown
}

/** What proves that it is the owner who asks. */
export const currentSecret = (): string => msg('Current passphrase or recovery key')

export const secretField = ({ id, testId, label, value, isFirst, onType }: SecretField): TemplateResult =>
  html`<div class="field">
    <label for=${id}>${label}</label>
    <input
      id=${id}
      type="password"
      autocomplete=${id === 'current' ? 'off' : 'new-password'}
      data-testid=${testId}
      ?autofocus=${isFirst}
      .value=${value}
      @input=${(event: InputEvent) => onType((event.target as HTMLInputElement).value)}
    />
  </div>`
