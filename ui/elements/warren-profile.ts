/** The owner's own card: name, status, colour. Saved as soon as a field is left. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './warren-avatar.ts'
import './warren-colors.ts'
import type { MePatch } from '../../protocol/http-people.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { me } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'

@customElement('warren-profile')
@localized()
export class WarrenProfile extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: block;
      }
      .top {
        display: flex;
        gap: 16px;
        align-items: center;
        margin-bottom: 18px;
      }
      .top > div {
        flex: 1;
        min-width: 0;
      }
      warren-avatar {
        --size: 72px;
      }
    `,
  ]
  readonly #me = new SignalController(this, () => me.value)
  @state() problem = ''

  override render(): TemplateResult {
    const own = this.#me.value
    return html`<div class="top">
        <warren-avatar .name=${own?.name ?? ''} .color=${own?.color ?? ''}></warren-avatar>
        <div>
          <label for="name">${msg('Name')}</label>
          <input
            id="name"
            type="text"
            dir="auto"
            maxlength="64"
            autocomplete="name"
            data-testid="own-name"
            .value=${own?.name ?? ''}
            @change=${async (event: Event) => await this.#rename(event)}
          />
        </div>
      </div>
      <div class="field">
        <label for="status">${msg('Status')}</label>
        <input
          id="status"
          type="text"
          dir="auto"
          maxlength="128"
          autocomplete="off"
          data-testid="own-status"
          placeholder=${msg('What are you up to?')}
          .value=${own?.status ?? ''}
          @change=${async (event: Event) => await this.#save({ status: (event.target as HTMLInputElement).value.trim() })}
        />
        <p class="hint">${msg('Your contacts see it.')}</p>
      </div>
      <warren-colors
        .color=${own?.color ?? ''}
        @warren-color=${async ({ detail }: CustomEvent<string>) => await this.#save({ color: detail })}
      ></warren-colors>
      ${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}`
  }

  async #rename(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement
    const name = input.value.trim()
    if (name === '') input.value = this.#me.value?.name ?? ''
    else await this.#save({ name })
  }

  async #save(change: MePatch): Promise<void> {
    try {
      me.value = await api.patchMe(change)
      this.problem = ''
      announce(msg('Saved'))
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }
}
