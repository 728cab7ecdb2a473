/** Whether a conversation may draw attention, and from when on again. */

import { localized, msg, str } from '@lit/localize'
import '@awesome.me/webawesome/dist/components/switch/switch.js'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Conversation, ConversationPatch } from '../../protocol/http-conversations.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { applyConversation } from '../model/apply.ts'
import { conversationOf } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { comingTime } from '../text/format-time.ts'

const hourMs = 3_600_000

@customElement('warren-mute')
@localized()
export class WarrenMute extends LitElement {
  static override styles = [
    base,
    fields,
    css`
      :host {
        display: block;
        margin-top: 14px;
      }
      .span {
        margin-top: 10px;
      }
    `,
  ]
  /** Of the conversation. */
  @property() conversation = ''
  @state() problem = ''
  readonly #conversation = new SignalController(this, () => conversationOf(this.conversation))

  override willUpdate(): void {
    this.#conversation.refresh()
  }

  override render(): TemplateResult | typeof nothing {
    const conversation = this.#conversation.value
    if (conversation === undefined) return nothing
    return html`<wa-switch
        data-testid="mute"
        .checked=${conversation.muted}
        @change=${async (event: Event) => await this.#patch({ muted: (event.target as HTMLInputElement).checked })}
        >${msg('Mute this conversation')}</wa-switch
      >
      ${conversation.muted ? this.#span(conversation) : nothing}
      ${this.problem === '' ? nothing : html`<p class="error" role="alert">${this.problem}</p>`}`
  }

  #span({ mutedUntil }: Conversation): TemplateResult {
    return html`<div class="span">
      <label for="span">${msg('For how long')}</label>
      <select id="span" data-testid="mute-span" @change=${async (event: Event) => await this.#choose(event)}>
        ${
          mutedUntil === undefined
            ? nothing
            : html`<option value="" selected>${msg(str`Until ${comingTime(mutedUntil)}`)}</option>`
        }
        <option value="always" ?selected=${mutedUntil === undefined}>${msg('Until I turn it off')}</option>
        <option value="1">${msg('For an hour')}</option>
        <option value="8">${msg('For 8 hours')}</option>
        <option value="168">${msg('For a week')}</option>
      </select>
    </div>`
  }

  async #choose(event: Event): Promise<void> {
    const select = event.target as HTMLSelectElement
    const { value } = select
    if (value === '') return
    await this.#patch({
      muted: true,
      ...(value === 'always' ? {} : { mutedUntil: Date.now() + Number(value) * hourMs }),
    })
    // What was chosen stands first from now on, as the moment at which it ends.
    await this.updateComplete
    select.value = this.#conversation.value?.mutedUntil === undefined ? 'always' : ''
  }

  async #patch(patch: ConversationPatch): Promise<void> {
    try {
      applyConversation(await api.patchConversation(this.conversation, patch))
      this.problem = ''
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-mute': WarrenMute
  }
}
