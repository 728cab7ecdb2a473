/** A link into a group was found: its name, what joining means, and the wish itself. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import './warren-avatar.ts'
import type { GroupGlance } from '../../protocol/http-groups.ts'
import { Attempt } from '../attempt.ts'
import { groupsApi } from '../client/groups-api.ts'
import { announce } from '../model/announcer.ts'
import { loadJoining } from '../model/joining.ts'
import { go } from '../model/route.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { colorOf } from '../text/colors.ts'
import { errorSentence } from '../text/error-sentence.ts'

@customElement('warren-join')
@localized()
export class WarrenJoin extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: block;
        text-align: center;
      }
      warren-avatar {
        --size: 88px;
        margin: 8px auto 14px;
      }
      h3 {
        font-size: 21px;
        overflow-wrap: anywhere;
        outline: none;
      }
      .means {
        margin: 12px 0;
        color: var(--ink-quiet);
        text-wrap: pretty;
      }
      .error {
        text-align: start;
      }
      .row-buttons {
        margin-top: 20px;
      }
      .row-buttons .primary {
        flex: 1;
      }
    `,
  ]
  @property({ attribute: false }) group!: GroupGlance
  @property() link = ''
  readonly #attempt = new Attempt(this, errorSentence)

  override render(): TemplateResult {
    const { name, belongs, conversation } = this.group
    const shown = name === '' ? msg('Unnamed group') : name
    return html`<div data-testid="join">
      <warren-avatar group .name=${shown} .color=${colorOf(conversation)}></warren-avatar>
      <h3 tabindex="-1"><bdi>${shown}</bdi></h3>
      <p class="means">
        ${
          belongs
            ? msg('You belong to this group already.')
            : msg(
                'The link leads into this group. If you join, its members see your name and your devices. Any member who is online lets you in; until then Warren keeps asking.',
              )
        }
      </p>
      ${this.#attempt.shown()}
      <div class="row-buttons">
        <button
          type="button"
          class="button"
          @click=${() => this.dispatchEvent(new CustomEvent('warren-back', { bubbles: true, composed: true }))}
        >
          ${msg('Back')}
        </button>
        ${belongs ? this.#opening(conversation) : this.#joining()}
      </div>
    </div>`
  }

  protected override firstUpdated(): void {
    this.renderRoot.querySelector('h3')?.focus()
  }

  #opening(conversation: string): TemplateResult {
    return html`<button
      type="button"
      class="button primary"
      @click=${() => go({ name: 'chat', conversation }, { replace: true })}
    >
      ${msg('Open conversation')}
    </button>`
  }

  #joining(): TemplateResult {
    return html`<button
      type="button"
      class="button primary"
      data-testid="join-group"
      ?disabled=${this.#attempt.busy}
      @click=${async () => await this.#join()}
    >
      ${msg('Join')}
    </button>`
  }

  async #join(): Promise<void> {
    const joined = await this.#attempt.run(async () => await groupsApi.join(this.link))
    if (!joined) return
    void loadJoining()
    announce(msg('Joining'))
    go({ name: 'home' }, { replace: true })
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-join': WarrenJoin
  }
}
