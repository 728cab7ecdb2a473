/** Groups that the owner wants to join by link: who is still looked for, and why it failed. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import './warren-avatar.ts'
import type { Joining } from '../../protocol/http-groups.ts'
import { Attempt } from '../attempt.ts'
import { groupsApi } from '../client/groups-api.ts'
import { icon } from '../icons.ts'
import { joining, loadJoining } from '../model/joining.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { colorOf } from '../text/colors.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { isolated } from '../text/names.ts'

@customElement('warren-joining')
@localized()
export class WarrenJoining extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: block;
      }
      section {
        padding: 0 14px 8px;
      }
      h2 {
        font-size: 13px;
        font-weight: 600;
        color: var(--ink-quiet);
        padding: 6px 4px;
      }
      li {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 60px;
        padding: 4px;
      }
      warren-avatar {
        --size: 40px;
      }
      .what {
        flex: 1;
        min-width: 0;
      }
      .name {
        font-weight: 600;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .over {
        color: var(--danger);
      }
    `,
  ]
  @property() filter = ''
  readonly #joining = new SignalController(this, () => joining.value)
  #count = 0
  readonly #attempt = new Attempt(this, errorSentence)

  override render(): TemplateResult | typeof nothing {
    const wanted = this.filter.trim().toLocaleLowerCase()
    const shown = this.#joining.value.filter(({ name }) => name.toLocaleLowerCase().includes(wanted))
    if (shown.length === 0) return nothing
    return html`<section aria-labelledby="heading" data-testid="joining">
      <h2 id="heading">${msg('Joining')}</h2>
      <ul>
        ${shown.map((each) => html`<li>${this.#entry(each)}</li>`)}
      </ul>
      ${this.#attempt.shown()}
    </section>`
  }

  /** What is new is seen, wherever the list was. */
  protected override updated(): void {
    const count = this.#joining.value.length
    if (count > this.#count) this.scrollIntoView({ block: 'nearest' })
    this.#count = count
  }

  #entry(each: Joining): TemplateResult {
    const name = each.name === '' ? msg('Unnamed group') : each.name
    const isAsking = each.state === 'asking'
    const label = isAsking ? msg(str`Give up joining ${isolated(name)}`) : msg(str`Put ${isolated(name)} away`)
    return html`<warren-avatar group .name=${name} .color=${colorOf(each.conversation)}></warren-avatar>
      <div class="what" role="status">
        <div class="name"><bdi>${name}</bdi></div>
        <div class="small ${isAsking ? 'quiet' : 'over'}">${this.#state(each)}</div>
      </div>
      <button
        type="button"
        class="icon-button"
        data-testid="give-up"
        aria-label=${label}
        title=${label}
        ?disabled=${this.#attempt.busy}
        @click=${async () => await this.#giveUp(each)}
      >
        ${icon('close')}
      </button>`
  }

  #state({ state }: Joining): string {
    switch (state) {
      case 'asking':
        return msg('Looking for a member who is online…')
      case 'not-valid':
        return msg('The link was used up or taken back.')
      case 'expired':
        return msg('The link has expired.')
      case 'removed':
        return msg('You were removed from this group: a link does not let you in again.')
    }
    return state satisfies never
  }

  async #giveUp({ conversation }: Joining): Promise<void> {
    await this.#attempt.run(async () => await groupsApi.giveUp(conversation))
    await loadJoining()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-joining': WarrenJoining
  }
}
