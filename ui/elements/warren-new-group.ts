/** A new group: first who, then what it is called. */

import { localized, msg } from '@lit/localize'
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import '@awesome.me/webawesome/dist/components/switch/switch.js'
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-avatar.ts'
import './warren-colors.ts'
import './warren-people-picker.ts'
import type { NewGroup } from '../../protocol/http-groups.ts'
import { Attempt } from '../attempt.ts'
import { groupsApi } from '../client/groups-api.ts'
import { announce } from '../model/announcer.ts'
import { applyConversation } from '../model/apply.ts'
import { back, go, route } from '../model/route.ts'
import { contacts } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { dialogs, tallDialogs } from '../styles/dialogs.ts'
import { disclosures } from '../styles/disclosures.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { colorOf } from '../text/colors.ts'
import { groupErrorSentence } from '../text/group-error-sentence.ts'

@customElement('warren-new-group')
@localized()
export class WarrenNewGroup extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    dialogs,
    tallDialogs,
    disclosures,
    css`
      .top {
        display: flex;
        gap: 16px;
        align-items: center;
        margin-bottom: 18px;
      }
      .top > div {
        flex: 1;
        min-width: 0;
      }
      warren-avatar {
        --size: 72px;
      }
      details {
        margin-top: 12px;
      }
      details .hint {
        margin: 0 0 12px;
      }
      textarea {
        min-height: 72px;
      }
    `,
  ]
  @property({ type: Boolean }) open = false
  @state() step: 'people' | 'name' = 'people'
  @state() chosen: readonly string[] = []
  @state() name = ''
  @state() description = ''
  @state() color = ''
  @state() broadcast = false
  @state() everything = false
  readonly #contacts = new SignalController(this, () => contacts.value)
  readonly #attempt = new Attempt(this, groupErrorSentence)

  override render(): TemplateResult {
    return html`<wa-dialog
      label=${this.step === 'people' ? msg('New group') : msg('Name the group')}
      light-dismiss
      data-testid="new-group"
      ?open=${this.open}
      @wa-after-hide=${(event: Event) => {
        if (event.target === event.currentTarget && this.open && route.value.name === 'new-group')
          back({ name: 'home' })
      }}
    >
      ${this.open ? (this.step === 'people' ? this.#people() : this.#naming()) : nothing}
    </wa-dialog>`
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('open') || !this.open) return
    this.step = 'people'
    this.chosen = []
    this.name = ''
    this.description = ''
    this.color = colorOf(crypto.randomUUID())
    this.broadcast = false
    this.everything = false
  }

  #people(): TemplateResult {
    const people = [...this.#contacts.value.values()].filter(({ state }) => state === 'accepted')
    return html`<p class="text">
        ${
          people.length === 0
            ? msg('You have no contacts yet. Begin alone, and let others in by link.')
            : msg(
                'Choose whom to add. They are asked, and belong once they accept. You can add people and links later.',
              )
        }
      </p>
      ${
        people.length === 0
          ? nothing
          : html`<warren-people-picker
              .people=${people}
              .chosen=${this.chosen}
              @warren-picked=${(event: CustomEvent<readonly string[]>) => {
                this.chosen = event.detail
              }}
            ></warren-people-picker>`
      }
      <div class="row-buttons">
        <button type="button" class="button primary" data-testid="next" @click=${async () => await this.#toNaming()}>
          ${msg('Next')}
        </button>
      </div>`
  }

  async #toNaming(): Promise<void> {
    this.step = 'name'
    await this.updateComplete
    this.renderRoot.querySelector<HTMLElement>('#group-name')?.focus()
  }

  #naming(): TemplateResult {
    return html`<form @submit=${async (event: Event) => await this.#create(event)}>
      <div class="top">
        <warren-avatar group .name=${this.name} .color=${this.color}></warren-avatar>
        <div>
          <label for="group-name">${msg('Name of the group')}</label>
          <input
            id="group-name"
            type="text"
            dir="auto"
            maxlength="64"
            autocomplete="off"
            data-testid="group-name"
            .value=${this.name}
            @input=${(event: InputEvent) => {
              this.name = (event.target as HTMLInputElement).value
            }}
          />
        </div>
      </div>
      <div class="field">
        <label for="description">${msg('Description')}</label>
        <textarea
          id="description"
          dir="auto"
          maxlength="256"
          .value=${this.description}
          @input=${(event: InputEvent) => {
            this.description = (event.target as HTMLTextAreaElement).value
          }}
        ></textarea>
      </div>
      <warren-colors
        class="field"
        .color=${this.color}
        @warren-color=${({ detail }: CustomEvent<string>) => {
          this.color = detail
        }}
      ></warren-colors>
      <details>
        <summary>${msg('More choices')}</summary>
        <wa-switch
          data-testid="broadcast"
          .checked=${this.broadcast}
          @change=${(event: Event) => {
            this.broadcast = (event.target as HTMLInputElement).checked
          }}
          >${msg('Only admins write')}</wa-switch
        >
        <p class="hint">${msg('Everybody else reads: for news rather than talk.')}</p>
        <wa-switch
          data-testid="everything"
          .checked=${this.everything}
          @change=${(event: Event) => {
            this.everything = (event.target as HTMLInputElement).checked
          }}
          >${msg('Newcomers read what was written before')}</wa-switch
        >
        <p class="hint">${msg('Otherwise they see what is written once they have joined.')}</p>
      </details>
      ${this.#attempt.shown()}
      <div class="row-buttons">
        <button
          type="button"
          class="button"
          @click=${() => {
            this.step = 'people'
          }}
        >
          ${msg('Back')}
        </button>
        <button
          class="button primary"
          data-testid="create-group"
          ?disabled=${this.#attempt.busy || this.name.trim() === ''}
        >
          ${msg('Create group')}
        </button>
      </div>
    </form>`
  }

  #wish(): NewGroup {
    const description = this.description.trim()
    return {
      kind: 'group',
      name: this.name.trim(),
      members: [...this.chosen],
      color: this.color,
      ...(description === '' ? {} : { description }),
      ...(this.broadcast ? { post: 'admin' as const } : {}),
      ...(this.everything ? { history: 'everything' as const } : {}),
    }
  }

  async #create(event: Event): Promise<void> {
    event.preventDefault()
    if (this.name.trim() === '') return
    await this.#attempt.run(async () => {
      const conversation = await groupsApi.create(this.#wish())
      applyConversation(conversation)
      announce(msg('Group created'))
      go({ name: 'chat', conversation: conversation.id }, { replace: true })
    })
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-new-group': WarrenNewGroup
  }
}
