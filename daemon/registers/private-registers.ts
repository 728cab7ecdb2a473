/** What the owner's devices tell each other and nobody else: registers of `self`, sealed under its newest key. */

import { errorCode } from '../../protocol/errors.ts'
import { compareHlc } from '../../protocol/hlc.ts'
import type { ConversationId, DeviceId, EpochId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Register } from '../../protocol/register.ts'
import { openValue, privatePrefix, sealValue } from '../../protocol/register-values.ts'
import type { Registers } from './registers.ts'

export interface PrivateRegistersDeps {
  readonly registers: Registers
  readonly self: { readonly device: DeviceId }
  /** Notes to self. */
  readonly scope: ConversationId
  /** The key to seal with now; one is made where none fits the present devices. */
  readonly sealingKey: () => Promise<{ readonly epoch: EpochId; readonly key: Uint8Array }>
  readonly keyOf: (epoch: EpochId) => Uint8Array | undefined
  readonly random: (length: number) => Uint8Array
}

/** Room for the key's id and the seal. */
const mostBytes = limits.registerValueBytes - 256

type Listener = (key: string, value: Uint8Array) => void

export class PrivateRegisters {
  readonly #deps: PrivateRegistersDeps
  readonly #listeners = new Set<Listener>()
  /** Of other devices, whose key is not here yet. */
  readonly #shut = new Set<string>()
  /** What this device wrote last, so that the same again is not sealed anew. */
  readonly #said = new Map<string, Uint8Array>()
  /** One after the other: the later of two must win. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(deps: PrivateRegistersDeps) {
    this.#deps = deps
    deps.registers.onChanged((register) => this.#came(register))
  }

  /** The newest value of any device; undefined if there is none, or none that can be opened yet. */
  get(key: string): Uint8Array | undefined {
    const newest = this.#newest(key)
    return newest === undefined ? undefined : this.#open(newest)
  }

  /** What this device itself said last, whatever others said after it. */
  own(key: string): Uint8Array | undefined {
    const { registers, scope, self } = this.#deps
    const said = registers.get(scope, self.device, privatePrefix + key)
    return said === undefined ? undefined : this.#open(said)
  }

  /** Tells once more all that other devices said last. */
  tellAll(): void {
    const { registers, scope } = this.#deps
    const keys = registers.registers(scope).flatMap((each) => (isPrivate(each) ? [nameOf(each)] : []))
    new Set(keys).forEach((key) => this.#tell(key))
  }

  /**
   * Says it to the other devices; durable when it resolves. What is too long stays here, and what is known already is not said again.
   * `isOld`: it is of another day, so whatever any of them says of it counts more.
   */
  async set(key: string, value: Uint8Array, isOld = false): Promise<void> {
    const set = this.#turn.then(async () => await this.#set(key, value, isOld))
    this.#turn = set.catch(() => undefined)
    await set
  }

  async #set(key: string, value: Uint8Array, isOld: boolean): Promise<void> {
    if (value.length > mostBytes) return
    const known = this.#said.get(key) ?? this.get(key)
    if (known !== undefined && Buffer.compare(known, value) === 0) return
    this.#said.set(key, value)
    const { registers, self, scope, sealingKey, random } = this.#deps
    const place = { scope, device: self.device, key: privatePrefix + key }
    const sealed = sealValue(place, await sealingKey(), value, random(32))
    const newest = this.#newest(key)
    // What cannot be read yet counts more, too.
    const isUnread = newest === undefined || this.#open(newest) === undefined
    if (isOld && isUnread) await registers.setOldest(scope, place.key, sealed)
    else await registers.set(scope, place.key, sealed, newest?.hlc)
  }

  /** Called with what another device said, once it can be read and as long as no newer word is here. */
  onChanged(listener: Listener): void {
    this.#listeners.add(listener)
  }

  /** Keys came: what could not be read perhaps can. */
  retry(): void {
    const shut = Array.from(this.#shut)
    for (const key of shut) this.#tell(key)
  }

  #came(register: Register): void {
    const { self, scope } = this.#deps
    if (register.scope !== scope || !isPrivate(register) || register.device === self.device) return
    this.#tell(nameOf(register))
  }

  #tell(key: string): void {
    const newest = this.#newest(key)
    if (newest === undefined || newest.device === this.#deps.self.device) return
    const value = this.#open(newest)
    if (value === undefined) this.#shut.add(key)
    else {
      this.#shut.delete(key)
      this.#said.delete(key)
      for (const listener of this.#listeners) listener(key, value)
    }
  }

  /** The last word of the devices that belong: of one that was removed nothing counts. */
  #newest(key: string): Register | undefined {
    const { registers, scope } = this.#deps
    const said = registers.named(scope, privatePrefix + key)
    return said.toSorted((a, b) => compareHlc(b.hlc, a.hlc) || Buffer.compare(b.value, a.value))[0]
  }

  /** How many keys this device has written. */
  get count(): number {
    const { registers, scope, self } = this.#deps
    return registers.countOf(scope, self.device)
  }

  #open(register: Register): Uint8Array | undefined {
    try {
      return openValue(register, this.#deps.keyOf)
    } catch (error) {
      // Its key is to come, or its device made it wrongly: then it says nothing.
      const code = errorCode(error)
      if (code === 'NO_KEY' || code === 'CANNOT_DECRYPT' || code === 'BAD_SHAPE') return undefined
      throw error
    }
  }
}

const isPrivate = ({ key }: Register): boolean => key.startsWith(privatePrefix)
const nameOf = ({ key }: Register): string => key.slice(privatePrefix.length)
