/** Asks before the owner begins anew with other words: what becomes of contacts and groups, and the passphrase where there is one. */

import { localized, msg } from '@lit/localize'
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { writeRoute } from '../model/route.ts'
import { conversations } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { dialogs } from '../styles/dialogs.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { typedSecret } from '../text/typed-secret.ts'
import { currentSecret, secretField } from './secret-field.ts'

@customElement('warren-begin-anew')
@localized()
export class WarrenBeginAnew extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    dialogs,
    css`
      ul {
        margin: 8px 0 14px;
        padding-inline-start: 22px;
      }
      li {
        overflow-wrap: anywhere;
        line-height: 1.6;
      }
    `,
  ]
  readonly #groups = new SignalController(this, () =>
    [...conversations.value.values()].filter(({ group }) => group?.standing === 'joined'),
  )
  @property({ type: Boolean }) open = false
  @state() asksContacts = true
  @state() needsCurrent = false
  @state() current = ''
  @state() busy = false
  @state() problem = ''

  override render(): TemplateResult {
    return html`<wa-dialog
      label=${msg('Begin anew with other words?')}
      ?open=${this.open}
      data-testid="anew-dialog"
      @wa-after-hide=${(event: Event) => {
        event.stopPropagation()
        this.#end()
      }}
    >
      <form @submit=${async (event: Event) => await this.#submit(event)}>
        <p class="text">
          ${msg('What was said so far stays here, to be read. You become somebody else to everybody until they follow you. This cannot be taken back.')}
        </p>
        ${
          this.asksContacts
            ? nothing
            : html`<p class="text" data-testid="anew-alone">
                ${icon('alert')}${msg('The log of your devices is full: your contacts cannot be asked to follow. They get a request of somebody new; tell them yourself that it is you.')}
              </p>`
        }
        ${this.#left()}
        ${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
        ${this.needsCurrent ? this.#field() : nothing}
        <div class="row-buttons">
          <button type="button" class="button" ?autofocus=${!this.needsCurrent} @click=${() => this.#end()}>
            ${msg('Cancel')}
          </button>
          <button
            class="button danger-fill"
            data-testid="anew-yes"
            ?disabled=${this.busy || (this.needsCurrent && this.current === '')}
          >
            ${this.busy ? msg('One moment…') : msg('Begin anew')}
          </button>
        </div>
      </form>
    </wa-dialog>`
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('open') && this.open) void this.#begin()
  }

  /** Groups in which nobody can speak for the owner any more. */
  #left(): TemplateResult | typeof nothing {
    const groups = this.#groups.value
    if (groups.length === 0) return nothing
    return html`<p class="text">
        ${msg('You stay behind in these groups: nobody can speak for you there any more, and somebody there has to bring you in again. If you want to leave one, or hand it over, do it first.')}
      </p>
      <ul data-testid="anew-groups">
        ${groups.map(
          ({ id, title, group }) =>
            html`<li>
              <a href=${writeRoute({ name: 'details', conversation: id })} @click=${() => this.#end()}
                ><bdi>${title}</bdi></a
              >
              ${group?.rights.transfer === true ? html`<span class="quiet">· ${msg('it is yours')}</span>` : nothing}
            </li>`,
        )}
      </ul>`
  }

  #field(): TemplateResult {
    return secretField({
      id: 'current',
      testId: 'anew-current',
      label: currentSecret(),
      value: this.current,
      isFirst: true,
      onType: (text) => {
        this.current = text
      },
    })
  }

  async #begin(): Promise<void> {
    try {
      this.needsCurrent = (await api.keySlots()).some(({ kind }) => kind !== 'file')
      this.asksContacts = (await api.beginningAnew()).asksContacts
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault()
    if (this.busy) return
    this.busy = true
    this.problem = ''
    try {
      await api.beginAnew(this.needsCurrent ? { current: typedSecret(this.current) } : {})
      this.#end()
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    } finally {
      this.busy = false
    }
  }

  /** Nothing secret stays in the element. */
  #end(): void {
    this.current = ''
    this.problem = ''
    this.dispatchEvent(new Event('warren-cancel'))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-begin-anew': WarrenBeginAnew
  }
}
