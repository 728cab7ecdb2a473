/** What was chosen for the next message, above the box that it is written in: how far each has come, and a way back. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { icon } from '../icons.ts'
import { chosenFor, detach } from '../model/attaching.ts'
import type { Upload } from '../model/uploads.ts'
import { SignalController } from '../signal-controller.ts'
import { fileStyles } from '../styles/files.ts'
import { base, buttons } from '../styles/shared.ts'
import { fileProblem, fileSize, fileTitle } from '../text/file-words.ts'

@customElement('warren-attaching')
@localized()
export class WarrenAttaching extends LitElement {
  static override styles = [
    base,
    buttons,
    fileStyles,
    css`
      ul {
        display: flex;
        gap: 8px;
        max-width: 860px;
        margin: 0 auto;
        padding: 0 4px 8px;
        overflow-x: auto;
      }
      li {
        flex: none;
        display: flex;
        align-items: center;
        gap: 8px;
        width: min(240px, 74vw);
        padding: 6px 4px 6px 8px;
        border-radius: 14px;
        background: var(--panel);
        border: 1px solid var(--line);
      }
      .sign img {
        width: 100%;
        height: 100%;
        object-fit: cover;
      }
      .about {
        font-size: 13px;
        color: var(--ink-quiet);
      }
      .name {
        color: var(--ink);
        font-weight: 600;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ]
  @property() conversation = ''
  readonly #chosen = new SignalController(this, () => chosenFor(this.conversation))

  override connectedCallback(): void {
    super.connectedCallback()
    this.#chosen.refresh()
  }

  override render(): TemplateResult | typeof nothing {
    const all = this.#chosen.value
    if (all.length === 0) return nothing
    return html`<ul aria-label=${msg('Files of the next message')} data-testid="attaching" tabindex="0">
      ${repeat(
        all,
        ({ key }) => key,
        (each) => this.#one(each),
      )}
    </ul>`
  }

  #one(chosen: Upload): TemplateResult {
    const { key, preview } = chosen
    const title = fileTitle(chosen)
    return html`<li>
      <span class="sign" aria-hidden="true"
        >${preview === undefined ? icon('file') : html`<img src=${preview.url} alt="" />`}</span
      >
      <span class="about"><bdi class="name">${title}</bdi>${this.#standing(chosen)}</span>
      <button
        type="button"
        class="round"
        aria-label=${msg(str`Remove ${title}`)}
        title=${msg('Remove')}
        @click=${() => detach(this.conversation, key)}
      >
        ${icon('close')}
      </button>
    </li>`
  }

  #standing({ size, sent, file, code, name }: Upload): TemplateResult {
    if (code !== undefined) return html`<span class="problem" role="alert">${fileProblem(code, size)}</span>`
    if (file !== undefined) return html`<span>${fileSize(size)}</span>`
    return html`<progress
      max=${Math.max(1, size)}
      .value=${sent}
      aria-label=${msg(str`${name}: being added`)}
    ></progress>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-attaching': WarrenAttaching
  }
}
