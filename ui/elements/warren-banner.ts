/** The state of things whenever it is not simply well: one line above everything, gone by itself. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import { icon } from '../icons.ts'
import { go } from '../model/route.ts'
import { reconnectNow } from '../model/start.ts'
import { connectionState, me } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons } from '../styles/shared.ts'
import { dayText } from '../text/format-time.ts'

const openSettings = (): void => go({ name: 'settings' })

@customElement('warren-banner')
@localized()
export class WarrenBanner extends LitElement {
  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: block;
      }
      .banner {
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 8px 16px;
        min-height: 48px;
        background: var(--warn-soft);
        color: var(--ink);
        font-size: 14px;
        border-bottom: 1px solid var(--line);
      }
      .banner > .icon {
        color: var(--warn-ink);
      }
      .text {
        flex: 1;
      }
      .button {
        min-height: 34px;
        padding: 6px 12px;
        background: transparent;
        color: var(--warn-ink);
        text-decoration: underline;
        text-underline-offset: 3px;
      }
    `,
  ]
  readonly #state = new SignalController(this, () => connectionState.value)
  readonly #archive = new SignalController(this, () => me.value?.archive)
  readonly #removed = new SignalController(this, () => me.value?.removed === true)
  readonly #duplicate = new SignalController(this, () => me.value?.duplicate === true)
  readonly #offline = new SignalController(this, () => me.value?.network.state === 'offline')

  override render(): TemplateResult {
    return html`<div role="status">${this.#content()}</div>`
  }

  #content(): TemplateResult | string {
    if (this.#state.value === 'wrong-version') {
      const text = msg('Warren was updated. Reload this page to go on.')
      return this.#line('reload', text, msg('Reload'), () => location.reload())
    }
    if (this.#state.value !== 'online') {
      const text = msg('Warren is not running on this device. Reconnecting… What you write is kept.')
      return this.#line('offline', text, msg('Try now'), reconnectNow)
    }
    const archive = this.#archive.value
    if (archive !== undefined) {
      const day = dayText(archive.madeAt)
      return this.#line(
        'lock',
        msg(str`This is a backup of ${day}. It can be read and exported; nothing can be sent from it.`),
        msg('Go on'),
        openSettings,
      )
    }
    if (this.#removed.value) {
      const text = msg('Another device of yours removed this one. What is here can be read; nothing can be sent.')
      return this.#line('alert', text, msg('Go on'), openSettings)
    }
    if (this.#duplicate.value) {
      const text = msg(
        'A copy of this device is running somewhere else, so nothing can be sent. Stop one of the two; then stop this one and start it again.',
      )
      return this.#line('alert', text)
    }
    if (this.#offline.value) return this.#line('offline', msg('No network. Messages wait here until you are back.'))
    return ''
  }

  #line(name: string, text: string, label = '', act = (): void => undefined): TemplateResult {
    return html`<div class="banner" data-testid="banner">
      ${icon(name)}<span class="text">${text}</span>
      ${label === '' ? '' : html`<button type="button" class="button" @click=${act}>${label}</button>`}
    </div>`
  }
}
