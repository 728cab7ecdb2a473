/** Finds another person by the QR code of their contact link. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './warren-camera.ts'
import './warren-look-problem.ts'
import type { ApiErrorCode } from '../client/api-error.ts'
import { base } from '../styles/shared.ts'
import { lookAt, tellFound } from './look-at.ts'

@customElement('warren-scan')
@localized()
export class WarrenScan extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 14px;
      }
    `,
  ]
  @state() busy = false
  @state() problem: { code: ApiErrorCode; link: string } | undefined

  override render(): TemplateResult {
    return html`<warren-camera
        .hint=${msg('Hold the code of the other person in front of the camera.')}
        @warren-code=${async (event: CustomEvent<string>) => await this.#look(event.detail)}
      ></warren-camera>
      ${this.busy ? html`<p class="quiet" role="status">${msg('Code read. Looking…')}</p>` : nothing}
      ${
        this.problem === undefined
          ? nothing
          : html`<warren-look-problem .code=${this.problem.code} .link=${this.problem.link}></warren-look-problem>`
      }`
  }

  async #look(text: string): Promise<void> {
    if (this.busy) return
    // Any other code could make this device dial wherever its author likes.
    if (!/^warren:/i.test(text.trim())) {
      this.problem = { code: 'BAD_LINK', link: '' }
      return
    }
    this.busy = true
    this.problem = undefined
    const result = await lookAt(text)
    this.busy = false
    if ('found' in result) tellFound(this, result.found)
    else this.problem = result
  }
}
