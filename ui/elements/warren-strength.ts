/** How hard to guess a passphrase is, while it is typed: the daemon's estimate as a bar and in words. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { PassphraseStrength } from '../../protocol/http-access.ts'
import { base } from '../styles/shared.ts'

const steps: readonly PassphraseStrength['verdict'][] = ['short', 'weak', 'fair', 'good', 'strong']

@customElement('warren-strength')
@localized()
export class WarrenStrength extends LitElement {
  static override styles = [
    base,
    css`
      :host {
        display: block;
        margin-top: 8px;
        min-height: 32px;
      }
      .bar {
        display: grid;
        grid-template-columns: repeat(4, 1fr);
        gap: 4px;
        margin-bottom: 6px;
      }
      .bar span {
        height: 4px;
        border-radius: 2px;
        background: var(--line-strong);
      }
      .bar .on {
        background: var(--danger);
      }
      .bar.fair .on {
        background: var(--warn-ink);
      }
      .bar.good .on,
      .bar.strong .on {
        background: var(--online);
      }
      p {
        font-size: 13px;
        color: var(--ink-quiet);
      }
    `,
  ]
  @property({ attribute: false }) strength: PassphraseStrength | undefined

  override render(): TemplateResult {
    const verdict = this.strength?.verdict
    const on = verdict === undefined ? 0 : steps.indexOf(verdict)
    return html`<div class="bar ${verdict ?? ''}" aria-hidden="true">
        ${[1, 2, 3, 4].map((step) => html`<span class=${step <= on ? 'on' : ''}></span>`)}
      </div>
      <p role="status" data-testid="strength">${this.#words()}</p>`
  }

  #words(): string {
    if (this.strength === undefined) return msg('Several words that nobody would put together are best.')
    const { verdict, bits } = this.strength
    const said: Record<PassphraseStrength['verdict'], () => string> = {
      short: () => msg('Too short: at least 12 characters.'),
      weak: () => msg('Too easy to guess.'),
      fair: () => msg(str`Fair: about 2^${bits} guesses.`),
      good: () => msg(str`Good: about 2^${bits} guesses.`),
      strong: () => msg(str`Strong: 2^${bits} guesses or more.`),
    }
    return said[verdict]()
  }
}
