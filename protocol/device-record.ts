/** What a person log says of a device: its key and its class. Names are registers. */

import { readArray, readBytes, readUint, type Value } from './codec.ts'
import { deviceBytes, deviceIdOf, type DeviceId } from './ids.ts'

export type DeviceClass = 'desktop' | 'phone' | 'bot' | 'other'

export interface DeviceRecord {
  readonly device: DeviceId
  readonly deviceClass: DeviceClass
}

const classes: readonly DeviceClass[] = ['desktop', 'phone', 'bot']

export const deviceRecordValue = ({ device, deviceClass }: DeviceRecord): Value => [
  deviceBytes(device),
  deviceClass === 'other' ? 255 : classes.indexOf(deviceClass),
]

/** Reads a record; classes of newer versions read as `other`. Throws BAD_SHAPE. */
export function readDeviceRecord(value: Value | undefined): DeviceRecord {
  const [key, number] = readArray(value, 2)
  return { device: deviceIdOf(readBytes(key, 32)), deviceClass: classes[readUint(number, 255)] ?? 'other' }
}
