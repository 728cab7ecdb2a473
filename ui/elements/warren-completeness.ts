/** Whether everything of a conversation is here: what other devices say they hold. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Completeness } from '../../protocol/http-groups.ts'
import { Attempt } from '../attempt.ts'
import { groupsApi } from '../client/groups-api.ts'
import { icon } from '../icons.ts'
import { conversationOf } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { disclosures } from '../styles/disclosures.ts'
import { base, buttons, cards, fields } from '../styles/shared.ts'
import {
  completenessSentence,
  deviceSentence,
  unreadableSentence,
  type HeldDevice,
} from '../text/completeness-sentence.ts'
import { errorSentence } from '../text/error-sentence.ts'

@customElement('warren-completeness')
@localized()
export class WarrenCompleteness extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    cards,
    disclosures,
    css`
      :host {
        display: block;
      }
      .said {
        display: flex;
        gap: 10px;
        text-wrap: pretty;
      }
      .said .icon {
        margin-top: 1px;
        color: var(--online-ink);
      }
      .said.lacking .icon {
        color: var(--warn-ink);
      }
      .said + .said {
        margin-top: 8px;
      }
      li {
        display: flex;
        gap: 10px;
        padding: 8px 0;
        border-top: 1px solid var(--line);
      }
      li .icon {
        margin-top: 2px;
        color: var(--ink-quiet);
      }
      li.live .icon {
        color: var(--online-ink);
      }
      li > div {
        min-width: 0;
        overflow-wrap: anywhere;
      }
    `,
  ]
  @property() conversation = ''
  @state() known: Completeness | undefined
  readonly #attempt = new Attempt(this, errorSentence)
  /** Whatever changes in the conversation may change this. */
  readonly #changes = new SignalController(this, () => conversationOf(this.conversation))
  #seen: unknown

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('conversation')) {
      this.known = undefined
      this.#changes.refresh()
    }
    // Gone, or nothing is new.
    if (this.#changes.value === undefined || this.#seen === this.#changes.value || this.#attempt.busy) return
    this.#seen = this.#changes.value
    const { conversation } = this
    void this.#attempt.run(async () => {
      const known = await groupsApi.completeness(conversation)
      if (conversation === this.conversation) this.known = known
    })
  }

  /** Nothing until it is known: what cannot be told is not worth a card. */
  override render(): TemplateResult | typeof nothing {
    if (this.known === undefined) return nothing
    return html`<section class="card" aria-labelledby="heading" data-testid="completeness">
      <h2 id="heading">${msg('Is everything here?')}</h2>
      ${this.#attempt.shown()} ${this.#content(this.known)}
    </section>`
  }

  #content(known: Completeness): TemplateResult {
    const { devices, complete, unreadable } = known
    return html`<p class="said ${complete ? '' : 'lacking'}" data-testid="completeness-said">
        ${icon(complete ? 'check-double' : 'clock')}<span>${completenessSentence(known)}</span>
      </p>
      ${
        unreadable === 0
          ? nothing
          : html`<p class="said lacking">${icon('lock')}<span>${unreadableSentence(unreadable)}</span></p>`
      }
      ${
        devices.length === 0
          ? nothing
          : html`<details>
              <summary>${msg('Device by device')}</summary>
              <ul>
                ${devices.map((each) => this.#device(each))}
              </ul>
            </details>`
      }`
  }

  #device(device: HeldDevice): TemplateResult {
    return html`<li class=${device.linked ? 'live' : ''}>
      ${icon('device')}
      <div>
        <div><bdi>${device.person.name}</bdi></div>
        <div class="small quiet">${deviceSentence(device)}</div>
      </div>
    </li>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-completeness': WarrenCompleteness
  }
}
