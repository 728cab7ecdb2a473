/** All conversations, the liveliest first; the filter looks at names and last words. */

import { localized, msg } from '@lit/localize'
import { css, html, LitElement, type TemplateResult } from 'lit'
import { customElement, property } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { icon } from '../icons.ts'
import { draftOf } from '../model/drafts.ts'
import { pending } from '../model/outbox.ts'
import { typingSentence } from '../model/person-names.ts'
import { route, go } from '../model/route.ts'
import { contactOf, contacts, conversations, typing } from '../model/state.ts'
import { SignalController } from '../signal-controller.ts'
import { base, buttons } from '../styles/shared.ts'
import { conversationName } from '../text/names.ts'
import './warren-other-contacts.ts'
import { conversationRow } from './conversation-row.ts'
import { conversationRowStyles } from '../styles/conversation-row.ts'

/** An invitation waits at the top until it is answered. */
const activity = ({ last, group }: Conversation): string =>
  group?.standing === 'invited' ? '\uffff' : (last?.order ?? '')
/** Untouched notes come first: there is nothing else they could be sorted by, and they are the way in. */
const byActivity = (a: Conversation, b: Conversation): number => {
  const [left, right] = [activity(a), activity(b)]
  if (left === right) return a.kind === 'self' ? -1 : b.kind === 'self' ? 1 : a.title.localeCompare(b.title)
  return left < right ? 1 : -1
}

@customElement('warren-conversation-list')
@localized()
export class WarrenConversationList extends LitElement {
  static override styles = [
    base,
    buttons,
    conversationRowStyles,
    css`
      :host {
        display: block;
      }
      ul {
        padding: 0 8px 12px;
      }
      .none {
        padding: 32px 28px;
        text-align: center;
        color: var(--ink-quiet);
        text-wrap: balance;
      }
      .none .icon {
        width: 32px;
        height: 32px;
        margin: 0 auto 10px;
        opacity: 0.7;
      }
    `,
  ]
  @property() filter = ''
  readonly #open = new SignalController(this, () => ('conversation' in route.value ? route.value.conversation : ''))
  readonly #all = new SignalController(this, () => conversations.value)
  // Read while rendering; these only say when.
  readonly #contacts = new SignalController(this, () => contacts.value)
  readonly #typing = new SignalController(this, () => typing.value)
  readonly #pending = new SignalController(this, () => pending.value)

  override render(): TemplateResult {
    const sorted = [...this.#all.value.values()].toSorted(byActivity)
    const shown = sorted.filter((each) => this.#matches(each))
    return html`<nav aria-label=${msg('Conversations')} @keydown=${(event: KeyboardEvent) => this.#onKey(event)}>
      <ul>
        ${repeat(
          shown,
          (each) => each.id,
          (each) => html`<li>${this.#row(each)}</li>`,
        )}
      </ul>
      ${shown.length === 0 ? this.#none() : ''}
      <warren-other-contacts .filter=${this.filter}></warren-other-contacts>
    </nav>`
  }

  focusConversation(id: string): boolean {
    const row = [...this.#rows()].find((each) => each.dataset['id'] === id)
    row?.focus()
    return row !== undefined
  }

  focusFirst(): void {
    this.#rows()[0]?.focus()
  }

  #row(conversation: Conversation): TemplateResult {
    return conversationRow({
      conversation,
      contact: conversation.contactId === undefined ? undefined : this.#contacts.value.get(conversation.contactId),
      typing: typingSentence(conversation, this.#typing.value.get(conversation.id) ?? []),
      waiting: this.#pending.value.findLast((each) => each.conversation === conversation.id),
      draft: conversation.id === this.#open.value ? '' : draftOf(conversation.id),
      current: conversation.id === this.#open.value,
      onOpen: () => go({ name: 'chat', conversation: conversation.id }),
    })
  }

  #matches(conversation: Conversation): boolean {
    const wanted = this.filter.trim().toLocaleLowerCase()
    if (wanted === '') return true
    const name = conversationName(conversation, contactOf(conversation))
    return [name, conversation.title, conversation.last?.text ?? ''].some((text) =>
      text.toLocaleLowerCase().includes(wanted),
    )
  }

  #none(): TemplateResult {
    return html`<p class="none" role="status">
      ${icon(this.filter === '' ? 'chat' : 'search')}
      ${this.filter === '' ? msg('Your conversations will be here.') : msg('Nobody and nothing by that name.')}
    </p>`
  }

  #rows(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('a.row')]
  }

  #onKey(event: KeyboardEvent): void {
    const rows = this.#rows()
    const at = rows.indexOf(this.shadowRoot?.activeElement as HTMLElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key]
    if (to === undefined || at < 0) return
    event.preventDefault()
    rows[Math.max(0, Math.min(rows.length - 1, to))]?.focus()
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-conversation-list': WarrenConversationList
  }
}
