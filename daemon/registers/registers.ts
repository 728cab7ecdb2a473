/** Signed records that replace each other: cards, addresses, read marks. The newest of each device wins. */

import { utf8 } from '../../protocol/bytes.ts'
import { decode, encode } from '../../protocol/codec.ts'
import type { SigningKey } from '../../protocol/crypto.ts'
import { tickHlc, zeroHlc, type Hlc, compareHlc } from '../../protocol/hlc.ts'
import type { DeviceId, Scope } from '../../protocol/ids.ts'
import { readRegister, registerValue, replaces, signRegister, type Register } from '../../protocol/register.ts'
import { tables, type Key, type Store } from '../store/store.ts'

export interface RegistersDeps {
  readonly store: Store
  readonly self: { readonly device: DeviceId; readonly signingKey: SigningKey }
  readonly now: () => number
  /** The devices whose registers a scope may carry. */
  readonly devicesOf: (scope: Scope) => ReadonlySet<DeviceId>
  readonly maySee: (device: DeviceId, scope: Scope) => boolean
}

export type RegisterListener = (register: Register, from: DeviceId | undefined) => void

/** Kept of one scope; a device that writes more keys than this is not listened to further. */
const mostPerScope = 4096

const nameOf = (register: Pick<Register, 'device' | 'key'>): string => `${register.device}/${register.key}`

export class Registers {
  readonly #deps: RegistersDeps
  readonly #scopes = new Map<Scope, Map<string, Register>>()
  readonly #listeners = new Set<RegisterListener>()
  #hlc: Hlc = zeroHlc

  constructor(deps: RegistersDeps) {
    this.#deps = deps
  }

  /** Reads all that is kept. */
  async load(): Promise<void> {
    for (const { value } of await this.#deps.store.range(tables.register)) {
      const register = readRegister(decode(value))
      this.#keep(register)
      const isOwn = register.device === this.#deps.self.device
      if (isOwn && compareHlc(register.hlc, this.#hlc) > 0) this.#hlc = register.hlc
    }
  }

  registers(scope: Scope): Register[] {
    return [...(this.#scopes.get(scope)?.values() ?? [])]
  }

  get(scope: Scope, device: DeviceId, key: string): Register | undefined {
    return this.#scopes.get(scope)?.get(nameOf({ device, key }))
  }

  /** Signs and keeps an own register; durable when it resolves. The same value again changes nothing. */
  async set(scope: Scope, key: string, value: Uint8Array): Promise<void> {
    const { self, now } = this.#deps
    const before = this.get(scope, self.device, key)
    if (before !== undefined && Buffer.compare(before.value, value) === 0) return
    this.#hlc = tickHlc(this.#hlc, now())
    await this.#store(
      [signRegister(self.signingKey, { scope, device: self.device, key, hlc: this.#hlc, value })],
      undefined,
    )
  }

  /** Keeps those that are newer and whose device belongs to their scope; resolves with them when durable. */
  async accept(registers: readonly Register[], from: DeviceId): Promise<readonly Register[]> {
    const newer = registers.filter((each) => this.#isWelcome(each, from))
    if (newer.length > 0) await this.#store(newer, from)
    return newer
  }

  #isWelcome(register: Register, from: DeviceId): boolean {
    const { scope, device } = register
    if (device === this.#deps.self.device || !this.#deps.maySee(from, scope)) return false
    if (!this.#deps.devicesOf(scope).has(device)) return false
    const kept = this.#scopes.get(scope)
    const before = kept?.get(nameOf(register))
    return replaces(register, before) && (before !== undefined || (kept?.size ?? 0) < mostPerScope)
  }

  async #store(registers: readonly Register[], from: DeviceId | undefined): Promise<void> {
    const { store } = this.#deps
    await store.commit((batch) => {
      for (const register of registers) {
        const at = [
          store.numberFor(batch, register.scope),
          store.numberFor(batch, register.device),
          ...store.nameNumbers(utf8(register.key)),
        ]
        const key: Key = { table: tables.register, at }
        batch.put(key, encode(registerValue(register)))
      }
    })
    for (const register of registers) {
      this.#keep(register)
      for (const listener of this.#listeners) listener(register, from)
    }
  }

  #keep(register: Register): void {
    const kept = this.#scopes.get(register.scope) ?? new Map<string, Register>()
    this.#scopes.set(register.scope, kept)
    if (replaces(register, kept.get(nameOf(register)))) kept.set(nameOf(register), register)
  }

  /** Called for every register that became durable here; returns the function that ends the subscription. */
  onChanged(listener: RegisterListener): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }
}
