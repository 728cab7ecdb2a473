/** Links into groups that the owner follows: members are asked, now and then, until one lets the owner in or says that it cannot be. */

import { namesDevice } from '../../protocol/contact-link.ts'
import { signBytes, signingKeyFromSeed, type SigningKey } from '../../protocol/crypto.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { readGroupLink, type GroupLink } from '../../protocol/group-link.ts'
import { signConsent } from '../../protocol/group-consent.ts'
import type { Answered, Join, JoinAnswer } from '../../protocol/hello-groups.ts'
import type { Hello } from '../../protocol/hello.ts'
import type { ConversationId, DeviceId, PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { inviteMessage } from '../../protocol/operation-proofs.ts'
import type { Bus } from '../bus.ts'
import { tables, type Key, type Store } from '../store/store.ts'
import type { Reach } from './contacts.ts'
import type { GroupLogs } from './group-logs.ts'
import { joinRow, readJoinRow, type JoinRecord, type JoinState } from './join-row.ts'
import { Waits } from './waits.ts'

export interface JoinsDeps {
  readonly store: Store
  readonly bus: Bus
  readonly groups: GroupLogs
  readonly reach: Pick<Reach, 'look' | 'greet'>
  readonly self: { readonly device: DeviceId; readonly person: PersonId; readonly signingKey: SigningKey }
  /** Devices to stay linked with changed. */
  readonly keptChanged: () => void
  readonly background: (work: Promise<unknown>) => void
  readonly now: () => number
  /** From 0 up to 1. */
  readonly random: () => number
}

interface Following extends JoinRecord {
  readonly slot: number
  readonly target: GroupLink
  /** By the invite's key. Signed once: the key is not needed again. */
  readonly proof: Uint8Array
}

const states = { notValid: 'not-valid', expired: 'expired', removed: 'removed' } as const satisfies Record<
  Exclude<JoinAnswer, 'coming'>,
  JoinState
>

export class Joins {
  readonly #deps: JoinsDeps
  readonly #all = new Map<ConversationId, Following>()
  /** Devices that said that they let the owner in, and that were asked where to. */
  readonly #awaited = new Map<DeviceId, ConversationId>()
  readonly #waits: Waits<ConversationId>
  #running: Promise<void> | undefined

  constructor(deps: JoinsDeps) {
    this.#deps = deps
    this.#waits = new Waits(deps)
  }

  async load(): Promise<void> {
    for (const { at, value } of await this.#deps.store.range(tables.join)) this.#follow(readJoinRow(value), at[0] ?? 0)
    this.#deps.bus.subscribe((event) => {
      if (event.type === 'conversation') this.#deps.background(this.#cameIn(event.conversation))
    })
  }

  #follow(record: JoinRecord, slot: number): Following {
    const target = readGroupLink(record.link)
    const { conversation: group, invite, secret } = target
    const proof = signBytes(signingKeyFromSeed(secret), inviteMessage(invite, this.#deps.self.person))
    const following = { ...record, slot, target, proof }
    this.#all.set(group, following)
    return following
  }

  all(): Following[] {
    return [...this.#all.values()]
  }

  isAwaited(group: ConversationId): boolean {
    return this.#all.get(group)?.state === 'asking'
  }

  /** Whether a device said that it lets the owner in. */
  isAwaitedFrom(device: DeviceId): boolean {
    const group = this.#awaited.get(device)
    return group !== undefined && this.isAwaited(group)
  }

  /** Devices to stay connected with until the owner is in. */
  kept(): DeviceId[] {
    return [...this.#awaited.keys()].filter((device) => this.isAwaitedFrom(device))
  }

  /** What a device is asked that a link names. */
  said(device: DeviceId): Join[] {
    const asking = this.all().filter(({ state, target }) => state === 'asking' && namesDevice(target, device))
    return asking.slice(0, limits.helloJoins).map((each) => this.#joinOf(each))
  }

  /** Signed anew each time: what the owner wished before they last left holds no more. */
  #joinOf({ target: { conversation: group, invite }, proof }: Following): Join {
    const { self, groups, now } = this.#deps
    const askedAt = Math.max(now(), groups.lastLeft(group) + 1)
    const { signature } = signConsent({ group, invite, person: self.person }, self.device, askedAt, self.signingKey)
    return { group, invite, proof, askedAt, signature }
  }

  /**
   * Begins to ask, or asks anew; durable when it resolves. Throws BAD_LINK, LINK_EXPIRED, CONFLICT if the owner belongs already,
   * RATE_LIMITED where too many are followed.
   */
  async follow(link: string): Promise<Following> {
    const { now, groups } = this.#deps
    const target = readGroupLink(link)
    const { conversation, expiresAt } = target
    if (groups.belongs(conversation)) throw new WarrenError('CONFLICT', 'you belong to that group already')
    if (expiresAt > 0 && expiresAt <= now()) throw new WarrenError('LINK_EXPIRED', 'that link has expired')
    const known = this.#all.get(conversation)
    if (known === undefined && this.#all.size >= limits.joinsFollowed)
      throw new WarrenError('RATE_LIMITED', 'too many links are followed already: give up some first')
    const record = { link: link.trim(), since: known?.since ?? now(), state: 'asking' } as const
    const slot = known?.slot ?? this.#freeSlot()
    const following = this.#follow(record, slot)
    try {
      await this.#write(following)
    } catch (error) {
      if (known === undefined) this.#all.delete(conversation)
      else this.#all.set(conversation, known)
      throw error
    }
    this.#waits.forget(conversation)
    return following
  }

  /** Throws NOT_FOUND. */
  async giveUp(group: ConversationId): Promise<void> {
    if (!this.#all.has(group)) throw new WarrenError('NOT_FOUND', 'no such link is followed')
    await this.#end(group)
  }

  async #end(group: ConversationId): Promise<void> {
    const known = this.#all.get(group)
    if (known === undefined) return
    this.#all.delete(group)
    this.#waits.forget(group)
    for (const [device, of] of this.#awaited) if (of === group) this.#awaited.delete(device)
    await this.#deps.store.commit((batch) => batch.delete(keyOf(known.slot)))
    this.#deps.bus.publish({ type: 'me' })
    this.#deps.keptChanged()
  }

  /** The owner is in, by whatever way. */
  async #cameIn(group: ConversationId): Promise<void> {
    if (!this.#all.has(group) || !this.#deps.groups.belongs(group)) return
    await this.#end(group)
    await this.#deps.groups.appear(group)
  }

  /** What a device answers that was asked. */
  heard({ device }: { readonly device: DeviceId }, { answers = [] }: Hello): void {
    for (const answered of answers) {
      const following = this.#all.get(answered.group)
      // Nobody but whom the link names is believed.
      if (following?.state === 'asking' && namesDevice(following.target, device)) this.#answered(device, answered)
    }
  }

  #answered(device: DeviceId, { group, answer }: Answered): void {
    if (answer !== 'coming') return this.#deps.background(this.#settle(group, states[answer]))
    if (this.#awaited.get(device) === group) return
    this.#awaited.set(device, group)
    this.#deps.keptChanged()
  }

  async #settle(group: ConversationId, state: JoinState): Promise<void> {
    const known = this.#all.get(group)
    if (known === undefined || known.state === state) return
    const after = { ...known, state }
    this.#all.set(group, after)
    await this.#write(after)
    this.#deps.keptChanged()
  }

  /** Asks where it is time to, one link after the other; while a round is under way a call joins it. */
  async round(signal: AbortSignal): Promise<void> {
    this.#running ??= this.#round(signal).finally(() => {
      this.#running = undefined
    })
    await this.#running
  }

  async #round(signal: AbortSignal): Promise<void> {
    for (const { target, link, state } of this.all()) {
      const { conversation, expiresAt } = target
      if (signal.aborted) return
      if (state !== 'asking' || !this.#waits.isDue(conversation)) continue
      if (expiresAt > 0 && expiresAt <= this.#deps.now()) await this.#settle(conversation, 'expired')
      else await this.#ask(conversation, link, signal)
    }
  }

  async #ask(group: ConversationId, link: string, signal: AbortSignal): Promise<void> {
    this.#waits.longer(group)
    try {
      await this.#deps.reach.look(link, signal)
    } catch (error) {
      // Nobody answers there: again later.
      if (!(error instanceof WarrenError)) throw error
    }
  }

  async #write(following: Following): Promise<void> {
    await this.#deps.store.commit((batch) => batch.put(keyOf(following.slot), joinRow(following)))
    this.#deps.bus.publish({ type: 'me' })
  }

  #freeSlot(): number {
    const used = new Set(this.all().map(({ slot }) => slot))
    let slot = 0
    while (used.has(slot)) slot += 1
    return slot
  }
}

const keyOf = (slot: number): Key => ({ table: tables.join, at: [slot] })
