/** Choosing some of one's contacts: a search, a list to tick, and chips of who was chosen. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import './warren-avatar.ts'
import type { Contact } from '../../protocol/http-people.ts'
import { icon } from '../icons.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { contactName } from '../text/names.ts'
import { verifiedMark } from './verified-mark.ts'

/** @fires warren-picked - with the ids of those who are chosen now. */
@customElement('warren-people-picker')
@localized()
export class WarrenPeoplePicker extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: block;
      }
      .chips {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        margin-top: 10px;
      }
      .chip {
        display: inline-flex;
        align-items: center;
        gap: 6px;
        max-width: 100%;
        min-height: 36px;
        padding: 2px 8px 2px 4px;
        border-radius: 18px;
        background: var(--chosen);
        font-size: 14px;
        font-weight: 600;
      }
      .chip warren-avatar {
        --size: 28px;
      }
      bdi {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .list {
        margin-top: 8px;
        max-height: 42vh;
        overflow-y: auto;
        overscroll-behavior: contain;
      }
      .list label {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 56px;
        margin: 0;
        padding: 4px 8px;
        border-radius: 12px;
        font-size: 15px;
        cursor: pointer;
      }
      .list label:hover {
        background: var(--hover);
      }
      .list input {
        flex: none;
        width: 20px;
        height: 20px;
        margin-inline-start: auto;
        accent-color: var(--brand);
      }
      .list warren-avatar {
        --size: 38px;
      }
      .none {
        padding: 20px 8px;
        color: var(--ink-quiet);
        text-wrap: balance;
      }
    `,
  ]
  @property({ attribute: false }) people: readonly Contact[] = []
  @property({ attribute: false }) chosen: readonly string[] = []
  @state() filter = ''

  override render(): TemplateResult {
    const wanted = this.filter.trim().toLocaleLowerCase()
    const shown = this.people
      .filter((each) => contactName(each).toLocaleLowerCase().includes(wanted))
      .toSorted((a, b) => contactName(a).localeCompare(contactName(b)))
    return html`<input
        type="search"
        aria-label=${msg('Search contacts')}
        placeholder=${msg('Search contacts')}
        data-testid="search-contacts"
        .value=${this.filter}
        @input=${(event: InputEvent) => {
          this.filter = (event.target as HTMLInputElement).value
        }}
        @keydown=${(event: KeyboardEvent) => this.#onKey(event, shown)}
      />
      ${this.chosen.length === 0 ? nothing : this.#chips()}
      <ul class="list" aria-label=${msg('Contacts')}>
        ${repeat(
          shown,
          (each) => each.id,
          (each) => html`<li>${this.#row(each)}</li>`,
        )}
      </ul>
      ${shown.length === 0 ? html`<p class="none" role="status">${this.#none()}</p>` : nothing}`
  }

  #none(): string {
    return this.people.length === 0 ? msg('There is nobody to choose from.') : msg('Nobody by that name.')
  }

  #chips(): TemplateResult {
    const chosen = this.chosen.flatMap((id) => this.people.find((each) => each.id === id) ?? [])
    return html`<ul class="chips" aria-label=${msg('Chosen')}>
      ${repeat(
        chosen,
        (each) => each.id,
        (each) =>
          html`<li>
            <button type="button" class="chip" title=${msg('Take off')} @click=${() => this.#toggle(each)}>
              <warren-avatar .name=${contactName(each)} .color=${each.color}></warren-avatar>
              <bdi>${contactName(each)}</bdi>${icon('close')}<span class="visually-hidden">${msg('Take off')}</span>
            </button>
          </li>`,
      )}
    </ul>`
  }

  #row(contact: Contact): TemplateResult {
    return html`<label>
      <warren-avatar .name=${contactName(contact)} .color=${contact.color} .online=${contact.online}></warren-avatar>
      <bdi>${contactName(contact)}</bdi>${verifiedMark(contact)}
      <input
        type="checkbox"
        .checked=${this.chosen.includes(contact.id)}
        @change=${() => this.#toggle(contact)}
        data-testid="pick"
      />
    </label>`
  }

  /** Enter takes the only one that is left of a search. */
  #onKey(event: KeyboardEvent, shown: readonly Contact[]): void {
    const [only, ...others] = shown
    if (event.key !== 'Enter') return
    event.preventDefault()
    if (this.filter.trim() === '' || only === undefined || others.length > 0) return
    this.filter = ''
    if (!this.chosen.includes(only.id)) this.#toggle(only)
  }

  #toggle({ id }: Contact): void {
    this.chosen = this.chosen.includes(id) ? this.chosen.filter((each) => each !== id) : [...this.chosen, id]
    this.dispatchEvent(new CustomEvent<readonly string[]>('warren-picked', { detail: this.chosen }))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-people-picker': WarrenPeoplePicker
  }
}
