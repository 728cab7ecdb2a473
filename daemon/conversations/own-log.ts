/** The log of the owner's own person: what this device writes into it, and what follows in the conversations. */

import { counterMessage } from '../../protocol/operation-proofs.ts'
import { isSignedBy } from '../../protocol/device-key.ts'
import type { DeviceRecord } from '../../protocol/device-record.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { deviceBytes, selfId, type DeviceId, type EpochId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Operation } from '../../protocol/operation.ts'
import type { Move } from '../../protocol/person-rules.ts'
import { hasRoom } from '../../protocol/person-room.ts'
import { personHeads, type PersonState } from '../../protocol/roster.ts'
import type { Batch } from '../store/store.ts'
import type { Core } from './core.ts'
import type { UsableEpoch } from './epochs.ts'
import type { ScopeState } from './scope-state.ts'
import type { ShutOut } from './shut-out.ts'
import type { Writer } from './writer.ts'

/** An operation before it has its heads. */
type Unheaded = { [Kind in Operation['kind']]: Omit<Extract<Operation, { kind: Kind }>, 'heads'> }[
  | 'addDevice'
  | 'removeDevice'
  | 'movedTo']

export class OwnLog {
  readonly #core: Core
  readonly #writer: Writer
  readonly #shutOut: ShutOut

  constructor(core: Core, writer: Writer, shutOut: ShutOut) {
    this.#core = core
    this.#writer = writer
    this.#shutOut = shutOut
  }

  get state(): PersonState {
    return this.#core.people.stateOf(this.#core.self.person)
  }

  /** Whether this device was removed by another one, or by the recovery key. */
  get isRemoved(): boolean {
    return !this.state.devices.has(this.#core.self.device)
  }

  /** Whether it takes one more device, or the word that this one goes on as somebody else. */
  get hasRoom(): boolean {
    const { self, scopes } = this.#core
    return hasRoom(self.person, scopes.get(self.person)?.operations ?? [], self.device)
  }

  /** Takes in a device that agreed to it; durable when it resolves. Throws BAD_SIGNATURE, CONFLICT, NOT_ALLOWED. */
  async add(record: DeviceRecord, counterSignature: Uint8Array): Promise<void> {
    const { person } = this.#core.self
    if (!isSignedBy(deviceBytes(record.device), counterMessage(person, record.device), counterSignature))
      throw new WarrenError('BAD_SIGNATURE', 'the new device did not agree to join')
    if (this.#core.people.saidBy(record.device) !== undefined)
      throw new WarrenError('CONFLICT', 'that device belongs to a person already')
    if (this.state.devices.size >= mostDevices) throw new WarrenError('CONFLICT', 'a person has at most 32 devices')
    await this.#write({ kind: 'addDevice', record, counterSignature, recovery: undefined })
  }

  /**
   * Removes a device; then ends its feeds and renews the keys of the owner's conversations.
   * Durable when it resolves. Throws NOT_FOUND, NOT_ALLOWED.
   */
  async remove(device: DeviceId): Promise<void> {
    if (!this.state.devices.has(device)) throw new WarrenError('NOT_FOUND', 'no such device of yours')
    await this.#write({ kind: 'removeDevice', device, recovery: undefined })
    await this.#shutOut.end(device)
  }

  /**
   * Says that this device goes on as one of another person, with the key that signed movedMessage(); what `alongside` writes is durable
   * with it, or neither is.
   */
  async moveTo(
    { person, device }: Omit<Move, 'by'>,
    signature: Uint8Array,
    alongside: (batch: Batch) => void,
  ): Promise<void> {
    await this.#write({ kind: 'movedTo', person, device, signature }, alongside)
  }

  /** The key that private registers are sealed with: the newest that all present devices have, and no other; made if there is none. */
  async sealingKey(): Promise<UsableEpoch> {
    const scope = this.#notes()
    return await this.#core.commit(scope, undefined, (batch, staging) => this.#writer.usableEpoch(batch, staging))
  }

  keyOf(epoch: EpochId): Uint8Array | undefined {
    return this.#notes().keys.get(epoch)
  }

  #notes(): ScopeState {
    const scope = this.#core.scopes.get(selfId(this.#core.self.person))
    if (scope === undefined) throw new WarrenError('STORE_DAMAGED', 'the own notes are not here')
    return scope
  }

  async #write(operation: Unheaded, alongside?: (batch: Batch) => void): Promise<void> {
    const { self, scopes } = this.#core
    const scope = scopes.get(self.person)
    if (scope === undefined) throw new WarrenError('STORE_DAMAGED', 'the own log is not here')
    if (this.isRemoved) throw new WarrenError('NOT_ALLOWED', 'this device was removed')
    // A removal has room wherever it is heard, as long as there is somebody to remove.
    const isFull =
      operation.kind === 'removeDevice' ? scope.operations.length >= limits.personOperations : !this.hasRoom
    if (isFull) throw new WarrenError('NOT_ALLOWED', 'the log of your devices is full: your 24 words make room')
    await this.#core.commit(scope, undefined, (batch, staging) => {
      alongside?.(batch)
      const heads = personHeads(self.person, scope.operations, self.device)
      this.#writer.appendOperation(batch, staging, { ...operation, heads })
    })
  }
}

/** Of one person at a time. */
const mostDevices = 32
