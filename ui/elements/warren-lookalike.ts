/** A loud word about somebody who may be taken for another person, with the fingerprints of both. */

import { localized, msg, str } from '@lit/localize'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { Lookalike } from '../../protocol/http-people.ts'
import { icon } from '../icons.ts'
import { noticeStyles } from '../styles/notice.ts'
import { base } from '../styles/shared.ts'
import { isolated } from '../text/names.ts'

@customElement('warren-lookalike')
@localized()
export class WarrenLookalike extends LitElement {
  static override styles = [base, noticeStyles]
  /** What the person calls themselves, and their fingerprint. */
  @property() name = ''
  @property() fingerprint = ''
  @property({ attribute: false }) lookalike: Lookalike | undefined

  override render(): TemplateResult {
    const known = this.lookalike
    if (known === undefined) return html``
    return html`<div class="notice" role="note" data-testid="lookalike">
      <p>${icon('alert')}<span>${this.#sentence(known)}</span></p>
      <dl>
        <dt>${known.how === 'your-name' ? msg('Your fingerprint') : msg(str`The ${isolated(known.name)} you know`)}</dt>
        <dd class="mono">${known.fingerprint}</dd>
        <dt>${msg('This person')}</dt>
        <dd class="mono">${this.fingerprint}</dd>
      </dl>
      <div class="hint">${this.#advice(known)}</div>
      ${known.verified === true ? html`<div class="hint">${this.#verified(known)}</div>` : nothing}
    </div>`
  }

  #sentence({ how, name }: Lookalike): string {
    const [mine, theirs] = [isolated(name), isolated(this.name)]
    switch (how) {
      case 'same-name':
        return msg(str`This is not the ${mine} you know.`)
      case 'similar-name':
        return msg(str`This is not the ${mine} you know: the names only look alike.`)
      case 'your-name':
        return msg(str`${theirs}: a name that looks like yours.`)
      case 'address':
        return msg(str`${mine} was found at this address. Now another person answers there.`)
    }
    return how satisfies never
  }

  #verified({ name }: Lookalike): string {
    return msg(str`You have verified the ${isolated(name)} you know. This person is not verified.`)
  }

  #advice({ how }: Lookalike): string {
    return how === 'your-name'
      ? msg('Everyone chooses their own name. It is not one of your devices.')
      : msg('Everyone chooses their own name. Ask the person you know, in another way, before you trust this one.')
  }
}
