/** The message list: only what is on screen is in the document, pages come as they are scrolled to. */

import { localized, msg } from '@lit/localize'
import { computed, effect, type ReadonlySignal } from '@preact/signals-core'
import { VirtualizerController } from '@tanstack/lit-virtual'
import { html, LitElement, nothing, type TemplateResult } from 'lit'
import { customElement, property, query, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import type { Message } from '../../protocol/http-conversations.ts'
import { members } from '../model/members.ts'
import { pending } from '../model/outbox.ts'
import { isLooking, markSeen } from '../model/read-marks.ts'
import { rowsOf, type Row } from '../model/rows.ts'
import { blocked, contactOf, conversationOf } from '../model/state.ts'
import type { Timeline } from '../model/timeline.ts'
import { timelines } from '../model/timelines.ts'
import { unfolded } from '../model/unfolded.ts'
import { SignalController } from '../signal-controller.ts'
import { messageRowStyles } from '../styles/message-row.ts'
import { messageTicksStyles } from '../styles/message-ticks.ts'
import { messageWordsStyles } from '../styles/message-words.ts'
import { messagesStyles } from '../styles/messages.ts'
import { base, buttons } from '../styles/shared.ts'
import { drawRow, rowClass, type RowContext } from './message-row.ts'
import { MessageAnchor } from './message-anchor.ts'
import { MessageFolds } from './message-folds.ts'
import { failureNote, jumpButton } from './messages-foot.ts'
import { rowContext } from './row-context.ts'
import { estimateRow } from './row-facts.ts'

/** Rows from either end at which the next page is asked for. */
const nearRows = 25
const nearEndPx = 120

@customElement('warren-messages')
@localized()
export class WarrenMessages extends LitElement {
  static override styles = [base, buttons, messageRowStyles, messageWordsStyles, messageTicksStyles, messagesStyles]
  @property() conversation = ''
  @query('.scroll') scroller!: HTMLElement | null
  /** Nothing is shown before the list stands where it should. */
  @state() placed = false
  @state() atEnd = true

  #timeline: Timeline = timelines.of('')
  #stopWatching = (): void => undefined
  /** The reader is at the end and has not scrolled away from it: new words keep them there. */
  #sticks = true
  #lastKey = ''
  /** The banner and the growing composer take height away: the last words stay in sight. */
  readonly #resized = new ResizeObserver(() => {
    if (this.placed && this.#sticks) this.#virtual.getVirtualizer().scrollToEnd()
  })
  #source = this.#rowsSource()
  readonly #rows = new SignalController(this, () => this.#source.value)
  readonly #window = new SignalController(this, () => this.#timeline.window.value)
  readonly #conversation = new SignalController(this, () => conversationOf(this.#timeline.id))
  readonly #contact = new SignalController(this, () => contactOf(conversationOf(this.#timeline.id)))
  /** Whose words are hidden, names and colours of authors: read while rendering, these only say when. */
  readonly #blocked = new SignalController(this, () => blocked.value)
  readonly #members = new SignalController(this, () => members.value.get(this.#timeline.id))
  readonly #unfolded = new SignalController(this, () => unfolded.value)
  readonly #folds = new MessageFolds(
    () => this.#virtual.getVirtualizer(),
    () => {
      this.#sticks = false
    },
  )
  readonly #anchor = new MessageAnchor((key) => this.#rows.value.findIndex((row) => row.key === key))
  readonly #virtual = new VirtualizerController<HTMLElement, HTMLElement>(this, {
    getScrollElement: () => this.scroller,
    count: 0,
    estimateSize: (index) => estimateRow(this.#rows.value[index], this.clientWidth),
    overscan: 8,
    paddingStart: 8,
    paddingEnd: 8,
    scrollPaddingStart: 72,
    anchorTo: 'end',
    scrollEndThreshold: 80,
    onChange: () => this.#onMove(),
    getItemKey: (index) => this.#rows.value[index]?.key ?? index,
  })

  override connectedCallback(): void {
    super.connectedCallback()
    this.#timeline = timelines.of(this.conversation)
    this.#source = this.#rowsSource()
    for (const each of [
      this.#rows,
      this.#window,
      this.#conversation,
      this.#contact,
      this.#members,
      this.#blocked,
      this.#unfolded,
    ])
      each.refresh()
    for (const type of ['focus', 'visibilitychange'] as const) addEventListener(type, this.#markSeen, true)
    this.#watchUnread()
    this.#resized.observe(this)
    void this.#open()
  }

  override disconnectedCallback(): void {
    // Of the last pixels of a scroll the virtualizer tells only once it is over.
    if (this.placed) this.#remember()
    super.disconnectedCallback()
    for (const type of ['focus', 'visibilitychange'] as const) removeEventListener(type, this.#markSeen, true)
    this.#stopWatching()
    this.#resized.disconnect()
    this.#timeline.unreadAfter.value = undefined
  }

  override render(): TemplateResult {
    const virtual = this.#virtual.getVirtualizer()
    const { newer, failed } = this.#window.value
    const anchor = this.#anchor.take(virtual)
    virtual.setOptions({
      ...virtual.options,
      count: this.#rows.value.length,
      anchorTo: this.#folds.anchorTo,
    })
    this.#anchor.hold(virtual, anchor)
    const items = virtual.getVirtualItems()
    const context = this.#context()
    // .style goes through the CSSOM: a style attribute would break the content policy.
    return html`<div
        class="scroll ${this.placed ? 'placed' : ''}"
        tabindex="0"
        role="log"
        aria-live="off"
        aria-label=${msg('Messages')}
        data-testid="messages"
      >
        <div class="space" .style=${`height:${virtual.getTotalSize()}px`}>
          <div class="rows" .style=${`transform:translateY(${items[0]?.start ?? 0}px)`}>
            ${repeat(
              items,
              (item) => item.key,
              (item) => this.#draw(item.index, context),
            )}
          </div>
        </div>
      </div>
      ${failed === undefined ? nothing : failureNote(failed, () => void this.#open())} ${this.#jump(newer)}`
  }

  // Not by a ref: it fires before the row is in the document, where every row measures 0 px.
  protected override updated(): void {
    const virtual = this.#virtual.getVirtualizer()
    for (const row of this.renderRoot.querySelectorAll<HTMLElement>('.row')) virtual.measureElement(row)
    virtual.measureElement(null)
    this.#anchor.settle(this.scroller)
    this.#folds.settle(this.scroller)
    if (!this.placed && this.#window.value.loaded && virtual.scrollElement !== null) this.#place()
    else {
      this.#follow()
      this.#onMove()
    }
  }

  #follow(): void {
    const last = this.#rows.value.at(-1)?.key ?? ''
    // A page that arrives below while one reads old messages must not carry them along: it does not stick.
    if (last !== this.#lastKey && this.#sticks) this.#virtual.getVirtualizer().scrollToEnd()
    this.#lastKey = last
  }

  /** To the newest message, however far it is. */
  toEnd(): void {
    this.#sticks = true
    const jump = (): void => this.#virtual.getVirtualizer().scrollToEnd()
    if (this.#window.value.newer)
      void this.#timeline
        .loadNewest()
        .then(async () => await this.updateComplete)
        .then(jump)
    else void this.updateComplete.then(jump)
  }

  #rowsSource(): ReadonlySignal<readonly Row[]> {
    const { id, window, unreadAfter } = this.#timeline
    const own = computed(() => pending.value.filter((each) => each.conversation === id))
    return computed(() => rowsOf(window.value, own.value, unreadAfter.value, conversationOf(id)?.forks))
  }

  #draw(index: number, context: RowContext): TemplateResult {
    const row = this.#rows.value[index]
    if (row === undefined) return html``
    return html`<div class=${rowClass(row, context.kind)} data-index=${index}>${drawRow(row, context)}</div>`
  }

  #context(): RowContext {
    return rowContext(this.#conversation.value, this.#contact.value, this.#rows.value, {
      foldingOf: (key) => this.#folds.of(key),
      onInfo: (message) => this.dispatchEvent(new CustomEvent<Message>('warren-info', { detail: message })),
    })
  }

  async #open(): Promise<void> {
    const { readUpTo = '', unread = 0 } = conversationOf(this.conversation) ?? {}
    const { window, unreadAfter } = this.#timeline
    if (unread > 0) unreadAfter.value = readUpTo
    if (window.value.loaded) this.requestUpdate()
    else await this.#timeline.open(readUpTo, unread)
  }

  /** First unread, else where one left, else the end. */
  #place(): void {
    const virtual = this.#virtual.getVirtualizer()
    const rows = this.#rows.value
    const unread = rows.findIndex((row) => row.kind === 'unread')
    const left = this.#timeline.place
    const at = left === undefined ? -1 : rows.findIndex((row) => row.key === left.key)
    if (unread >= 0) virtual.scrollToIndex(unread, { align: 'start' })
    else if (left !== undefined && at >= 0) this.#comeBackTo(at, left.offset)
    else virtual.scrollToEnd()
    this.#sticks = unread < 0 && at < 0
    this.#lastKey = rows.at(-1)?.key ?? ''
    requestAnimationFrame(() => {
      // By now the rows around it are drawn and measured, which may have moved it by a line.
      const now = this.#rows.value.findIndex((row) => row.key === left?.key)
      if (unread < 0 && left !== undefined && now >= 0) this.#comeBackTo(now, left.offset)
      this.placed = true
    })
  }

  /** Not scrollToOffset: it holds on to the number while the rows above are still being measured. */
  #comeBackTo(index: number, offset: number): void {
    const { start = 0 } = this.#virtual.getVirtualizer().measurementsCache[index] ?? {}
    if (this.scroller !== null) this.scroller.scrollTop = start + offset
  }

  #onMove(): void {
    if (!this.placed || !this.isConnected) return
    this.#loadNear()
    this.#noteEnd()
    this.#remember()
    this.#markSeen()
  }

  /** Asks for the next page well before its place comes into sight. */
  #loadNear(): void {
    const { older, newer } = this.#window.value
    const { startIndex = 0, endIndex = 0 } = this.#virtual.getVirtualizer().range ?? {}
    if (older && startIndex < nearRows) void this.#timeline.loadOlder()
    if (newer && endIndex > this.#rows.value.length - nearRows) void this.#timeline.loadNewer()
  }

  #noteEnd(): void {
    const virtual = this.#virtual.getVirtualizer()
    const { newer } = this.#window.value
    this.atEnd = !newer && virtual.getDistanceFromEnd() < nearEndPx
    if (this.atEnd) this.#sticks = true
    else if (newer || (virtual.isScrolling && virtual.scrollDirection === 'backward')) this.#sticks = false
  }

  /** For the next visit to this conversation. */
  #remember(): void {
    const virtual = this.#virtual.getVirtualizer()
    const offset = virtual.scrollOffset ?? 0
    const top = virtual.getVirtualItemForOffset(offset)
    const isSomewhere = !this.atEnd && top !== undefined
    this.#timeline.place = isSomewhere ? { key: String(top.key), offset: offset - top.start } : undefined
  }

  readonly #markSeen = (): void => {
    if (!this.placed || !isLooking()) return
    const virtual = this.#virtual.getVirtualizer()
    const bottom = (virtual.scrollOffset ?? 0) + (this.scroller?.clientHeight ?? 0)
    const seen = virtual.getVirtualItems().findLast((item) => item.start + Math.min(item.size, 40) <= bottom)
    const rows = this.#rows.value.slice(0, (seen?.index ?? -1) + 1)
    const last = rows.findLast(
      (row): row is Extract<Row, { kind: 'message' }> => row.kind === 'message' && row.message.outside !== true,
    )
    if (last !== undefined) markSeen(this.conversation, last.message.order)
  }

  /** What comes while the owner looks away is new when they look again. */
  #watchUnread(): void {
    let before = conversationOf(this.conversation)?.unread ?? 0
    this.#stopWatching = effect(() => {
      const { unread = 0, readUpTo = '' } = conversationOf(this.conversation) ?? {}
      if (unread > 0 && before === 0 && (!isLooking() || !this.atEnd)) this.#timeline.unreadAfter.value = readUpTo
      before = unread
    })
  }

  #jump(newer: boolean): TemplateResult | typeof nothing {
    if (!this.placed || (this.atEnd && !newer)) return nothing
    return jumpButton(this.#conversation.value?.unread ?? 0, () => this.toEnd())
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'warren-messages': WarrenMessages
  }
}
