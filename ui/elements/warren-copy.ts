/** A text to hand on, with a button that copies it. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { base, buttons } from '../styles/shared.ts'

@customElement('warren-copy')
@localized()
export class WarrenCopy extends LitElement {
  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: 4px;
        padding: 4px 4px 4px 14px;
        border-radius: 12px;
        background: var(--sunken);
      }
      .text {
        flex: 1;
        min-width: 0;
        user-select: all;
      }
      :host([clamp]) .text {
        white-space: nowrap;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      .label {
        display: block;
        font-size: 12.5px;
        color: var(--ink-quiet);
      }
      .done {
        color: var(--online);
      }
    `,
  ]
  @property() text = ''
  @property() label = ''
  /** One line, cut off: for long links. */
  @property({ type: Boolean, reflect: true }) clamp = false
  @state() done = false

  override render(): TemplateResult {
    const what = this.label === '' ? this.text : this.label
    return html`<span class="text mono">
        ${this.label === '' ? '' : html`<span class="label">${this.label}</span>`}<span data-testid="copy-text"
          >${this.text}</span
        >
      </span>
      <button
        type="button"
        class="icon-button ${this.done ? 'done' : ''}"
        aria-label=${this.done ? msg('Copied') : msg(str`Copy ${what}`)}
        title=${msg('Copy')}
        @click=${async () => await this.#copy()}
      >
        ${icon(this.done ? 'check' : 'copy')}
      </button>`
  }

  async #copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.text)
    } catch {
      this.#select() // no clipboard for this page: one keystroke is left to the person
      return
    }
    this.done = true
    announce(msg('Copied'))
    setTimeout(() => {
      this.done = false
    }, 1600)
  }

  #select(): void {
    const text = this.renderRoot.querySelector('[data-testid=copy-text]')
    if (text !== null) getSelection()?.selectAllChildren(text)
  }
}
