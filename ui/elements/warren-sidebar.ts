/** The left room: own face, search, contact requests, conversations. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './warren-avatar.ts'
import './warren-conversation-list.ts'
import './warren-joining.ts'
import './warren-requests.ts'
import { icon } from '../icons.ts'
import { go } from '../model/route.ts'
import { contacts, me } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons, fields } from '../styles/shared.ts'

@customElement('warren-sidebar')
@localized()
export class WarrenSidebar extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        background: var(--panel);
      }
      .top {
        display: flex;
        align-items: center;
        gap: 4px;
        padding: 12px 12px 4px 16px;
      }
      .title {
        flex: 1;
        font-size: 22px;
        font-weight: 700;
        letter-spacing: -0.02em;
        outline: none;
      }
      .me {
        border-radius: 50%;
        display: grid;
        place-items: center;
        width: 44px;
        height: 44px;
        margin-inline-end: -2px;
      }
      .me warren-avatar {
        --size: 34px;
      }
      .me:hover warren-avatar {
        filter: brightness(1.08);
      }
      .add {
        color: var(--brand-ink);
      }
      .search {
        position: relative;
        padding: 6px 14px 10px;
      }
      .search .icon {
        position: absolute;
        left: 27px;
        top: 17px;
        color: var(--ink-quiet);
        pointer-events: none;
      }
      .search input {
        padding-inline-start: 42px;
        background: var(--sunken);
        border-color: transparent;
        min-height: 42px;
      }
      input::-webkit-search-cancel-button {
        filter: grayscale(1);
        cursor: pointer;
      }
      .invite {
        display: none;
      }
      @media (max-width: 719px) {
        .invite {
          display: block;
          padding: 28px 28px;
          text-align: center;
          color: var(--ink-quiet);
          text-wrap: balance;
        }
        .invite .button {
          margin-top: 16px;
        }
      }
      .scroll {
        flex: 1;
        min-height: 0;
        overflow-y: auto;
        overscroll-behavior: contain;
        padding-bottom: env(safe-area-inset-bottom);
      }
    `,
  ]
  readonly #me = new SignalController(this, () => me.value)
  readonly #alone = new SignalController(this, () => contacts.value.size === 0)
  @state() filter = ''

  override render(): TemplateResult {
    const own = this.#me.value
    return html`<div class="top">
        <h1 class="title" tabindex="-1">Warren</h1>
        ${own?.archive === undefined ? this.#add() : nothing}
        <button
          type="button"
          class="icon-button add"
          data-testid="new-group-button"
          aria-label=${msg('New group')}
          title=${msg('New group')}
          @click=${() => go({ name: 'new-group' })}
        >
          ${icon('group')}
        </button>
        <button
          type="button"
          class="me"
          data-testid="open-settings"
          title=${msg('Settings')}
          @click=${() => go({ name: 'settings' })}
        >
          <warren-avatar .name=${own?.name ?? ''} .color=${own?.color ?? ''}></warren-avatar>
          <span class="visually-hidden">${msg('Settings')}</span>
        </button>
      </div>
      <div class="search" role="search">
        ${icon('search')}
        <input
          type="search"
          aria-label=${msg('Search conversations')}
          placeholder=${msg('Search')}
          .value=${this.filter}
          @input=${(event: InputEvent) => {
            this.filter = (event.target as HTMLInputElement).value
          }}
          @keydown=${(event: KeyboardEvent) => this.#onSearchKey(event)}
        />
      </div>
      <div class="scroll">
        <warren-requests kind="incoming" .filter=${this.filter}></warren-requests>
        <warren-joining .filter=${this.filter}></warren-joining>
        <warren-conversation-list .filter=${this.filter}></warren-conversation-list>
        ${this.#alone.value ? this.#invite() : nothing}
        <warren-requests kind="outgoing" .filter=${this.filter}></warren-requests>
      </div>`
  }

  /** After a step back on a phone, focus returns to the conversation that was open. */
  focusConversation(id: string): void {
    const list = this.renderRoot.querySelector('warren-conversation-list')
    if (id === '' || list?.focusConversation(id) !== true) this.renderRoot.querySelector('h1')?.focus()
  }

  /** The narrow page has no other room to say it in. */
  #add(): TemplateResult {
    return html`<button
      type="button"
      class="icon-button add"
      data-testid="add-someone"
      aria-label=${msg('Add someone')}
      title=${msg('Add someone')}
      @click=${() => go({ name: 'add', tab: 'nearby' })}
    >
      ${icon('add-person')}
    </button>`
  }

  #invite(): TemplateResult {
    return html`<div class="invite">
      <p>${msg('Add the first person: they may be on this network already. Until then, keep notes to yourself.')}</p>
      <button type="button" class="button primary" @click=${() => go({ name: 'add', tab: 'nearby' })}>
        ${icon('add-person')}${msg('Add someone')}
      </button>
    </div>`
  }

  #onSearchKey(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this.filter !== '') {
      event.preventDefault()
      this.filter = ''
    } else if (event.key === 'ArrowDown') {
      event.preventDefault()
      this.renderRoot.querySelector('warren-conversation-list')?.focusFirst()
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-sidebar': WarrenSidebar
  }
}
