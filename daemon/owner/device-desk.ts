/** The owner's own devices, as the owner sees and changes them. */

import type { DeviceRecord } from '../../protocol/device-record.ts'
import type { Linking, NewLinking, NoLinking, OwnDevice } from '../../protocol/http-devices.ts'
import { fingerprint, type DeviceId } from '../../protocol/ids.ts'
import type { Devices } from '../devices/devices.ts'

export interface DeviceDeskDeps {
  readonly self: { readonly device: DeviceId }
  readonly devices: Devices
  /** Those that belong to the owner now. */
  readonly own: () => Iterable<DeviceRecord>
  readonly isLinked: (device: DeviceId) => boolean
}

export class DeviceDesk {
  readonly #deps: DeviceDeskDeps

  constructor(deps: DeviceDeskDeps) {
    this.#deps = deps
  }

  list(): OwnDevice[] {
    return [...this.#deps.own()].map((each) => this.#shown(each))
  }

  #shown({ device, deviceClass }: DeviceRecord): OwnDevice {
    const { self, isLinked } = this.#deps
    const current = device === self.device
    return {
      deviceId: device,
      fingerprint: fingerprint(device),
      name: '',
      deviceClass,
      current,
      online: current || isLinked(device),
    }
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
}
