/** What the owner calls each of their devices: told to these devices and nobody else. */

import { decode, encode, readArray, readCodePoints } from '../../protocol/codec.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { PrivateRegisters } from '../registers/private-registers.ts'
import { displayLine } from './display-text.ts'

const prefix = 'device/'

export class DeviceNames {
  readonly #registers: PrivateRegisters

  constructor(registers: PrivateRegisters) {
    this.#registers = registers
  }

  /** Empty if it has none. */
  of(device: DeviceId): string {
    const value = this.#registers.get(prefix + device)
    if (value === undefined) return ''
    try {
      return displayLine(readCodePoints(readArray(decode(value), 1)[0], limits.nameCodePoints))
    } catch (error) {
      if (error instanceof WarrenError) return ''
      throw error
    }
  }

  /** Throws TOO_LARGE, BAD_SHAPE. */
  async set(device: DeviceId, name: string): Promise<void> {
    readCodePoints(name, limits.nameCodePoints)
    await this.#registers.set(prefix + device, encode([displayLine(name)]))
  }

  /** A name for this device, unless it has one. */
  async propose(device: DeviceId, name: string): Promise<void> {
    const known = Array.from(displayLine(name)).slice(0, limits.nameCodePoints).join('')
    if (this.of(device) === '' && known !== '') await this.set(device, known)
  }
}
