/** Deletes a conversation on this device, after a question that says what that means. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-confirm.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { forgetConversation } from '../model/apply.ts'
import { go } from '../model/route.ts'
import { contactOf, conversationOf } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { conversationName, isolated } from '../text/names.ts'

/** What is asked before, and what it says that the deletion means. */
function question(conversation: Conversation): { heading: string; text: string } {
  const name = isolated(conversationName(conversation, contactOf(conversation)))
  switch (conversation.kind) {
    case 'self':
      return {
        heading: msg('Delete all notes?'),
        text: msg('All notes on this device are deleted for good. Nobody can bring them back.'),
      }
    case 'group':
      return {
        heading: msg(str`Delete ${name} on this device?`),
        text: msg(
          'All its messages are deleted on this device, for good: nobody can bring them back here. The others keep theirs.',
        ),
      }
    case 'direct':
      return {
        heading: msg(str`Delete the conversation with ${name}?`),
        text: msg(
          str`All its messages are deleted on this device, for good: nobody can bring them back here. ${name} keeps theirs. If one of you writes again, it begins anew.`,
        ),
      }
  }
  return conversation.kind satisfies never
}

@customElement('warren-delete')
@localized()
export class WarrenDelete extends LitElement {
  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: block;
      }
      /* As its neighbours among the actions of the details. */
      .button {
        width: 100%;
        justify-content: flex-start;
        padding-inline: 10px;
        background: transparent;
      }
    `,
  ]
  @property() conversation = ''
  /** Only its sign: where there is no room for words. */
  @property({ type: Boolean }) compact = false
  @state() isAsking = false
  @state() isBusy = false
  @state() problem = ''
  readonly #conversation = new SignalController(this, () => conversationOf(this.conversation))

  override willUpdate(): void {
    this.#conversation.refresh()
  }

  override render(): TemplateResult | typeof nothing {
    const conversation = this.#conversation.value
    if (conversation === undefined) return nothing
    const label = conversation.kind === 'self' ? msg('Delete all notes') : msg('Delete conversation')
    return html`${this.compact ? this.#sign(label) : this.#button(label)}
    ${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
    ${this.#confirm(conversation, label)}`
  }

  #button(label: string): TemplateResult {
    return html`<button
      type="button"
      class="button danger"
      data-testid="delete-conversation"
      ?disabled=${this.isBusy}
      @click=${() => this.#ask()}
    >
      ${icon('trash')}${this.isBusy ? msg('Deleting…') : label}
    </button>`
  }

  #sign(label: string): TemplateResult {
    return html`<button
      type="button"
      class="icon-button"
      data-testid="delete-conversation"
      aria-label=${label}
      title=${label}
      ?disabled=${this.isBusy}
      @click=${() => this.#ask()}
    >
      ${icon('trash')}
    </button>`
  }

  #ask(): void {
    this.problem = ''
    this.isAsking = true
  }

  #confirm(conversation: Conversation, label: string): TemplateResult {
    const { heading, text } = question(conversation)
    return html`<warren-confirm
      ?open=${this.isAsking}
      .heading=${heading}
      .text=${text}
      .action=${label}
      @warren-cancel=${() => {
        this.isAsking = false
      }}
      @warren-confirm=${async () => {
        this.isAsking = false
        await this.#delete(conversation)
      }}
    ></warren-confirm>`
  }

  async #delete(conversation: Conversation): Promise<void> {
    this.isBusy = true
    try {
      await api.deleteConversation(conversation.id)
      if (conversation.kind !== 'self') {
        forgetConversation(conversation.id)
        go({ name: 'home' }, { replace: true })
      }
      announce(msg('Deleted'))
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    } finally {
      this.isBusy = false
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-delete': WarrenDelete
  }
}
