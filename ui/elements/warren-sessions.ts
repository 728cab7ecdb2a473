/** The browsers that are signed in; each can be signed out from here. */

import { localized, msg, str } from '@lit/localize'
import { css, html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, state } from 'lit/decorators.js'
import './warren-confirm.ts'
import './warren-phone.ts'
import type { SessionInfo } from '../../protocol/http-access.ts'
import { api } from '../client/api.ts'
import { apiErrorCode } from '../client/api-error.ts'
import { forgetSession } from '../client/session.ts'
import { icon } from '../icons.ts'
import { announce } from '../model/announcer.ts'
import { rowStyles } from '../styles/rows.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { errorSentence } from '../text/error-sentence.ts'
import { shortTime } from '../text/format-time.ts'

@customElement('warren-sessions')
@localized()
export class WarrenSessions extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    rowStyles,
    css`
      ul {
        margin-top: 8px;
      }
      li > .icon {
        color: var(--ink-quiet);
      }
      warren-phone {
        display: block;
        margin-top: 12px;
      }
      .label {
        margin: 0;
        overflow-wrap: anywhere;
      }
    `,
  ]
  @state() sessions: readonly SessionInfo[] | undefined
  @state() asking: SessionInfo | undefined
  @state() isAsking = false
  @state() problem = ''

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#load()
  }

  override render(): TemplateResult {
    return html`${this.problem === '' ? nothing : html`<p class="error" role="alert">${icon('alert')}${this.problem}</p>`}
      <p class="small quiet">
        ${msg('A browser that is not used for 30 days is signed out by itself, and every browser after a year.')}
      </p>
      <ul data-testid="sessions">
        ${(this.sessions ?? []).map((each) => this.#row(each))}
      </ul>
      <warren-phone></warren-phone>
      <warren-confirm
        ?open=${this.isAsking}
        .heading=${msg('Sign this browser out?')}
        .text=${
          this.asking?.current === true
            ? msg('This is the browser you are using. To come back, run “warren open” on this device.')
            : msg('To come back there, run “warren open” on this device.')
        }
        .action=${msg('Sign out')}
        @warren-cancel=${() => {
          this.isAsking = false
        }}
        @warren-confirm=${async () => await this.#revoke()}
      ></warren-confirm>`
  }

  #row(session: SessionInfo): TemplateResult {
    return html`<li>
      ${icon('device')}
      <div class="what">
        <p class="label">${session.label}</p>
        <p class="small quiet">
          ${
            session.current
              ? msg(str`This browser, valid until ${shortTime(session.expiresAt)}`)
              : msg(str`Last used ${shortTime(session.usedAt)}, valid until ${shortTime(session.expiresAt)}`)
          }
        </p>
      </div>
      <button
        type="button"
        class="button danger"
        aria-label=${msg(str`Sign out ${session.label}`)}
        @click=${() => {
          this.asking = session
          this.isAsking = true
        }}
      >
        ${msg('Sign out')}
      </button>
    </li>`
  }

  async #load(): Promise<void> {
    try {
      this.sessions = (await api.sessions()).items
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }

  async #revoke(): Promise<void> {
    const session = this.asking
    this.isAsking = false
    if (session === undefined) return
    try {
      await api.revokeSession(session.id)
      if (session.current) {
        await forgetSession()
        location.reload()
        return
      }
      announce(msg('Signed out'))
      await this.#load()
    } catch (error) {
      this.problem = errorSentence(apiErrorCode(error))
    }
  }
}
