/** Saves everything in one sealed file: asks for its passphrase, and lets the browser save it. */

import { localized, msg, str } from '@lit/localize'
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './warren-strength.ts'
import type { PassphraseStrength } from '../../protocol/http-access.ts'
import type { BackupSize } from '../../protocol/http-backup.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { saveFrom } from '../client/save-from.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { endBackup, followBackup, savedBackup } from '../model/saved-backup.ts'
import { SignalController } from '../signal-controller.ts'
import { dialogs } from '../styles/dialogs.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { fileSize } from '../text/file-words.ts'
import { typedSecret } from '../text/typed-secret.ts'
import { currentSecret, secretField, type SecretField } from './secret-field.ts'

@customElement('warren-backup')
@localized()
export class WarrenBackup extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    dialogs,
    css`
      p {
        text-wrap: pretty;
      }
      .opener {
        margin: 14px 0;
      }
      .field {
        margin-top: 14px;
      }
      .check {
        display: flex;
        gap: 10px;
        margin-top: 14px;
        line-height: 1.45;
      }
      .check input {
        flex: none;
        width: 18px;
        height: 18px;
        margin: 2px 0 0;
        accent-color: var(--brand);
      }
      .course {
        display: flex;
        align-items: center;
        gap: 12px;
        margin: 8px 0 14px;
      }
      progress {
        flex: 1;
        min-width: 0;
        accent-color: var(--brand);
      }
      [role='status'] .icon {
        margin-inline-end: 8px;
      }
      code {
        display: inline-block;
        font-family: var(--mono);
        overflow-wrap: anywhere;
      }
    `,
  ]
  @state() isOpen = false
  @state() needsCurrent = false
  @state() size: BackupSize | undefined
  @state() files = false
  @state() current = ''
  @state() passphrase = ''
  @state() again = ''
  @state() strength: PassphraseStrength | undefined
  @state() busy = false
  @state() problem = ''
  readonly #saved = new SignalController(this, () => savedBackup.value)
  /** Counts what was asked for: what was called off meanwhile is not saved. */
  #asked = 0

  override render(): TemplateResult {
    return html`<p class="small quiet">
        ${msg('One sealed file with all messages, contacts and settings, and with files if you like, but not the key of this device. Keep it somewhere else.')}
      </p>
      <button
        type="button"
        class="button opener"
        data-testid="make-backup"
        aria-haspopup="dialog"
        @click=${async () => await this.#open()}
      >
        ${icon('download')}${msg('Make a backup…')}
      </button>
      <div class="small" role="status" data-testid="backup-state">${this.#course()}</div>
      <p class="small quiet">
        ${msg('A backup is restored in a terminal, into a new folder. There it can be read and exported, and with another device of yours or your 24 words it becomes a device of yours again.')}
        <code>warren restore ${msg('FILE')} --home ${msg('FOLDER')}</code>
      </p>
      ${this.#dialog()}`
  }

  #course(): TemplateResult | typeof nothing {
    const saved = this.#saved.value
    if (saved === undefined) return nothing
    const { id, about, given, state } = saved
    if (state === 'done')
      return html`<p>
        ${icon('check')}${msg(str`The browser has the whole file, of ${megabytes(given)} MB, and says when it is saved.`)}
      </p>`
    if (state === 'ended')
      return html`<p>
        ${icon('alert')}${msg('The backup was broken off. If the browser kept a part of it, delete that.')}
      </p>`
    const most = Math.max(about, given, 1)
    return html`<p>${msg(str`The browser is saving the file, of about ${megabytes(most)} MB.`)}</p>
      <div class="course">
        <progress max=${most} .value=${given} aria-label=${msg('How much is saved')}></progress>
        <button
          type="button"
          class="button"
          data-testid="backup-end"
          @click=${async () => await endBackup(id).catch(() => undefined)}
        >
          ${msg('Cancel')}
        </button>
      </div>`
  }

  #dialog(): TemplateResult {
    return html`<wa-dialog
      label=${msg('Make a backup')}
      ?open=${this.isOpen}
      data-testid="backup-dialog"
      @wa-after-hide=${(event: Event) => {
        event.stopPropagation()
        this.#end()
      }}
    >
      <form @submit=${async (event: Event) => await this.#submit(event)}>
        <p class="text">
          ${msg('Choose a passphrase for this file. Without it nobody can open the backup, and nobody can help.')}
        </p>
        ${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
        ${
          this.needsCurrent
            ? this.#field('current', currentSecret(), this.current, (text) => {
                this.current = text
              })
            : nothing
        }
        ${this.#field('new', msg('Passphrase of the backup'), this.passphrase, async (text) => await this.#type(text))}
        <warren-strength class="field" .strength=${this.strength}></warren-strength>
        ${this.#field('again', msg('Once more'), this.again, (text) => {
          this.again = text
        })}
        ${this.#files()}
        <div class="row-buttons">
          <button type="button" class="button" @click=${() => this.#end()}>${msg('Cancel')}</button>
          <button class="button primary" data-testid="backup-save" ?disabled=${this.busy || !this.#isReady}>
            ${this.busy ? msg('One moment…') : msg('Save')}
          </button>
        </div>
      </form>
    </wa-dialog>`
  }

  /** How large it will be, and whether pictures and the like go along. */
  #files(): TemplateResult | typeof nothing {
    if (this.size === undefined) return nothing
    const { about, files } = this.size
    const count = files.count === 1 ? msg('1 file') : msg(str`${files.count} files`)
    return html`${
        files.count === 0
          ? nothing
          : html`<label class="check"
              ><input
                type="checkbox"
                data-testid="backup-files"
                .checked=${this.files}
                @change=${(event: Event) => {
                  this.files = (event.target as HTMLInputElement).checked
                }}
              />
              <span
                >${msg(str`Save pictures and other files, too: ${count}, about ${fileSize(files.about)}`)}</span
              ></label
            >`
      }
      <p class="small quiet" data-testid="backup-size">
        ${msg(str`The backup will have about ${fileSize(Math.max(100_000, about + (this.files ? files.about : 0)))}.`)}
      </p>`
  }

  #field(id: SecretField['id'], label: string, value: string, onType: SecretField['onType']): TemplateResult {
    const first = this.needsCurrent ? 'current' : 'new'
    return secretField({
      id,
      testId: `backup-${id}`,
      label,
      value,
      isFirst: id === first,
      onType,
    })
  }

  get #isReady(): boolean {
    const isProven = !this.needsCurrent || this.current !== ''
    return isProven && this.strength?.enough === true && this.passphrase === this.again
  }

  async #open(): Promise<void> {
    this.size = await api.backupSize().catch(() => undefined)
    try {
      this.needsCurrent = (await api.keySlots()).some(({ kind }) => kind !== 'file')
    } catch {
      // The daemon says so itself if it is needed.
    }
    this.isOpen = true
  }

  /** The last answer counts, in whatever order they come. */
  async #type(text: string): Promise<void> {
    this.passphrase = text
    const strength = text === '' ? undefined : await api.strength(text).catch(() => undefined)
    if (this.passphrase === text) this.strength = strength
  }

  async #submit(event: Event): Promise<void> {
    event.preventDefault()
    if (this.busy || !this.#isReady) return
    this.busy = true
    this.problem = ''
    this.#asked += 1
    const asked = this.#asked
    try {
      const current = this.needsCurrent ? { current: typedSecret(this.current) } : {}
      const made = await api.makeBackup({ passphrase: this.passphrase, files: this.files, ...current })
      if (asked !== this.#asked) return await api.endBackup(made.id)
      saveFrom(made.link)
      followBackup(made)
      announce(msg('The browser is saving the file.'))
      this.#end()
    } catch (error) {
      if (asked === this.#asked) this.problem = errorSentence(apiErrorCode(error))
    } finally {
      if (asked === this.#asked) this.busy = false
    }
  }

  /** Nothing secret stays in the element, and what is being made is not saved. */
  #end(): void {
    this.#asked += 1
    this.busy = false
    for (const name of ['current', 'passphrase', 'again', 'problem'] as const) this[name] = ''
    this.strength = undefined
    this.files = false
    this.isOpen = false
  }
}

const megabytes = (bytes: number): string => Math.max(0.1, bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)

declare global {
  interface HTMLElementTagNameMap {
    'warren-backup': WarrenBackup
  }
}
