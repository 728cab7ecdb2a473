/** Signed records that replace each other: cards, addresses, read marks. The newest of each device wins. */

import { utf8 } from '../../protocol/bytes.ts'
import type { SigningKey } from '../../protocol/crypto.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { compareHlc, tickHlc, zeroHlc, type Hlc } from '../../protocol/hlc.ts'
import type { DeviceId, Scope } from '../../protocol/ids.ts'
import { replaces, signRegister, type Register } from '../../protocol/register.ts'
import { tables, type Batch, type Key, type Store } from '../store/store.ts'
import { readRegisterRow, registerRow } from './register-row.ts'

export interface RegistersDeps {
  readonly store: Store
  readonly self: { readonly device: DeviceId; readonly signingKey: SigningKey }
  readonly now: () => number
  /** The devices whose registers a scope may carry. */
  readonly devicesOf: (scope: Scope) => ReadonlySet<DeviceId>
  readonly maySee: (device: DeviceId, scope: Scope) => boolean
  /** Whether only the owner's devices write to a scope. */
  readonly isOwn: (scope: Scope) => boolean
}

export type RegisterListener = (register: Register, from: DeviceId | undefined) => void

/**
 * Kept of one device in one scope: one that writes more keys than this is not listened to further. In `self` there are one for each
 * contact and conversation.
 */
const mostPerDevice = 1024
export const mostOfOwnDevice = 8192

const nameOf = (register: Pick<Register, 'device' | 'key'>): string => `${register.device}/${register.key}`

interface Kept {
  /** What is on disk, and told to peers. */
  durable: Register | undefined
  /** What the newest build wrote: later ones are measured by it. */
  staged: Register | undefined
}

export class Registers {
  readonly #deps: RegistersDeps
  readonly #scopes = new Map<Scope, Map<string, Kept>>()
  readonly #counts = new Map<string, number>()
  /** By scope and key: what each device said. */
  readonly #byKey = new Map<string, Kept[]>()
  readonly #listeners = new Set<RegisterListener>()
  /** Own ones on their way to the disk: what is set next is measured by them. */
  readonly #newest = new Map<string, Register>()
  /** Of a group that failed: what the disk says of them counts. */
  readonly #doubtful = new Set<Register>()
  #hlc: Hlc = zeroHlc

