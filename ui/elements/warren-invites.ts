/** Links into a group: those that there are, and a new one with its choices. */

import { localized, msg, str } from '@lit/localize'
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-invite-form.ts'
import './warren-invite-link.ts'
import type { GroupInvite, GroupRights, NewInvite } from '../../protocol/http-groups.ts'
import { Attempt } from '../attempt.ts'
import { groupsApi } from '../client/groups-api.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { dialogs, tallDialogs } from '../styles/dialogs.ts'
import { rowStyles } from '../styles/rows.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { fullTime } from '../text/format-time.ts'
import { groupErrorSentence } from '../text/group-error-sentence.ts'
import { isolated } from '../text/names.ts'
import { roleName } from '../text/role-words.ts'

/** @fires warren-closed - it is gone from the screen. */
@customElement('warren-invites')
@localized()
export class WarrenInvites extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    rowStyles,
    dialogs,
    tallDialogs,
    css`
      h3 {
        margin: 24px 0 4px;
        font-size: 15px;
      }
      .error {
        margin-top: 12px;
      }
    `,
  ]
  @property() conversation = ''
  @property() name = ''
  @property({ attribute: false }) rights!: GroupRights
  @property({ type: Boolean }) open = false
  @state() invites: readonly GroupInvite[] = []
  @state() shown: GroupInvite | undefined
  readonly #attempt = new Attempt(this, groupErrorSentence)

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('open') || !this.open) return
    this.shown = undefined
    void this.#attempt.run(async () => await this.#load())
  }

  override render(): TemplateResult {
    return html`<wa-dialog
      label=${msg('Invite by link')}
      light-dismiss
      data-testid="invites"
      ?open=${this.open}
      @wa-after-hide=${(event: Event) => {
        event.stopPropagation()
        this.dispatchEvent(new Event('warren-closed'))
      }}
    >
      ${this.open ? this.#content() : nothing}
    </wa-dialog>`
  }

  #content(): TemplateResult {
    if (this.shown !== undefined) {
      return html`<warren-invite-link
        .name=${this.name}
        .link=${this.shown.link ?? ''}
        .terms=${this.#terms(this.shown)}
        @warren-back=${() => {
          this.shown = undefined
        }}
      ></warren-invite-link>`
    }
    return html`<p class="text">
        ${msg('Whoever has the link can join through any member who is online. Hand it only to those you mean.')}
      </p>
      <warren-invite-form
        .roles=${this.rights.roles}
        ?busy=${this.#attempt.busy}
        @warren-invite=${async ({ detail }: CustomEvent<NewInvite>) => await this.#make(detail)}
      ></warren-invite-form>
      ${this.#attempt.shown()} ${this.invites.length === 0 ? nothing : this.#list()}`
  }

  #list(): TemplateResult {
    return html`<h3 id="links">${msg('Links that are open')}</h3>
      <ul aria-labelledby="links">
        ${this.invites.map((each) => this.#row(each))}
      </ul>`
  }

  #row(invite: GroupInvite): TemplateResult {
    const terms = this.#terms(invite)
    return html`<li data-testid="invite">
      <div class="what">
        <div>${msg(str`By ${isolated(invite.by.name)}`)}</div>
        <div class="small quiet">${terms}</div>
      </div>
      ${
        invite.link === undefined
          ? nothing
          : html`<button
              type="button"
              class="icon-button"
              aria-label=${msg(str`Show the link: ${terms}`)}
              title=${msg('Show')}
              @click=${() => {
                this.shown = invite
              }}
            >
              ${icon('qr')}
            </button>`
      }
      <button
        type="button"
        class="icon-button"
        data-testid="revoke"
        aria-label=${msg(str`Take the link back: ${terms}`)}
        title=${msg('Take back')}
        ?disabled=${this.#attempt.busy}
        @click=${async () => await this.#revoke(invite)}
      >
        ${icon('trash')}
      </button>
    </li>`
  }

  #terms({ role, uses, used, expiresAt, link }: GroupInvite): string {
    const often =
      uses === 0
        ? msg(str`used ${used} times, without bound`)
        : uses === 1
          ? msg('for one person')
          : msg(str`used ${used} of ${uses} times`)
    const until = expiresAt === 0 ? msg('does not expire') : msg(str`until ${fullTime(expiresAt)}`)
    const where = link === undefined ? [msg('made on another device')] : []
    return [roleName(role), often, until, ...where].join(' · ')
  }

  async #load(): Promise<void> {
    this.invites = await groupsApi.invites(this.conversation)
  }

  async #make(wish: NewInvite): Promise<void> {
    await this.#attempt.run(async () => {
      this.shown = await groupsApi.addInvite(this.conversation, wish)
      await this.#load()
    })
  }

  async #revoke({ id }: GroupInvite): Promise<void> {
    const revoked = await this.#attempt.run(async () => {
      await groupsApi.revokeInvite(this.conversation, id)
      await this.#load()
    })
    if (revoked) announce(msg('The link lets nobody in any more'))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-invites': WarrenInvites
  }
}
