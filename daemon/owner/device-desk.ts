/** The owner's own devices, as the owner sees and changes them. */

import type { DeviceRecord } from '../../protocol/device-record.ts'
import type { Linking, NewLinking, NoLinking, OwnDevice } from '../../protocol/http-devices.ts'
import type { BeginningAnew } from '../../protocol/http-phrase.ts'
import type { NewRecovery, NoRecovery, Recovery, RecoveryFinish } from '../../protocol/http-recovery.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { fingerprint, readDeviceId, type DeviceId } from '../../protocol/ids.ts'
import type { OwnLog } from '../conversations/own-log.ts'
import type { Devices } from '../devices/devices.ts'
import type { Recoveries } from '../devices/recoveries.ts'
import type { DeviceNames } from './device-names.ts'
import type { PhraseDesk } from './phrase-desk.ts'

export interface DeviceDeskDeps {
  readonly self: { readonly device: DeviceId }
  readonly devices: Devices
  readonly recoveries: Recoveries
  readonly beginAnew: () => Promise<BeginningAnew>
  readonly lookAtBeginning: () => BeginningAnew
  readonly log: OwnLog
  readonly names: DeviceNames
  readonly phrase: PhraseDesk
  readonly isLinked: (device: DeviceId) => boolean
  readonly changed: () => void
}

export class DeviceDesk {
  /** The words that bring the owner back. */
  readonly phrase: PhraseDesk
  readonly #deps: DeviceDeskDeps

  constructor(deps: DeviceDeskDeps) {
    this.#deps = deps
    this.phrase = deps.phrase
  }

  /** Whether this device was removed by another one. */
  get isRemoved(): boolean {
    return this.#deps.log.isRemoved
  }

  list(): OwnDevice[] {
    return Array.from(this.#deps.log.state.devices.values(), (each) => this.#shown(each))
  }

  #shown({ device, deviceClass }: DeviceRecord): OwnDevice {
    const { self, isLinked, names } = this.#deps
    const current = device === self.device
    return {
      deviceId: device,
      fingerprint: fingerprint(device),
      name: names.of(device),
      deviceClass,
      current,
      online: current || isLinked(device),
    }
  }

  /** Throws NOT_FOUND, TOO_LARGE. */
  async rename(id: string, name: string): Promise<OwnDevice> {
    const record = this.#require(id)
    await this.#deps.names.set(record.device, name)
    this.#deps.changed()
    return this.#shown(record)
  }

  /**
   * From now on it is none of the owner's, nor given anything. Throws NOT_FOUND, SELF: somebody must be left who can take in others;
   * NOT_ALLOWED if this one was removed itself.
   */
  async remove(id: string): Promise<void> {
    const { device } = this.#require(id)
    if (device === this.#deps.self.device)
      throw new WarrenError('SELF', 'a device is removed with another one of yours: this is the one that you use')
    await this.#deps.log.remove(device)
    this.#deps.changed()
  }

  #require(id: string): DeviceRecord {
    const record = this.#deps.log.state.devices.get(readDeviceId(id))
    if (record === undefined) throw new WarrenError('NOT_FOUND', 'no such device of yours')
    return record
  }

  linking(): Linking | NoLinking {
    return this.#deps.devices.linking
  }

  begin(wish: NewLinking): Linking {
    return this.#deps.devices.begin(wish)
  }

  confirm(): Linking {
    return this.#deps.devices.confirm()
  }

  cancel(differ: boolean): void {
    this.#deps.devices.cancel(differ)
  }

  recovery(): Recovery | NoRecovery {
    return this.#deps.recoveries.shown
  }

  /** See lookAtBeginning(). */
  beginningAnew(): BeginningAnew {
    return this.#deps.lookAtBeginning()
  }

  async beginAnew(): Promise<BeginningAnew> {
    return await this.#deps.beginAnew()
  }

  beginRecovery(wish: NewRecovery): Recovery {
    return this.#deps.recoveries.begin(wish)
  }

  finishRecovery({ remove, askHelper = false, alone = false }: RecoveryFinish): Recovery {
    return this.#deps.recoveries.finish(remove, askHelper, alone)
  }

  endRecovery(): void {
    this.#deps.recoveries.end()
  }
}
