/** How a group looks: a picture that is chosen, or none, above its colours. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-avatar.ts'
import type { ShownPicture } from './warren-avatar.ts'
import { icon } from '../icons.ts'
import { squarePicture } from '../model/square-picture.ts'
import { base, buttons, fields } from '../styles/shared.ts'

/** @fires warren-picture - with the picture that was chosen, a File; undefined is none. */
@customElement('warren-group-picture')
@localized()
export class WarrenGroupPicture extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: block;
        margin-bottom: 16px;
      }
      warren-avatar {
        --size: 76px;
        margin: 0 auto 12px;
      }
      .choices {
        display: flex;
        flex-wrap: wrap;
        justify-content: center;
        gap: 8px;
      }
    `,
  ]
  @property() name = ''
  @property() color = ''
  @property({ attribute: false }) picture: ShownPicture | undefined
  @state() isNone = false

  override render(): TemplateResult {
    return html`<warren-avatar group .name=${this.name} .color=${this.color} .picture=${this.picture}></warren-avatar>
      <div class="choices">
        <input
          type="file"
          accept="image/png,image/jpeg,image/webp,image/*"
          hidden
          @change=${async () => await this.#chosen()}
        />
        <button type="button" class="button" data-testid="choose-picture" @click=${() => this.#input?.click()}>
          ${icon('image')}${this.picture === undefined ? msg('Choose a picture') : msg('Choose another picture')}
        </button>
        ${
          this.picture === undefined
            ? nothing
            : html`<button type="button" class="button" data-testid="no-picture" @click=${() => this.#tell(undefined)}>
                ${icon('trash')}${msg('No picture')}
              </button>`
        }
      </div>
      ${
        this.isNone
          ? html`<p class="error" role="alert">
              ${icon('alert')}<span>${msg('That is no picture that can be shown here.')}</span>
            </p>`
          : nothing
      }`
  }

  get #input(): HTMLInputElement | null {
    return this.renderRoot.querySelector('input')
  }

  async #chosen(): Promise<void> {
    const input = this.#input
    const file = input?.files?.[0]
    if (input === null || file === undefined) return
    // The same again is a choice, too.
    input.value = ''
    const picture = await squarePicture(file)
    this.isNone = picture === undefined
    if (picture !== undefined) this.#tell(picture)
  }

  #tell(picture: File | undefined): void {
    this.isNone = false
    this.dispatchEvent(new CustomEvent<File | undefined>('warren-picture', { detail: picture }))
    if (picture === undefined) this.renderRoot.querySelector<HTMLElement>('[data-testid="choose-picture"]')?.focus()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-group-picture': WarrenGroupPicture
  }
}
