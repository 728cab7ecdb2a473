/** "Add someone": people nearby, by address or link, by camera, or by showing one's own code. */

import { localized, msg } from '@lit/localize'
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-address-form.ts'
import './warren-join.ts'
import './warren-nearby.ts'
import './warren-own-code.ts'
import './warren-request.ts'
import './warren-scan.ts'
import type { FoundDetail } from './look-at.ts'
import { icon } from '../icons.ts'
import { back, go, route } from '../model/route.ts'
import { wholeScreenDialogs } from '../styles/dialogs.ts'
import { base, buttons } from '../styles/shared.ts'

@customElement('warren-add')
@localized()
export class WarrenAdd extends LitElement {
  static override styles = [
    base,
    buttons,
    wholeScreenDialogs,
    css`
      wa-dialog {
        --width: min(520px, 100vw);
        --spacing: 20px;
      }
      wa-dialog::part(title) {
        font-size: 19px;
        font-weight: 700;
        letter-spacing: -0.01em;
      }
      wa-dialog::part(close-button__base) {
        min-width: 44px;
        min-height: 44px;
      }
      wa-dialog::part(body) {
        padding-top: 0;
        min-height: 380px;
      }
      .tabs {
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: 1fr;
        gap: 4px;
        padding: 4px;
        border-radius: 14px;
        background: var(--sunken);
        margin-bottom: 20px;
      }
      .tabs button {
        display: flex;
        flex-direction: column;
        align-items: center;
        justify-content: center;
        gap: 3px;
        min-height: 54px;
        padding: 6px 2px;
        border-radius: 11px;
        font-size: 13px;
        font-weight: 600;
        color: var(--ink-quiet);
      }
      .tabs button[aria-selected='true'] {
        background: var(--panel);
        color: var(--brand-ink);
        box-shadow: var(--shadow);
      }
    `,
  ]
  @property({ type: Boolean }) open = false
  @property() tab = 'nearby'
  @state() found: FoundDetail | undefined

  override render(): TemplateResult {
    return html`<wa-dialog
      label=${this.found?.group === undefined ? msg('Add someone') : msg('Join a group')}
      light-dismiss
      data-testid="add-dialog"
      ?open=${this.open}
      @wa-after-hide=${(event: Event) => this.#onClosed(event)}
      @warren-found=${(event: CustomEvent<FoundDetail>) => {
        this.found = event.detail
      }}
      @warren-back=${() => {
        this.found = undefined
      }}
    >
      ${this.open ? this.#content() : nothing}
    </wa-dialog>`
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('open') || changed.has('tab')) this.found = undefined
  }

  #content(): TemplateResult {
    if (this.found !== undefined) {
      const { group, link = '' } = this.found
      if (group !== undefined) return html`<warren-join .group=${group} .link=${link}></warren-join>`
      return html`<warren-request .peer=${this.found.peer} .link=${this.found.link ?? ''}></warren-request>`
    }
    const tabs = this.#tabs()
    return html`<div
        class="tabs"
        role="tablist"
        aria-label=${msg('Ways to add someone')}
        @keydown=${(event: KeyboardEvent) => this.#onKey(event)}
      >
        ${tabs.map(
          (each) =>
            html`<button
              type="button"
              role="tab"
              ?autofocus=${each.id === this.tab}
              id="tab-${each.id}"
              data-id=${each.id}
              aria-controls="panel"
              aria-selected=${each.id === this.tab}
              tabindex=${each.id === this.tab ? 0 : -1}
              @click=${() => this.#show(each.id)}
            >
              ${icon(each.icon)}${each.label}
            </button>`,
        )}
      </div>
      <div role="tabpanel" id="panel" aria-labelledby="tab-${this.tab}">${this.#panel()}</div>`
  }

  #tabs(): { id: string; icon: string; label: string }[] {
    return [
      { id: 'nearby', icon: 'nearby', label: msg('Nearby') },
      { id: 'address', icon: 'link', label: msg('Address') },
      { id: 'scan', icon: 'camera', label: msg('Scan') },
      { id: 'code', icon: 'qr', label: msg('My code') },
    ]
  }

  #panel(): TemplateResult {
    switch (this.tab) {
      case 'address':
        return html`<warren-address-form></warren-address-form>`
      case 'scan':
        return html`<warren-scan></warren-scan>`
      case 'code':
        return html`<warren-own-code></warren-own-code>`
      default:
        return html`<warren-nearby></warren-nearby>`
    }
  }

  #show(id: string): void {
    go({ name: 'add', tab: id }, { replace: true })
  }

  #onKey(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const ids = this.#tabs().map((each) => each.id)
    const next = ids.at((ids.indexOf(this.tab) + step) % ids.length) ?? 'nearby'
    this.#show(next)
    this.renderRoot.querySelector<HTMLElement>(`#tab-${next}`)?.focus()
  }

  #onClosed(event: Event): void {
    if (event.target === event.currentTarget && this.open && route.value.name === 'add') back({ name: 'home' })
  }
}
