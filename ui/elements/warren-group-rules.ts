/** The rules of a group: who may write, invite and change it, and what newcomers read. Owners may change them. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import type { Group, GroupHistory, GroupPatch, LeastRole } from '../../protocol/http-groups.ts'
import { Attempt } from '../attempt.ts'
import { groupsApi } from '../client/groups-api.ts'
import { announce } from '../model/announcer.ts'
import { disclosures } from '../styles/disclosures.ts'
import { base, buttons, cards, fields } from '../styles/shared.ts'
import { groupErrorSentence } from '../text/group-error-sentence.ts'
import { leastWords } from '../text/role-words.ts'
import { drawRoleTable, roleTableStyles } from './role-table.ts'

const leastRoles: readonly LeastRole[] = ['member', 'admin', 'owner']

@customElement('warren-group-rules')
@localized()
export class WarrenGroupRules extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    cards,
    disclosures,
    roleTableStyles,
    css`
      :host {
        display: block;
      }
      dl {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        gap: 8px 14px;
        font-size: 14px;
      }
      dt {
        color: var(--ink-quiet);
      }
      details {
        margin-top: 8px;
      }
      .error {
        margin-bottom: 12px;
      }
    `,
  ]
  @property() conversation = ''
  @property({ attribute: false }) group!: Group
  readonly #attempt = new Attempt(this, groupErrorSentence)

  override render(): TemplateResult {
    const mayGovern = this.group.rights.govern && this.group.standing === 'joined'
    return html`<section class="card" aria-labelledby="heading" data-testid="group-rules">
      <h2 id="heading">${msg('Rules')}</h2>
      ${this.#attempt.shown()} ${mayGovern ? this.#choices() : this.#words()}
      <details>
        <summary>${msg('What each role may do')}</summary>
        ${drawRoleTable(this.group)}
      </details>
    </section>`
  }

  #rules(): { key: 'post' | 'invite' | 'change'; label: string }[] {
    return [
      { key: 'post', label: msg('Who may write') },
      { key: 'invite', label: msg('Who may invite') },
      { key: 'change', label: msg('Who may change name and looks') },
    ]
  }

  #historyWords(history: GroupHistory): string {
    return history === 'everything' ? msg('Everything that was written') : msg('What is written once they are in')
  }

  #words(): TemplateResult {
    return html`<dl>
      ${this.#rules().map(
        ({ key, label }) =>
          html`<dt>${label}</dt>
            <dd>${leastWords(this.group[key])}</dd>`,
      )}
      <dt>${msg('Newcomers read')}</dt>
      <dd>${this.#historyWords(this.group.history)}</dd>
    </dl>`
  }

  #choices(): TemplateResult {
    const histories: readonly GroupHistory[] = ['joining', 'everything']
    return html`${this.#rules().map(({ key, label }) =>
      this.#choice(
        key,
        label,
        leastRoles.map((least) => [least, leastWords(least)]),
      ),
    )}
    ${this.#choice(
      'history',
      msg('Newcomers read'),
      histories.map((each) => [each, this.#historyWords(each)]),
    )}`
  }

  #choice(
    key: 'post' | 'invite' | 'change' | 'history',
    label: string,
    choices: readonly (readonly [string, string])[],
  ): TemplateResult {
    return html`<div class="field">
      <label for=${key}>${label}</label>
      <select
        id=${key}
        ?disabled=${this.#attempt.busy}
        @change=${async (event: Event) => await this.#save(key, event.target as HTMLSelectElement)}
      >
        ${choices.map(
          ([value, text]) => html`<option value=${value} ?selected=${value === this.group[key]}>${text}</option>`,
        )}
      </select>
    </div>`
  }

  async #save(key: 'post' | 'invite' | 'change' | 'history', select: HTMLSelectElement): Promise<void> {
    const patch = { [key]: select.value } as GroupPatch
    const saved = await this.#attempt.run(async () => await groupsApi.patch(this.conversation, patch))
    if (saved) announce(msg('Saved'))
    else select.value = this.group[key]
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-group-rules': WarrenGroupRules
  }
}
