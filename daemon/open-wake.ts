/** Joins the push room to the network and to the rooms that know contacts, groups and messages. */

import { lanes } from '../protocol/entry.ts'
import { WarrenError } from '../protocol/errors.ts'
import { directId, type ConversationId, type DeviceId, type PersonId, type Scope } from '../protocol/ids.ts'
import { readWakers, encodeWakers } from '../protocol/register-values.ts'
import { registerKeys, type Register } from '../protocol/register.ts'
import type { Closers } from './closers.ts'
import type { Log } from './log.ts'
import type { Net } from './net/net.ts'
import type { DaemonOptions } from './options.ts'
import { createAsk, type Ask } from './push/ask.ts'
import { Grants } from './push/grants.ts'
import type { NamedGroups } from './push/granting.ts'
import { noteAddresses } from './push/note-addresses.ts'
import { Push } from './push/push.ts'
import { StandingLinks } from './push/standing-links.ts'
import { WakeBook } from './push/wake-book.ts'
import { chooseWakers } from './push/waker-choice.ts'
import { Waker } from './push/waker.ts'
import { random } from './random.ts'
import type { Rooms } from './rooms.ts'
import type { Store } from './store/store.ts'
import { systemTimers } from './timers.ts'

export interface WakeParts {
  readonly net: Net
  readonly rooms: Rooms
  readonly store: Store
  readonly closers: Closers
  readonly log: Log
  readonly options: Pick<DaemonOptions, 'announceLoopback'>
  /** Where the API listens. */
  readonly apiPort: () => number
}

export interface OpenWake {
  readonly push: Push
  /** Devices of others that are being woken for what is in a conversation. */
  readonly waking: (scope: Scope) => readonly DeviceId[]
  readonly isWakeable: (person: PersonId) => boolean
  /** A link with a device stands until the signal is aborted. */
  linked(device: DeviceId, closed: AbortSignal): void
  /** Wakes, and is woken, from now on. */
  start(): void
}

/** A link that was lost comes back mostly by itself; and so do many once this daemon started. */
const afterLossMs = 3000
const afterStartMs = 15_000
/** The author is given so long to wake a member; then the members whom it named, one after the other. */
const othersFirstMs = 6000
const othersApartMs = 10_000

const portOf = (multiaddr: string): number => Number(/\/tcp\/(\d+)/.exec(multiaddr)?.[1] ?? '0')

interface Asking {
  readonly book: WakeBook
  readonly ask: Ask
}

function createWaker(
  { net, rooms, log }: WakeParts,
  { book, ask, grants, links }: Asking & { readonly grants: Grants; readonly links: StandingLinks },
): Waker {
  const { identity, conversations, bus } = rooms
  return new Waker({
    self: identity,
    book,
    grants,
    ask,
    timers: systemTimers,
    log,
    random,
    isLinked: (device) => links.has(device),
    isAlone: () => links.isEmpty,
    lacks: (scope, device) => conversations.owner.lacks(scope, device),
    addresses: () => noteAddresses(net.network().addresses),
    changed: (scopes) => {
      for (const scope of scopes)
        if (conversations.owner.has(scope)) bus.publish({ type: 'conversation', conversation: scope as ConversationId })
    },
  })
}

function createPush({ rooms, log }: WakeParts, asking: Asking): Push {
  const { identity, conversations, registers, bus } = rooms
  return new Push({
    ...asking,
    seed: identity.seed,
    timers: systemTimers,
    log,
    random,
    personOf: (device) => conversations.peers.personOf(device),
    wakers: () => acceptedContacts(rooms),
    removed: (person) => conversations.peers.personState(person).removed.size + conversations.ownLog.state.removed.size,
    directWith: (person) => conversations.owner.idFor(person),
    registers,
    nameWakers: async (able) => await nameWakers(rooms, able),
    changed: () => bus.publish({ type: 'me' }),
  })
}

/** Rejects with STORE_…. */
export async function openWake(parts: WakeParts): Promise<OpenWake> {
  const { net, rooms, store, closers, options, apiPort } = parts
  const closing = new AbortController()
  const ownPorts = (): number[] => [apiPort(), ...net.listening().map((each) => portOf(each))]
  // What contacts name is not to lead to this machine; what its owner names may.
  const ask = (loopback: boolean): Ask => createAsk(() => ({ loopback, ownPorts: ownPorts() }), closing.signal)
  const book = await WakeBook.open(store)
  const isContact = (person: PersonId): boolean => rooms.contacts.isAccepted(person)
  const grants = new Grants({ isContact, now: () => systemTimers.now() })
  const links = new StandingLinks()
  const waker = createWaker(parts, { book, grants, links, ask: ask(options.announceLoopback) })
  const push = createPush(parts, { book, ask: ask(true) })
  closers.add(async () => {
    closing.abort()
    await waker.close()
    await push.close()
  })
  const lost = (device: DeviceId, closed: AbortSignal): void => {
    links.remove(device, closed)
    if (!closing.signal.aborted && !links.has(device)) wakeIfNeeded(parts, waker, device, afterLossMs)
  }
  return {
    push,
    waking: (scope) => waker.of(scope),
    isWakeable: (person) => grants.isOf(person),
    linked: (device, closed) => {
      links.add(device, closed)
      waker.linked(device)
      closed.addEventListener('abort', () => lost(device, closed), { once: true })
    },
    start: () => {
      followGrants(parts, { grants, waker })
      followMessages(parts, { grants, waker })
      followChanges(parts, push)
      for (const device of grants.devices()) wakeIfNeeded(parts, waker, device, afterStartMs)
      void push.resumed()
    },
  }
}

