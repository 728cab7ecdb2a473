/** Saves a conversation outside of Warren, after a dialog that says what that means. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import type { Conversation, ConversationKind, ExportWish } from '../../protocol/http-conversations.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { saveFrom } from '../client/save-from.ts'
import { icon } from '../icons.ts'
import { language } from '../locale.ts'
import { announce } from '../model/announcer.ts'
import { contactOf, conversationOf } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { dialogs } from '../styles/dialogs.ts'
import { base, buttons } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { conversationName, isolated } from '../text/names.ts'

function labelOf(kind: ConversationKind, name: string): string {
  if (kind === 'self') return msg('Export your notes')
  return kind === 'group' ? msg(str`Export the group ${name}`) : msg(str`Export the conversation with ${name}`)
}

@customElement('warren-export')
@localized()
export class WarrenExport extends LitElement {
  static override styles = [
    base,
    buttons,
    dialogs,
    css`
      :host {
        display: block;
      }
      /* As its neighbours among the actions of the details. */
      .opener {
        width: 100%;
        justify-content: flex-start;
        padding-inline: 10px;
        background: transparent;
      }
      fieldset {
        border: 0;
        padding: 0;
        margin: 0 0 16px;
      }
      legend {
        padding: 0;
        margin-bottom: 6px;
        font-weight: 600;
      }
      .choice {
        display: flex;
        gap: 12px;
        align-items: flex-start;
        min-height: 44px;
        padding: 8px 0;
        cursor: pointer;
      }
      .choice input {
        flex: none;
        width: 20px;
        height: 20px;
        margin: 2px 0 0;
        accent-color: var(--brand);
      }
      .choice small {
        display: block;
        color: var(--ink-quiet);
        font-size: 14px;
        text-wrap: pretty;
      }
      .warning {
        display: flex;
        gap: 10px;
        align-items: flex-start;
        text-wrap: pretty;
      }
      .warning .icon {
        flex: none;
        margin-top: 2px;
        color: var(--warn-ink);
      }
    `,
  ]
  @property() conversation = ''
  /** Only its sign: where there is no room for words. */
  @property({ type: Boolean }) compact = false
  @state() isOpen = false
  @state() isBusy = false
  @state() format: ExportWish['format'] = 'html'
  @state() problem = ''
  readonly #conversation = new SignalController(this, () => conversationOf(this.conversation))

  override willUpdate(): void {
    this.#conversation.refresh()
  }

  override render(): TemplateResult | typeof nothing {
    const conversation = this.#conversation.value
    if (conversation === undefined) return nothing
    return html`${this.#opener()}${this.#dialog(conversation)}`
  }

  #opener(): TemplateResult {
    const label = msg('Export…')
    const look = this.compact ? 'icon-button' : 'button opener'
    return html`<button
      type="button"
      class=${look}
      data-testid="export-conversation"
      aria-haspopup="dialog"
      aria-label=${this.compact ? label : nothing}
      title=${this.compact ? label : nothing}
      @click=${() => this.#open()}
    >
      ${icon('download')}${this.compact ? nothing : label}
    </button>`
  }

  #open(): void {
    this.problem = ''
    this.format = 'html'
    this.isOpen = true
  }

  #dialog(conversation: Conversation): TemplateResult {
    const name = isolated(conversationName(conversation, contactOf(conversation)))
    return html`<wa-dialog
      label=${labelOf(conversation.kind, name)}
      ?open=${this.isOpen}
      data-testid="export-dialog"
      @wa-after-hide=${(event: Event) => {
        event.stopPropagation()
        this.isOpen = false
      }}
    >
      <fieldset>
        <legend>${msg('Save as')}</legend>
        ${this.#choice('html', msg('A page to read (HTML)'), msg('Opens in any browser, and prints. It proves nothing.'))}
        ${this.#choice(
          'json',
          msg('A file that can be checked (JSON)'),
          msg('With it anybody can prove who wrote what: it holds the signatures and devices of everyone in it.'),
        )}
      </fieldset>
      <p class="warning">
        ${icon('alert')}<span
          >${msg('The file leaves the protection of Warren. It is not encrypted, no lock covers it, and it stays when you delete the conversation here.')}</span
        >
      </p>
      ${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
      <div class="row-buttons">
        <button type="button" class="button" @click=${() => this.#close()}>${msg('Cancel')}</button>
        <button
          type="button"
          class="button primary"
          data-testid="export-save"
          @click=${async () => await this.#save(conversation)}
        >
          ${msg('Save')}
        </button>
      </div>
    </wa-dialog>`
  }

  #choice(format: ExportWish['format'], label: string, hint: string): TemplateResult {
    return html`<label class="choice"
      ><input
        type="radio"
        name="format"
        value=${format}
        aria-describedby="hint-${format}"
        .checked=${this.format === format}
        ?autofocus=${format === 'html'}
        @change=${() => {
          this.format = format
        }}
      /><span>${label}<small id="hint-${format}">${hint}</small></span></label
    >`
  }

  #close(): void {
    this.isOpen = false
  }

  async #save({ id }: Conversation): Promise<void> {
    // Not switched off meanwhile: a button that is loses the focus.
    if (this.isBusy) return
    this.isBusy = true
    try {
      const wish: ExportWish = { format: this.format, language: language() === 'de' ? 'de' : 'en' }
      saveFrom((await api.exportLink(id, wish)).link)
      this.#close()
      announce(msg('The browser is saving the file.'))
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    } finally {
      this.isBusy = false
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-export': WarrenExport
  }
}
