/** The main room while no conversation is open. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement } from 'lit/decorators.js'
import './warren-logo.ts'
import { icon } from '../icons.ts'
import { go } from '../model/route.ts'
import { conversations } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons } from '../styles/shared.ts'

@customElement('warren-nothing-open')
@localized()
export class WarrenNothingOpen extends LitElement {
  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        place-items: center;
        padding: 32px;
        text-align: center;
        background:
          radial-gradient(
            circle at 50% 112%,
            transparent 34%,
            var(--brand-soft) 34.1%,
            var(--brand-soft) 35.9%,
            transparent 36%
          ),
          radial-gradient(
            circle at 50% 112%,
            transparent 48%,
            var(--brand-soft) 48.1%,
            var(--brand-soft) 49.3%,
            transparent 49.4%
          ),
          radial-gradient(
            circle at 50% 112%,
            transparent 62%,
            var(--brand-soft) 62.1%,
            var(--brand-soft) 62.9%,
            transparent 63%
          ),
          var(--ground);
      }
      div {
        max-width: 360px;
        margin-bottom: 12vh;
      }
      warren-logo {
        --size: 72px;
        margin: 0 auto 22px;
      }
      h2 {
        font-size: 22px;
        letter-spacing: -0.01em;
        margin-bottom: 8px;
      }
      p {
        color: var(--ink-quiet);
        margin-bottom: 22px;
        text-wrap: balance;
      }
    `,
  ]
  readonly #alone = new SignalController(this, () =>
    [...conversations.value.values()].every((each) => each.kind === 'self'),
  )

  override render(): TemplateResult {
    return html`<div>
      <warren-logo></warren-logo>
      <h2>${this.#alone.value ? msg('It is quiet in here') : msg('Pick a conversation')}</h2>
      <p>
        ${
          this.#alone.value
            ? msg('Add the first person: they may be on this network already. Until then, keep notes to yourself.')
            : msg('Messages go straight from your device to theirs, and wait for whoever is away.')
        }
      </p>
      <button type="button" class="button primary" @click=${() => go({ name: 'add', tab: 'nearby' })}>
        ${icon('add-person')}${msg('Add someone')}
      </button>
    </div>`
  }
}