interface WakerSide {
  readonly grants: Grants
  readonly waker: Waker
}

const acceptedContacts = ({ book, conversations }: Rooms): PersonId[] =>
  book
    .all()
    .filter(({ state, person }) => state === 'accepted' && conversations.owner.idFor(person) !== undefined)
    .map(({ person }) => person)

/** Where a device and this one write to each other. */
function sharedWith({ identity, conversations }: Rooms, person: PersonId): Scope[] {
  return [directId(identity.person, person), ...conversations.ownGroups.sharedWith(person)]
}

function wakeIfNeeded({ rooms }: WakeParts, waker: Waker, device: DeviceId, afterMs: number): void {
  const { owner, peers } = rooms.conversations
  const person = peers.personOf(device)
  if (person === undefined) return
  for (const scope of sharedWith(rooms, person))
    if (peers.devicesOf(scope).has(device) && owner.lacks(scope, device)) waker.lacking(device, scope, afterMs)
}

/** Takes what contacts gave in the conversation with each of them, and nowhere else. */
function followGrants(parts: WakeParts, { grants, waker }: WakerSide): void {
  const { rooms, closers } = parts
  const { identity, conversations, registers } = rooms
  const take = (register: Register): boolean => {
    if (register.key !== registerKeys.wake || register.device === identity.device) return false
    const person = conversations.peers.personOf(register.device)
    if (person === undefined || person === identity.person) return false
    return register.scope === directId(identity.person, person) && grants.take(register, person)
  }
  for (const { person } of rooms.book.all()) registers.registers(directId(identity.person, person)).forEach(take)
  closers.add(
    registers.onChanged((register) => {
      const { key, scope, device } = register
      const isNews = take(register)
      const person = conversations.peers.personOf(device)
      if (key === registerKeys.wake && person !== undefined && scope === directId(identity.person, person))
        rooms.book.tellAgain(person)
      if (!isNews) return
      // It was awake: what was tried before counts no more.
      waker.linked(register.device)
      wakeIfNeeded(parts, waker, register.device, afterLossMs)
    }),
  )
}

function followMessages({ rooms, closers }: WakeParts, { grants, waker }: WakerSide): void {
  const { conversations, registers, identity, bus } = rooms
  const { peers, ownGroups, owner } = conversations
  const rankIn = (scope: Scope, device: DeviceId): number => {
    const register = registers.get(scope, device, registerKeys.wakers)
    return register === undefined ? -1 : wakersIn(register).indexOf(identity.person)
  }
  const appendedByOther = (scope: Scope, authors: ReadonlySet<DeviceId>): void => {
    for (const device of grants.devices()) {
      const rank = authors.has(device) || !peers.devicesOf(scope).has(device) ? -1 : rankIn(scope, device)
      const person = peers.personOf(device)
      const isOwnWord = [...authors].every((author) => peers.personOf(author) === person)
      if (rank >= 0 && !isOwnWord) waker.perhapsLacking(device, scope, othersFirstMs + rank * othersApartMs)
    }
  }
  closers.add(
    peers.onAppended(({ scope, runs, from }) => {
      if (grants.isEmpty || !owner.has(scope)) return
      const heads = runs.flatMap(({ entries: [top] }) => (top === undefined ? [] : [top.sealed.header]))
      const authors = new Set(heads.flatMap(({ lane, device }) => (lane === lanes.messages ? [device] : [])))
      if (authors.size === 0) return
      if (from === undefined) {
        for (const device of grants.devices()) if (peers.devicesOf(scope).has(device)) waker.lacking(device, scope)
      } else if (ownGroups.isGroup(scope) && !authors.has(identity.device)) appendedByOther(scope, authors)
    }),
  )
  closers.add(
    bus.subscribe((event) => {
      if (event.type === 'ticks') waker.delivered(event.conversation)
      if (event.type === 'conversation-gone') waker.forget(event.conversation)
    }),
  )
}

function followChanges({ rooms, closers }: WakeParts, push: Push): void {
  closers.add(
    rooms.bus.subscribe(({ type }) => {
      if (type === 'contact' || type === 'contact-gone' || type === 'conversation-gone') push.changed()
    }),
  )
  const { peers } = rooms.conversations
  closers.add(peers.onScopesChanged(() => push.changed()))
  // Somebody's device was removed, perhaps.
  closers.add(
    peers.onAppended(({ scope }) => {
      if (scope === rooms.identity.person || rooms.book.get(scope as PersonId) !== undefined) push.changed()
    }),
  )
}

/** Those who cannot be read name nobody. */
function wakersIn({ value }: Register): readonly PersonId[] {
  try {
    return readWakers(value)
  } catch (error) {
    if (error instanceof WarrenError) return []
    throw error
  }
}

async function nameWakers(
  { identity, conversations, registers, presence }: Rooms,
  able: ReadonlySet<PersonId>,
): Promise<NamedGroups> {
  const { owner, ownGroups } = conversations
  let [count, without] = [0, 0]
  for (const { scope, kind } of owner.all()) {
    if (kind !== 'group' || ownGroups.member(scope, identity.person)?.state !== 'joined') continue
    const before = registers.get(scope, identity.device, registerKeys.wakers)
    const members = ownGroups.members(scope).filter(({ person, state }) => state === 'joined' && able.has(person))
    const named = chooseWakers({
      named: before === undefined ? [] : wakersIn(before),
      able: members.map(({ person }) => person),
      isOnline: (person) => presence.isOnline(person),
    })
    if (named.length > 0) count += 1
    else if (able.size > 0) without += 1
    if (before !== undefined || named.length > 0) await registers.set(scope, registerKeys.wakers, encodeWakers(named))
  }
  return { named: count, without }
}
