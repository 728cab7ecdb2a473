/** Stands where one would write to a contact who goes on as another person: the way there. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { Contact } from '../../protocol/http-people.ts'
import { writeRoute } from '../model/route.ts'
import { contacts } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { foot } from '../styles/feet.ts'
import { base, buttons } from '../styles/shared.ts'
import { isolated, successorName } from '../text/names.ts'

@customElement('warren-moved-foot')
@localized()
export class WarrenMovedFoot extends LitElement {
  static override styles = [
    base,
    buttons,
    foot,
    css`
      a {
        text-decoration: none;
      }
    `,
  ]
  @property({ attribute: false }) contact: Contact | undefined
  readonly #all = new SignalController(this, () => contacts.value)

  override render(): TemplateResult | typeof nothing {
    const movedTo = this.contact?.movedTo
    if (movedTo === undefined) return nothing
    const name = isolated(successorName(movedTo, this.#all.value))
    const conversation = this.#all.value.get(movedTo.id)?.conversation
    return html`<span role="status" data-testid="went-on"
        >${msg(str`What is new is said in the conversation with ${name}. What was said here stays.`)}</span
      >
      ${
        conversation === undefined
          ? nothing
          : html`<a class="button" href=${writeRoute({ name: 'chat', conversation })}>${msg('Open conversation')}</a>`
      }`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-moved-foot': WarrenMovedFoot
  }
}
