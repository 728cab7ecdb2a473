/** What the owner ticks before this becomes a device of theirs: which devices are lost, and whether who answered is asked to be a contact. */

import { msg, str } from '@lit/localize'
import { html, type TemplateResult } from 'lit'
import type { LostDevice, RecoverySource } from '../../protocol/http-recovery.ts'
import { dayText } from '../text/format-time.ts'
import { isolated } from '../text/names.ts'

export interface Tick {
  readonly checked: boolean
  readonly change: (checked: boolean) => void
}

const changed =
  ({ change }: Tick) =>
  (event: Event): void =>
    change((event.target as HTMLInputElement).checked)

/** By name, if it is known, and always by the fingerprint of the device. */
export const answererName = ({ name, fingerprint }: RecoverySource): string =>
  name === '' ? fingerprint : `${isolated(name)} · ${fingerprint}`

export const lostDevice = ({ fingerprint, name, addedAt, here }: LostDevice, tick: Tick): TemplateResult =>
  html`<label class="check">
    <input type="checkbox" ?disabled=${here} .checked=${tick.checked} @change=${changed(tick)} />
    <span
      >${name === '' ? fingerprint : `${name} · ${fingerprint}`}<br /><span class="small quiet"
        >${here ? msg('It answered just now') : msg(str`Since ${dayText(addedAt)}`)}</span
      ></span
    >
  </label>`

/** Nobody is there who knows of newer words: what that may lead to is read and ticked before anything is written. */
export const goAlone = (tick: Tick): TemplateResult =>
  html`<p>
      ${msg('Nobody answered who knows whether these words still count. If they were replaced since this home is from, going on makes two histories of your devices, of which one holds in the end, for everybody: this device may be shut out again, or the ones that you have today are. So if you can, cancel, and go on near a contact or another device of yours, or with its address.')}
    </p>
    <label class="check">
      <input type="checkbox" data-testid="recovery-alone" .checked=${tick.checked} @change=${changed(tick)} />
      <span>${msg('These are my newest words: go on without asking anybody')}</span>
    </label>`

/** Whoever answers may be somebody whom the owner no longer wanted: nothing is asked of them unless the owner says so. */
export const askAnswerer = (from: RecoverySource, tick: Tick): TemplateResult =>
  html`<label class="check">
    <input type="checkbox" data-testid="recovery-ask" .checked=${tick.checked} @change=${changed(tick)} />
    <span>${msg(str`Ask ${answererName(from)} to be your contact`)}</span>
  </label>`