  constructor(deps: RegistersDeps) {
    this.#deps = deps
    deps.store.onFailed(() => this.#storeFailed())
  }

  /** Reads all that is kept of these scopes. */
  async load(scopes: Iterable<Scope>): Promise<void> {
    await Promise.all([...scopes].map(async (scope) => await this.#load(scope)))
  }

  async #load(scope: Scope): Promise<void> {
    const { store, self } = this.#deps
    const number = store.numberOf(scope)
    if (number === undefined) return
    for (const { value } of await store.range(tables.register, { prefix: [number], under: number })) {
      const register = readRegisterRow(value)
      const kept = this.#keptOf(register)
      kept.durable = register
      kept.staged = register
      if (register.device === self.device) this.#hlc = later(this.#hlc, register.hlc)
    }
  }

  /** The scope was deleted; its rows go with its key. */
  forget(scope: Scope): void {
    for (const { durable, staged } of this.#scopes.get(scope)?.values() ?? []) {
      const register = durable ?? staged
      if (register === undefined) continue
      this.#counts.delete(`${scope}/${register.device}`)
      this.#byKey.delete(`${scope}/${register.key}`)
    }
    this.#scopes.delete(scope)
  }

  registers(scope: Scope): Register[] {
    return [...(this.#scopes.get(scope)?.values() ?? [])].flatMap(({ durable }) => durable ?? [])
  }

  /** What the present devices of a scope say under one key, in no order. */
  named(scope: Scope, key: string): Register[] {
    const devices = this.#deps.devicesOf(scope)
    return (this.#byKey.get(`${scope}/${key}`) ?? []).flatMap(({ durable }) =>
      durable !== undefined && devices.has(durable.device) ? [durable] : [],
    )
  }

  /** How many keys a device has in a scope. */
  countOf(scope: Scope, device: DeviceId): number {
    return this.#counts.get(`${scope}/${device}`) ?? 0
  }

  get(scope: Scope, device: DeviceId, key: string): Register | undefined {
    return this.#scopes.get(scope)?.get(nameOf({ device, key }))?.durable
  }

  /**
   * Signs and keeps an own register; durable when it resolves. The same value again changes nothing. `after`: what it replaces of
   * another device's, whose clock may be ahead.
   */
  async set(scope: Scope, key: string, value: Uint8Array, after: Hlc = zeroHlc): Promise<void> {
    const { self, now, store } = this.#deps
    const before = this.#newest.get(`${scope}/${key}`) ?? this.get(scope, self.device, key)
    if (before !== undefined && Buffer.compare(before.value, value) === 0 && compareHlc(before.hlc, after) >= 0) {
      // Perhaps it is on its way to the disk.
      if (this.get(scope, self.device, key) !== before) await store.commit(() => undefined)
      return
    }
    this.#hlc = tickHlc(later(this.#hlc, after), now())
    await this.#sign({ scope, device: self.device, key, hlc: this.#hlc, value })
  }

  /** As set(), of what this device never said in this place: whatever another one says there is newer. */
  async setOldest(scope: Scope, key: string, value: Uint8Array): Promise<void> {
    const { device } = this.#deps.self
    if (this.get(scope, device, key) !== undefined) return await this.set(scope, key, value)
    await this.#sign({ scope, device, key, hlc: zeroHlc, value })
  }

  /** Says the same as another device of one person's, and no later than it. */
  async repeat(theirs: Register): Promise<void> {
    const { scope, key, hlc, value } = theirs
    const { device } = this.#deps.self
    if (!replaces(theirs, this.#newest.get(`${scope}/${key}`) ?? this.get(scope, device, key))) return
    this.#hlc = later(this.#hlc, hlc)
    await this.#sign({ scope, device, key, hlc, value })
  }

  async #sign(unsigned: Omit<Register, 'signature'>): Promise<void> {
    const register = signRegister(this.#deps.self.signingKey, unsigned)
    const name = `${register.scope}/${register.key}`
    this.#newest.set(name, register)
    try {
      await this.#store([register], undefined)
    } finally {
      if (this.#newest.get(name) === register) this.#newest.delete(name)
    }
  }

  /** Keeps those that are newer and whose device belongs to their scope; resolves with them when durable. */
  async accept(registers: readonly Register[], from: DeviceId): Promise<readonly Register[]> {
    const { self, maySee } = this.#deps
    const seen = registers.filter(({ scope }) => maySee(from, scope))
    for (const each of seen) if (each.device === self.device) await this.#outlive(each)
    const newer = seen.filter((each) => each.device !== self.device && this.#isWelcome(each))
    return newer.length === 0 ? [] : await this.#store(newer, from)
  }

  #isWelcome(register: Register): boolean {
    const { scope, device } = register
    if (!this.#deps.devicesOf(scope).has(device)) return false
    return replaces(register, this.#scopes.get(scope)?.get(nameOf(register))?.staged)
  }

  #hasRoom({ scope, device, key }: Register): boolean {
    const isKnown = this.#scopes.get(scope)?.has(nameOf({ device, key })) ?? false
    if (isKnown || device === this.#deps.self.device) return true
    return this.countOf(scope, device) < (this.#deps.isOwn(scope) ? mostOfOwnDevice : mostPerDevice)
  }

  /** An own register that is newer than what is here: this home was put back. What it says now must win over what it said. */
  async #outlive(theirs: Register): Promise<void> {
    const { scope, device, key } = theirs
    const ours = this.#newest.get(`${scope}/${key}`) ?? this.get(scope, device, key)
    if (!replaces(theirs, ours)) return
    this.#hlc = tickHlc(later(this.#hlc, theirs.hlc), this.#deps.now())
    await this.#sign({ scope, device, key, hlc: this.#hlc, value: ours?.value ?? theirs.value })
  }

  /** Resolves with those that were written: one that a newer one overtook in the queue is left out. */
  async #store(registers: readonly Register[], from: DeviceId | undefined): Promise<Register[]> {
    const { store } = this.#deps
    const written: Register[] = []
    try {
      await store.commit((batch) => {
        for (const register of registers) {
          if (!this.#hasRoom(register)) continue
          const kept = this.#keptOf(register)
          if (!replaces(register, kept.staged)) continue
          batch.put(this.#key(batch, register), registerRow(register))
          kept.staged = register
          written.push(register)
        }
      })
    } catch (error) {
      for (const register of written) this.#doubtful.add(register)
      throw error
    }
    for (const register of written) this.#settle(register, from)
    return written
  }

  #settle(register: Register, from: DeviceId | undefined): void {
    const kept = this.#keptOf(register)
    if (!replaces(register, kept.durable)) return
    kept.durable = register
    for (const listener of this.#listeners) listener(register, from)
  }

  #storeFailed(): void {
    for (const kept of this.#scopes.values()) for (const each of kept.values()) each.staged = each.durable
    for (const register of this.#doubtful) {
      const found = this.#stored(register)
      if (found === undefined) continue
      this.#keptOf(found).staged = found
      this.#settle(found, undefined)
    }
    this.#doubtful.clear()
  }

  #stored(register: Register): Register | undefined {
    try {
      const key = this.#keyOf(register)
      const row = key === undefined ? undefined : this.#deps.store.get(key)
      return row === undefined ? undefined : readRegisterRow(row)
    } catch (error) {
      // It stays what it was: peers tell it again.
      if (error instanceof WarrenError) return undefined
      throw error
    }
  }

  #keptOf(register: Register): Kept {
    const { scope, device } = register
    const kept = this.#scopes.get(scope) ?? new Map<string, Kept>()
    this.#scopes.set(scope, kept)
    const name = nameOf(register)
    let one = kept.get(name)
    if (one === undefined) {
      one = { durable: undefined, staged: undefined }
      kept.set(name, one)
      const place = `${scope}/${register.key}`
      this.#byKey.set(place, [...(this.#byKey.get(place) ?? []), one])
      const owner = `${scope}/${device}`
      this.#counts.set(owner, (this.#counts.get(owner) ?? 0) + 1)
    }
    return one
  }

  #key(batch: Batch, { scope, device, key }: Register): Key {
    const { store } = this.#deps
    const number = store.numberFor(batch, scope)
    const at = [number, store.numberFor(batch, device), ...store.nameNumbers(utf8(key))]
    return { table: tables.register, at, under: number }
  }

  #keyOf({ scope, device, key }: Register): Key | undefined {
    const { store } = this.#deps
    const [first, second] = [store.numberOf(scope), store.numberOf(device)]
    if (first === undefined || second === undefined) return undefined
    return { table: tables.register, at: [first, second, ...store.nameNumbers(utf8(key))], under: first }
  }

  /** Called for every register that became durable here; returns the function that ends the subscription. */
  onChanged(listener: RegisterListener): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }
}

const later = (a: Hlc, b: Hlc): Hlc => (compareHlc(a, b) < 0 ? b : a)
