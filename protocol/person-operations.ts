/** The operations of a person's log, and how each is written into its payload behind the heads. */

import { readBytes, readOptionalBytes, type Value } from './codec.ts'
import { deviceRecordValue, readDeviceRecord, type DeviceRecord } from './device-record.ts'
import { deviceBytes, deviceIdOf, idBytes, type DeviceId, type PersonId } from './ids.ts'
import { readPerson, type OperationCodecs } from './operation-parts.ts'

/** 64 bytes by the recovery key over recoveryMessage(), if an operation rests on it and not on its device. */
type Recovery = { readonly recovery: Uint8Array | undefined }

export type PersonOperation =
  | {
      readonly kind: 'createPerson'
      readonly record: DeviceRecord
      readonly nonce: Uint8Array
      readonly recoveryKey: Uint8Array
      /** 64 bytes by that key over beginMessage(). */
      readonly proof: Uint8Array
    }
  | ({
      readonly kind: 'addDevice'
      readonly record: DeviceRecord
      /** 64 bytes by the new device over counterMessage(). */
      readonly counterSignature: Uint8Array
    } & Recovery)
  | ({ readonly kind: 'removeDevice'; readonly device: DeviceId } & Recovery)
  | ({
      readonly kind: 'rotateRecovery'
      readonly recoveryKey: Uint8Array
      /** 64 bytes by that key over nextKeyMessage(). */
      readonly proof: Uint8Array
    } & Recovery)
  | {
      readonly kind: 'movedTo'
      readonly person: PersonId
      /** The key that the device which moves has there. */
      readonly device: DeviceId
      /** 64 bytes by that key over movedMessage(). */
      readonly signature: Uint8Array
    }

const none = new Uint8Array(0)
const readSignature = (value: Value | undefined): Uint8Array => readBytes(value, 64)

/** `f[0]` is the heads. */
export const personCodecs: OperationCodecs<PersonOperation> = {
  createPerson: {
    write: ({ record, nonce, recoveryKey, proof }) => [deviceRecordValue(record), nonce, recoveryKey, proof],
    read: (f) => ({
      record: readDeviceRecord(f[1]),
      nonce: readBytes(f[2], 32),
      recoveryKey: readBytes(f[3], 32),
      proof: readSignature(f[4]),
    }),
  },
  addDevice: {
    write: ({ record, counterSignature, recovery }) => [deviceRecordValue(record), counterSignature, recovery ?? none],
    read: (f) => ({
      record: readDeviceRecord(f[1]),
      counterSignature: readSignature(f[2]),
      recovery: readOptionalBytes(f[3], 64),
    }),
  },
  removeDevice: {
    write: ({ device, recovery }) => [deviceBytes(device), recovery ?? none],
    read: (f) => ({ device: deviceIdOf(readBytes(f[1], 32)), recovery: readOptionalBytes(f[2], 64) }),
  },
  rotateRecovery: {
    write: ({ recoveryKey, recovery, proof }) => [recoveryKey, recovery ?? none, proof],
    read: (f) => ({
      recoveryKey: readBytes(f[1], 32),
      recovery: readOptionalBytes(f[2], 64),
      proof: readSignature(f[3]),
    }),
  },
  movedTo: {
    write: ({ person, device, signature }) => [idBytes(person), deviceBytes(device), signature],
    read: (f) => ({
      person: readPerson(f[1]),
      device: deviceIdOf(readBytes(f[2], 32)),
      signature: readSignature(f[3]),
    }),
  },
}
