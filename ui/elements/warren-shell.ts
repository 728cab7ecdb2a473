/** The rooms of the page side by side: the list, the chat, the details; one at a time on a phone. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import { keyed } from 'lit/directives/keyed.js'
import './warren-banner.ts'
import './warren-chat.ts'
import './warren-nothing-open.ts'
import './warren-sidebar.ts'
import type { WarrenDetails } from './warren-details.ts'
import { fetchRest, fetchRestLater } from './later.ts'
import { back, go, route, type Route } from '../model/route.ts'
import { connectionState, conversations } from '../model/state.ts'
import { narrow } from '../model/window-size.ts'
import { SignalController } from '../signal-controller.ts'
import { base } from '../styles/shared.ts'

const isDialog = ({ name }: Route): boolean => name === 'add' || name === 'new-group'
/** Only the list is open, with a dialog over it perhaps. */
const isListed = (here: Route): boolean => here.name === 'home' || isDialog(here)

@customElement('warren-shell')
@localized()
export class WarrenShell extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: flex;
        flex-direction: column;
        height: 100%;
      }
      .rooms {
        flex: 1;
        min-height: 0;
        display: flex;
      }
      warren-sidebar {
        width: clamp(300px, 28vw, 380px);
        flex: none;
        border-inline-end: 1px solid var(--line);
      }
      main {
        flex: 1;
        min-width: 0;
        display: flex;
        position: relative;
      }
      main > * {
        flex: 1;
        min-width: 0;
      }
      main > .beside {
        flex: 0 0 360px;
        border-inline-start: 1px solid var(--line);
      }
      @media (max-width: 1099px) {
        main.with-details > warren-chat {
          display: none;
        }
        main > .beside {
          flex: 1;
          border: 0;
        }
      }
      @media (max-width: 719px) {
        warren-sidebar {
          width: 100%;
          border: 0;
        }
        .rooms.deep > warren-sidebar,
        .rooms:not(.deep) > main {
          display: none;
        }
      }
    `,
  ]
  readonly #route = new SignalController(this, () => route.value)
  readonly #narrow = new SignalController(this, () => narrow.value)
  readonly #ready = new SignalController(this, () => conversations.value.size > 0)
  readonly #all = new SignalController(this, () => conversations.value)
  readonly #isOnline = new SignalController(this, () => connectionState.value === 'online')
  #before: Route = { name: 'home' }

  override connectedCallback(): void {
    super.connectedCallback()
    addEventListener('keydown', this.#onKey)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('keydown', this.#onKey)
  }

  override render(): TemplateResult {
    const here = this.#route.value
    const deep = !isListed(here)
    return html`<warren-banner></warren-banner>
      <div class="rooms ${deep ? 'deep' : ''}">
        <warren-sidebar
          role=${this.#narrow.value ? 'main' : 'complementary'}
          aria-label=${msg('People')}
        ></warren-sidebar>
        <main class=${here.name === 'details' ? 'with-details' : ''} aria-label=${msg('Conversation')}>
          ${this.#room(here)}
        </main>
      </div>
      <warren-new-group
        ?open=${here.name === 'new-group'}
        @wa-after-hide=${async () => await this.#afterDialog()}
      ></warren-new-group>
      <warren-add ?open=${here.name === 'add'} .tab=${here.name === 'add' ? here.tab : 'nearby'}></warren-add>`
  }

  protected override updated(): void {
    const here = this.#route.value
    if (here.name !== 'home' && here.name !== 'chat') void fetchRest()
    else if (this.#isOnline.value) fetchRestLater()
    if (here !== this.#before) void this.#moveFocus(this.#before, here)
    this.#before = here
  }

  #room(here: Route): TemplateResult {
    if (here.name === 'person') return html`<warren-details .contact=${here.contact}></warren-details>`
    if (here.name === 'settings') return html`<warren-settings></warren-settings>`
    if (!('conversation' in here)) return html`<warren-nothing-open></warren-nothing-open>`
    if (!this.#ready.value) return html`<div></div>`
    return html`${keyed(here.conversation, html`<warren-chat .conversation=${here.conversation}></warren-chat>`)}
    ${here.name === 'details' ? this.#details(here.conversation) : nothing}`
  }

  #details(conversation: string): TemplateResult {
    return this.#all.value.get(conversation)?.kind === 'group'
      ? html`<warren-group-details class="beside" .conversation=${conversation}></warren-group-details>`
      : html`<warren-details class="beside" .conversation=${conversation}></warren-details>`
  }

  /** While a dialog fades away nothing below it can be focused. */
  async #afterDialog(): Promise<void> {
    if (this.#route.value.name !== 'chat') return
    await this.renderRoot.querySelector('warren-chat')?.focusStart(this.#narrow.value)
  }

  /** On a phone the room changes under the finger: a screen reader must land in the new one. */
  async #moveFocus(from: Route, to: Route): Promise<void> {
    if (isDialog(to) || isDialog(from)) return
    const list = this.renderRoot.querySelector('warren-sidebar')
    if (to.name === 'home') list?.focusConversation('conversation' in from ? from.conversation : '')
    else if (to.name === 'chat') await this.renderRoot.querySelector('warren-chat')?.focusStart(this.#narrow.value)
    else if (!(await fetchRest())) return
    else if (to.name === 'settings') await this.renderRoot.querySelector('warren-settings')?.focusStart()
    else await this.renderRoot.querySelector<WarrenDetails>('warren-details, warren-group-details')?.focusStart()
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented) return
    if (event.composedPath().some((each) => each instanceof HTMLDialogElement)) return // it closes the dialog
    const here = this.#route.value
    if (here.name === 'details') back({ name: 'chat', conversation: here.conversation })
    else if (!isListed(here)) go({ name: 'home' })
  }
}
