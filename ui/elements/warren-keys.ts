/** Lock and keys: what opens this home, when it locks itself, and a button that locks it now. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './warren-slot-dialog.ts'
import type { KeySlotInfo, KeySlotKind, LockPatch, LockSettings } from '../../protocol/http-access.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { icon } from '../icons.ts'
import { rowStyles } from '../styles/rows.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { dayText } from '../text/format-time.ts'
import { slotTask } from './slot-task.ts'
import type { SlotTask } from './warren-slot-dialog.ts'

const minutes: readonly LockPatch['idleMinutes'][] = [0, 5, 15, 60]

@customElement('warren-keys')
@localized()
export class WarrenKeys extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    rowStyles,
    css`
      li {
        flex-wrap: wrap;
        gap: 8px 12px;
        padding: 12px 0;
      }
      .what {
        flex-basis: 220px;
      }
      .what p:first-child {
        font-weight: 600;
      }
      .field {
        margin: 12px 0 16px;
      }
      .now {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 4px 12px;
      }
      .error {
        margin-bottom: 12px;
      }
    `,
  ]
  @state() slots: readonly KeySlotInfo[] | undefined
  @state() settings: LockSettings = { idleMinutes: 0, canLock: false }
  @state() task: SlotTask | undefined
  @state() problem = ''

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  override render(): TemplateResult {
    return html`${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
      <ul data-testid="key-slots">
        ${this.slots === undefined ? nothing : this.#rows()}
      </ul>
      ${this.#idle()}
      <div class="now">
        <button
          type="button"
          class="button"
          data-testid="lock-now"
          ?disabled=${!this.settings.canLock}
          @click=${async () => await this.#try(api.lock)}
        >
          ${icon('lock')}${msg('Lock now')}
        </button>
        ${this.settings.canLock ? nothing : html`<p class="small quiet">${msg('Set a passphrase first.')}</p>`}
      </div>
      <warren-slot-dialog
        .task=${this.task}
        @warren-changed=${async () => await this.#load()}
        @warren-cancel=${() => {
          this.task = undefined
        }}
      ></warren-slot-dialog>`
  }

  #rows(): TemplateResult[] {
    const madeOf = (kind: KeySlotKind): string => {
      const madeAt = this.#slot(kind)?.madeAt
      return madeAt === undefined ? '' : dayText(madeAt)
    }
    const rows: readonly (readonly [kind: KeySlotKind, name: string, there: string, missing: string])[] = [
      [
        'passphrase',
        msg('Passphrase'),
        msg(str`Set on ${madeOf('passphrase')}.`),
        msg('Not set. With one, and without the key file, a stolen disk shows nothing.'),
      ],
      [
        'file',
        msg('Key file'),
        msg('Warren starts without questions. A copy of the whole folder opens just as well.'),
        msg('Removed: every start asks for the passphrase.'),
      ],
      [
        'recovery',
        msg('Recovery key'),
        msg(str`Made on ${madeOf('recovery')}. It opens Warren if you forget the passphrase.`),
        msg('None. It opens Warren if you forget the passphrase: print it and keep it safe.'),
      ],
    ]
    return rows.map(([kind, name, there, missing]) => {
      const isThere = this.#slot(kind) !== undefined
      // A new recovery key could get lost before anybody has read it.
      const isFixed = isThere && (kind === 'file' || (kind === 'recovery' && this.slots?.length === 1))
      return html`<li>
        <div class="what">
          <p>${name}</p>
          <p class="small quiet">${isThere ? there : missing}</p>
        </div>
        ${isFixed ? nothing : this.#button('add', kind, name)}
        ${isThere && (this.slots?.length ?? 0) > 1 ? this.#button('remove', kind, name) : nothing}
      </li>`
    })
  }

  #button(act: 'add' | 'remove', kind: KeySlotKind, name: string): TemplateResult {
    const isThere = this.#slot(kind) !== undefined
    const add = isThere ? msg('Change') : kind === 'passphrase' ? msg('Set') : msg('Make')
    const text = act === 'remove' ? msg('Remove') : add
    const task = slotTask(act, kind, isThere, this.slots ?? [])
    return html`<button
      type="button"
      class="button ${act === 'remove' ? 'danger' : ''}"
      data-testid=${`${act}-${kind}`}
      aria-label=${`${text}: ${name}`}
      @click=${() => {
        this.task = task
      }}
    >
      ${text}
    </button>`
  }

  #idle(): TemplateResult {
    const { idleMinutes, canLock } = this.settings
    return html`<div class="field">
      <label for="idle">${msg('Lock by itself')}</label>
      <select
        id="idle"
        data-testid="idle"
        ?disabled=${!canLock}
        @change=${async (event: Event) => await this.#setIdle(Number((event.target as HTMLSelectElement).value))}
      >
        ${minutes.map(
          (each) =>
            html`<option value=${each} ?selected=${each === idleMinutes}>
              ${each === 0 ? msg('Never') : msg(str`After ${each} minutes without me`)}
            </option>`,
        )}
      </select>
    </div>`
  }

  #slot(wanted: KeySlotKind): KeySlotInfo | undefined {
    return this.slots?.find(({ kind }) => kind === wanted)
  }

  async #setIdle(value: number): Promise<void> {
    const idleMinutes = minutes.find((each) => each === value) ?? 0
    await this.#try(async () => {
      this.settings = await api.patchLock({ idleMinutes })
    })
  }

  async #load(): Promise<void> {
    await this.#try(async () => {
      ;[this.slots, this.settings] = await Promise.all([api.keySlots(), api.lockSettings()])
    })
  }

  async #try(act: () => Promise<void>): Promise<void> {
    try {
      await act()
      this.problem = ''
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }
}
