/** Asks for what a change of key slots needs: the current passphrase, a new one; and shows a new recovery key, this once. */

import { localized, msg } from '@lit/localize'
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-strength.ts'
import type { KeySlotKind, PassphraseStrength, UnlockRequest } from '../../protocol/http-access.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { dialogs } from '../styles/dialogs.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { typedSecret } from '../text/typed-secret.ts'
import { printSheet } from './print-sheet.ts'
import { currentSecret, secretField, type SecretField } from './secret-field.ts'

/** What is to be done with the slot of a kind. */
export interface SlotTask {
  readonly act: 'add' | 'remove'
  readonly kind: KeySlotKind
  readonly heading: string
  readonly text: string
  readonly action: string
  /** There is something that only the owner knows: they have to say it. */
  readonly needsCurrent: boolean
  readonly hasFile: boolean
}

@customElement('warren-slot-dialog')
@localized()
export class WarrenSlotDialog extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    dialogs,
    css`
      .check {
        display: flex;
        gap: 10px;
        align-items: flex-start;
        font-weight: 400;
        font-size: 14.5px;
        line-height: 1.4;
      }
      .check input {
        flex: none;
        width: 20px;
        height: 20px;
        margin: 0;
        accent-color: var(--brand);
      }
      .key {
        margin: 16px 0;
        padding: 14px;
        border-radius: 12px;
        background: var(--sunken);
        font-family: var(--mono);
        font-size: 16px;
        line-height: 1.7;
        text-align: center;
        overflow-wrap: normal;
        user-select: all;
      }
    `,
  ]
  @property({ attribute: false }) task: SlotTask | undefined
  @state() current = ''
  @state() passphrase = ''
  @state() again = ''
  @state() removeFile = true
  @state() strength: PassphraseStrength | undefined
  @state() recoveryKey = ''
  @state() busy = false
  @state() problem = ''

  override render(): TemplateResult {
    const { task } = this
    return html`<wa-dialog
      label=${task?.heading ?? ''}
      ?open=${task !== undefined}
      data-testid="slot-dialog"
      @wa-after-hide=${(event: Event) => {
        event.stopPropagation()
        this.#end()
      }}
    >
      ${task === undefined ? nothing : this.recoveryKey === '' ? this.#form(task) : this.#shown()}
    </wa-dialog>`
  }

  #form(task: SlotTask): TemplateResult {
    const isNew = task.act === 'add' && task.kind === 'passphrase'
    return html`<form @submit=${async (event: Event) => await this.#submit(event, task)}>
      <p class="text">${task.text}</p>
      ${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
      ${
        task.needsCurrent
          ? this.#field('current', currentSecret(), this.current, (text) => {
              this.current = text
            })
          : nothing
      }
      ${isNew ? this.#newPassphrase(task) : nothing}
      <div class="row-buttons">
        <button type="button" class="button" @click=${() => this.#end()}>${msg('Cancel')}</button>
        <button
          class="button ${task.act === 'remove' ? 'danger-fill' : 'primary'}"
          data-testid="slot-yes"
          ?disabled=${this.busy || !this.#isReady(task, isNew)}
        >
          ${this.busy ? msg('One moment…') : task.action}
        </button>
      </div>
    </form>`
  }

  #newPassphrase(task: SlotTask): TemplateResult {
    return html`${this.#field('new', msg('New passphrase'), this.passphrase, async (text) => await this.#type(text))}
      <warren-strength class="field" .strength=${this.strength}></warren-strength>
      ${this.#field('again', msg('Once more'), this.again, (text) => {
        this.again = text
      })}
      ${
        task.hasFile
          ? html`<label class="check"
              ><input
                type="checkbox"
                data-testid="remove-file"
                .checked=${this.removeFile}
                @change=${(event: Event) => {
                  this.removeFile = (event.target as HTMLInputElement).checked
                }}
              />
              <span
                >${msg('Ask for it at every start: the key file on this device is removed. Without this a copy of the whole folder stays open to whoever has it.')}</span
              ></label
            >`
          : nothing
      }`
  }

  #field(id: SecretField['id'], label: string, value: string, onType: SecretField['onType']): TemplateResult {
    const first = this.task?.needsCurrent === true ? 'current' : 'new'
    return secretField({
      id,
      testId: `slot-${id}`,
      label,
      value,
      isFirst: id === first,
      onType,
    })
  }

  #shown(): TemplateResult {
    return html`<p class="text">
        ${msg('Write it down or print it, and keep it away from this device. Whoever has it can open your history; without passphrase and recovery key nobody can, and nobody can help. It is shown this once.')}
      </p>
      <p class="key" data-testid="recovery-key">${this.recoveryKey.replaceAll('-', ' ')}</p>
      <div class="row-buttons">
        <button
          type="button"
          class="button"
          @click=${() => printSheet(msg('Warren recovery key'), [this.recoveryKey.replaceAll('-', ' ')])}
        >
          ${msg('Print')}
        </button>
        <button type="button" class="button primary" data-testid="written" @click=${() => this.#end()}>
          ${msg('I have it in a safe place')}
        </button>
      </div>`
  }

  #isReady(task: SlotTask, isNew: boolean): boolean {
    if (task.needsCurrent && this.current === '') return false
    return !isNew || (this.strength?.enough === true && this.passphrase === this.again)
  }

  /** The last answer counts, in whatever order they come. */
  async #type(text: string): Promise<void> {
    this.passphrase = text
    const strength = text === '' ? undefined : await api.strength(text).catch(() => undefined)
    if (this.passphrase === text) this.strength = strength
  }

  async #submit(event: Event, task: SlotTask): Promise<void> {
    event.preventDefault()
    this.busy = true
    this.problem = ''
    try {
      await this.#act(task, task.needsCurrent ? { current: typedSecret(this.current) } : {})
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    } finally {
      this.busy = false
    }
  }

  async #act({ act, kind, hasFile }: SlotTask, proof: { current?: UnlockRequest }): Promise<void> {
    if (act === 'remove') await api.removeKeySlot({ kind, ...proof })
    else if (kind === 'passphrase') {
      const { passphrase } = this
      await api.addKeySlot({ kind, passphrase, removeFile: hasFile && this.removeFile, ...proof })
    } else {
      const { recoveryKey } = await api.addKeySlot({ kind, ...proof })
      this.dispatchEvent(new Event('warren-changed'))
      if (recoveryKey !== undefined) {
        this.recoveryKey = recoveryKey
        return
      }
    }
    this.dispatchEvent(new Event('warren-changed'))
    this.#end()
  }

  /** Nothing secret stays in the element. */
  #end(): void {
    for (const name of ['current', 'passphrase', 'again', 'recoveryKey', 'problem'] as const) this[name] = ''
    this.strength = undefined
    this.removeFile = true
    this.dispatchEvent(new Event('warren-cancel'))
  }
}
