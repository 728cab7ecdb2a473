/** The bytes of the keyring file: slots in plain sight, everything else sealed under the master key. */

import { label } from '../../protocol/bytes.ts'
import {
  decode,
  encode,
  readArray,
  readBytes,
  readBytesUpTo,
  readEach,
  readText,
  readUint,
} from '../../protocol/codec.ts'
import { aeadKey } from '../../protocol/crypto.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import { readSlot, slotValue, type KeySlot } from './key-slot.ts'
import { openSealed, type Seal } from './seal.ts'

/** CBOR `["warren keyring", version, [slot …], sealed contents]`; the first two items stand fixed for ever. */
export interface KeyringFile {
  readonly slots: readonly KeySlot[]
  readonly sealed: Uint8Array
}

/** CBOR `[home key, [[number of the conversation, key] …], keys made]`, keys of 32 bytes each. */
export interface KeyringContents {
  readonly homeKey: Uint8Array
  readonly conversationKeys: ReadonlyMap<number, Uint8Array>
  /** How many keys of conversations were ever made: a database that knows of more was written beside a later keyring. */
  readonly keysMade: number
}

const magic = 'warren keyring'
/** The first version did not count the keys. */
const version = 2
const mostBytes = 2 ** 28
const associated = label('keyring')

/** `read`, with every error of shape meaning damage: nobody but us writes these files. */
function damagedUnless<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    const code = errorCode(cause)
    if (code !== 'BAD_SHAPE' && code !== 'TOO_LARGE' && code !== 'CANNOT_DECRYPT') throw cause
    throw new WarrenError('STORE_DAMAGED', 'the keyring file is damaged', { cause })
  }
}

export const keyringBytes = ({ slots, sealed }: KeyringFile): Uint8Array =>
  encode([magic, version, slots.map((slot) => slotValue(slot)), sealed])

/** Throws STORE_DAMAGED or STORE_NEWER. */
export const readKeyringFile = (bytes: Uint8Array): KeyringFile =>
  damagedUnless(() => {
    const [name, made, slots, sealed] = readArray(decode(bytes), 2)
    if (readText(name, magic.length) !== magic) throw new WarrenError('BAD_SHAPE', 'not a keyring')
    if (readUint(made) > version) throw new WarrenError('STORE_NEWER', 'the keyring was made by a newer Warren')
    if (made !== 1 && made !== version) throw new WarrenError('BAD_SHAPE', 'no version of a keyring')
    return { slots: readEach(slots, limits.keySlots, readSlot), sealed: readBytesUpTo(sealed, mostBytes) }
  })

export function sealContents(contents: KeyringContents, master: Uint8Array, seal: Seal): Uint8Array {
  return seal(
    aeadKey(master),
    encode([contents.homeKey, [...contents.conversationKeys], contents.keysMade]),
    associated,
  )
}

/** Throws STORE_DAMAGED. */
export const openContents = (sealed: Uint8Array, master: Uint8Array): KeyringContents =>
  damagedUnless(() => {
    const [homeKey, keys, keysMade = 0] = readArray(decode(openSealed(aeadKey(master), sealed, associated)), 2, 3)
    const conversationKeys = readEach(keys, Infinity, (item): [number, Uint8Array] => {
      const [conversation, key] = readArray(item, 2, 2)
      return [readUint(conversation), readBytes(key, 32)]
    })
    return {
      homeKey: readBytes(homeKey, 32),
      conversationKeys: new Map(conversationKeys),
      keysMade: readUint(keysMade),
    }
  })
