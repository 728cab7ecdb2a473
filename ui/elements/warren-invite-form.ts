/** What a new link into a group shall allow. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { GroupRole, NewInvite } from '../../protocol/http-groups.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { roleName, roles } from '../text/role-words.ts'

const hour = 3600

/** @fires warren-invite - with the NewInvite that is wished for. */
@customElement('warren-invite-form')
@localized()
export class WarrenInviteForm extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: block;
      }
      .choices {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(140px, 1fr));
        gap: 12px;
      }
      .button {
        width: 100%;
        margin-top: 16px;
      }
    `,
  ]
  @property({ attribute: false }) roles: readonly GroupRole[] = []
  @property({ type: Boolean }) busy = false
  @state() asRole: GroupRole = 'member'
  @state() uses = 1
  @state() seconds = 7 * 24 * hour

  override render(): TemplateResult {
    // Nobody means to make an owner of whoever finds a link.
    const given = roles.filter((role) => this.roles.includes(role) && role !== 'owner' && role !== 'admin')
    return html`<form @submit=${(event: Event) => this.#submit(event)}>
      <div class="choices">
        <div>
          <label for="uses">${msg('For how many')}</label>
          <select id="uses" data-testid="invite-uses" @change=${(event: Event) => (this.uses = this.#number(event))}>
            ${this.#options(this.uses, [
              [1, msg('One person')],
              [5, msg('5 people')],
              [25, msg('25 people')],
              [0, msg('Everybody who has it')],
            ])}
          </select>
        </div>
        <div>
          <label for="seconds">${msg('For how long')}</label>
          <select
            id="seconds"
            data-testid="invite-seconds"
            @change=${(event: Event) => (this.seconds = this.#number(event))}
          >
            ${this.#options(this.seconds, [
              [hour, msg('An hour')],
              [24 * hour, msg('A day')],
              [7 * 24 * hour, msg('A week')],
              [30 * 24 * hour, msg('A month')],
              [0, msg('For ever')],
            ])}
          </select>
        </div>
        ${given.length < 2 ? nothing : this.#roles(given)}
      </div>
      <button class="button primary" data-testid="make-link" ?disabled=${this.busy}>${msg('Make a link')}</button>
    </form>`
  }

  #roles(given: readonly GroupRole[]): TemplateResult {
    return html`<div>
      <label for="role">${msg('As')}</label>
      <select
        id="role"
        @change=${(event: Event) => {
          this.asRole = (event.target as HTMLSelectElement).value as GroupRole
        }}
      >
        ${given.map((role) => html`<option value=${role} ?selected=${role === this.asRole}>${roleName(role)}</option>`)}
      </select>
    </div>`
  }

  #options(chosen: number, choices: readonly (readonly [number, string])[]): TemplateResult[] {
    return choices.map(([value, text]) => html`<option value=${value} ?selected=${value === chosen}>${text}</option>`)
  }

  #number(event: Event): number {
    return Number((event.target as HTMLSelectElement).value)
  }

  #submit(event: Event): void {
    event.preventDefault()
    const { asRole: role, uses, seconds } = this
    this.dispatchEvent(new CustomEvent<NewInvite>('warren-invite', { detail: { role, uses, seconds } }))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-invite-form': WarrenInviteForm
  }
}
