/** What was chosen for the next message, above the box that it is written in: how far each has come, and a way back. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { icon } from '../icons.ts'
import { chosenFor, detach, type Chosen } from '../model/attaching.ts'
import { addressOf } from '../model/file-addresses.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { fileSize, fileTitle } from '../text/file-words.ts'

@customElement('warren-attaching')
@localized()
export class WarrenAttaching extends LitElement {
  static override styles = [
    base,
    buttons,
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
      .sign {
        flex: none;
        display: grid;
        place-items: center;
        width: 40px;
        height: 40px;
        border-radius: 10px;
        overflow: hidden;
        background: var(--sunken);
        color: var(--ink-quiet);
      }
      .sign img {
        width: 100%;
        height: 100%;
        object-fit: cover;
      }
      .about {
        flex: 1;
        min-width: 0;
        display: flex;
        flex-direction: column;
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
      .problem {
        color: var(--danger);
      }
      progress {
        width: 100%;
        height: 6px;
        accent-color: var(--brand);
      }
      .round {
        flex: none;
        display: grid;
        place-items: center;
        width: 44px;
        height: 44px;
        border-radius: 50%;
      }
      .round:hover {
        background: var(--sunken);
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

  #one(chosen: Chosen): TemplateResult {
    const { key, file } = chosen
    const title = fileTitle(chosen)
    return html`<li>
      <span class="sign" aria-hidden="true"
        >${file?.shows === 'picture' ? html`<img src=${addressOf(file)} alt="" />` : icon('file')}</span
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

  #standing({ size, sent, file, code, name }: Chosen): TemplateResult {
    if (code === 'TOO_LARGE')
      return html`<span class="problem" role="alert">${msg(str`Too large to send: ${fileSize(size)}`)}</span>`
    if (code !== undefined) return html`<span class="problem" role="alert">${errorSentence(code)}</span>`
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
