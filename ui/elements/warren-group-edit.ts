/** Changing what a group is called and how it looks. */

import { localized, msg } from '@lit/localize'
import '@awesome.me/webawesome/dist/components/dialog/dialog.js'
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { customElement, property, state } from 'lit/decorators.js'
import './warren-colors.ts'
import './warren-group-picture.ts'
import type { GroupPatch } from '../../protocol/http-groups.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { Attempt } from '../attempt.ts'
import { addFile } from '../client/files-api.ts'
import { groupsApi } from '../client/groups-api.ts'
import { announce } from '../model/announcer.ts'
import { dialogs, tallDialogs } from '../styles/dialogs.ts'
import { base, buttons, fields } from '../styles/shared.ts'
import { groupErrorSentence } from '../text/group-error-sentence.ts'
import { groupPicture } from '../text/names.ts'
import type { ShownPicture } from './warren-avatar.ts'

/** @fires warren-closed - it is gone from the screen. */
@customElement('warren-group-edit')
@localized()
export class WarrenGroupEdit extends LitElement {
  static override styles = [
    base,
    buttons,
    fields,
    dialogs,
    tallDialogs,
    css`
      textarea {
        min-height: 92px;
      }
    `,
  ]
  @property({ attribute: false }) conversation!: Conversation
  @property({ type: Boolean }) open = false
  @state() name = ''
  @state() description = ''
  @state() color = ''
  /** What it would be shown by: `true` is the picture that it has. */
  @state() picture: File | boolean = false
  #preview = ''
  readonly #attempt = new Attempt(this, groupErrorSentence)

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('open') || !this.open) return
    this.name = this.conversation.title
    this.description = this.conversation.group?.description ?? ''
    this.color = this.conversation.group?.color ?? ''
    this.#setPicture(this.conversation.group?.picture !== undefined)
    this.#attempt.forget()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#setPicture(false)
  }

  override render(): TemplateResult {
    return html`<wa-dialog
      label=${msg('Edit the group')}
      data-testid="group-edit"
      ?open=${this.open}
      @wa-after-hide=${(event: Event) => {
        event.stopPropagation()
        this.#close()
      }}
    >
      ${this.open ? this.#form() : nothing}
    </wa-dialog>`
  }

  #form(): TemplateResult {
    return html`<form @submit=${async (event: Event) => await this.#save(event)}>
      <warren-group-picture
        .name=${this.name}
        .color=${this.color}
        .picture=${this.#shownPicture()}
        @warren-picture=${({ detail }: CustomEvent<File | undefined>) => this.#setPicture(detail ?? false)}
      ></warren-group-picture>
      <div class="field">
        <label for="name">${msg('Name of the group')}</label>
        <input
          id="name"
          type="text"
          dir="auto"
          maxlength="64"
          autocomplete="off"
          autofocus
          .value=${this.name}
          @input=${(event: InputEvent) => {
            this.name = (event.target as HTMLInputElement).value
          }}
        />
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
        .color=${this.picture === false ? this.color : ''}
        @warren-color=${({ detail }: CustomEvent<string>) => {
          this.color = detail
          this.#setPicture(false)
        }}
      ></warren-colors>
      ${this.#attempt.shown()}
      <div class="row-buttons">
        <button type="button" class="button" @click=${() => this.#close()}>${msg('Cancel')}</button>
        <button
          class="button primary"
          data-testid="save-group"
          ?disabled=${this.#attempt.busy || this.name.trim() === ''}
        >
          ${msg('Save')}
        </button>
      </div>
    </form>`
  }

  #shownPicture(): ShownPicture | undefined {
    if (this.picture === true) return groupPicture(this.conversation)
    return this.#preview === '' ? undefined : { id: '', conversation: '', url: this.#preview }
  }

  #setPicture(picture: File | boolean): void {
    if (this.#preview !== '') URL.revokeObjectURL(this.#preview)
    this.#preview = typeof picture === 'boolean' ? '' : URL.createObjectURL(picture)
    this.picture = picture
  }

  /** Only what is other than before: each change is told to everybody. */
  #changes(): GroupPatch {
    const { title, group } = this.conversation
    const [name, description] = [this.name.trim(), this.description.trim()]
    return {
      ...(name === title ? {} : { name }),
      ...(description === group?.description ? {} : { description }),
      ...this.#look(),
    }
  }

  /** A picture takes the place of a colour, and the other way round. */
  #look(): GroupPatch {
    const { group } = this.conversation
    if (this.picture !== false) return {}
    if (this.color !== group?.color) return { color: this.color }
    return group.picture === undefined ? {} : { picture: null }
  }

  /** Rejects with ApiError. */
  async #send(changes: GroupPatch): Promise<void> {
    const { id } = this.conversation
    const { picture } = this
    const added =
      typeof picture === 'boolean'
        ? undefined
        : await addFile(id, picture, { onProgress: () => {}, signal: new AbortController().signal })
    const all = { ...changes, ...(added === undefined ? {} : { picture: added.id }) }
    if (Object.keys(all).length > 0) await groupsApi.patch(id, all)
  }

  async #save(event: Event): Promise<void> {
    event.preventDefault()
    const changes = this.#changes()
    const saved = await this.#attempt.run(async () => await this.#send(changes))
    if (!saved) return
    announce(msg('Saved'))
    this.#close()
  }

  #close(): void {
    if (this.open) this.dispatchEvent(new Event('warren-closed'))
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-group-edit': WarrenGroupEdit
  }
}
