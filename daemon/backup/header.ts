/** What stands before the sealed part of a backup: which format it has, when it was made, and what opens it. docs/backup.md. */

import { concat, label, utf8 } from '../../protocol/bytes.ts'
import { decode, encode, readArray, readEach, readUint } from '../../protocol/codec.ts'
import { aeadKey, deriveBytes, sha256, type AeadKey } from '../../protocol/crypto.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import { masterBytes, readSlot, slotValue, type KeySlot } from '../store/key-slot.ts'
import { makePassphraseSlot } from '../store/passphrase-slot.ts'
import { makeRecoverySlot } from '../store/recovery-slot.ts'
import { readRecoveryKey } from '../store/recovery-key.ts'
import { createSeal, type RandomBytes } from '../store/seal.ts'
import { masterBySecret, type Secret } from '../store/slot-opener.ts'

const magic = utf8('warren backup\n')
/** Of a backup without files, and of one with them. */
const versions = { withoutFiles: 1, withFiles: 2 } as const
/** Magic, then the length of what follows. */
export const frontBytes = magic.length + 2
const mostBytes = 16 * 1024

export interface BackupHeader {
  /** All of it, as it lies in the file. */
  readonly bytes: Uint8Array
  /** Epoch milliseconds. */
  readonly madeAt: number
  readonly hasFiles: boolean
  readonly slots: readonly KeySlot[]
}

/** Of the stream of one backup. That the whole header takes part makes any change of it one of the stream. */
const streamKey = (master: Uint8Array, header: Uint8Array): AeadKey =>
  aeadKey(deriveBytes(master, sha256(header), label('backup stream')))

async function slotFor(secret: Secret, master: Uint8Array, madeAt: number, randomBytes: RandomBytes): Promise<KeySlot> {
  const deps = { seal: createSeal(randomBytes), randomBytes }
  if ('passphrase' in secret) return await makePassphraseSlot(secret.passphrase, master, madeAt, deps)
  const key = readRecoveryKey(secret.recoveryKey)
  if (key === undefined) throw new WarrenError('WRONG_PASSPHRASE', 'this is no recovery key')
  return makeRecoverySlot(key, master, madeAt, deps)
}

/** A header, and the key of what stands behind it. */
export async function makeHeader(
  secret: Secret,
  { madeAt, hasFiles }: Pick<BackupHeader, 'madeAt' | 'hasFiles'>,
  randomBytes: RandomBytes,
): Promise<{ bytes: Uint8Array; key: AeadKey }> {
  const master = randomBytes(masterBytes)
  const slot = await slotFor(secret, master, madeAt, randomBytes)
  const version = hasFiles ? versions.withFiles : versions.withoutFiles
  const body = encode([version, madeAt, [slotValue(slot)]])
  const length = Buffer.alloc(2)
  length.writeUInt16BE(body.length)
  const bytes = concat(magic, length, body)
  return { bytes, key: streamKey(master, bytes) }
}

const noBackup = (cause?: unknown): WarrenError =>
  new WarrenError('BAD_SHAPE', 'this file is no backup of Warren', { cause })

/** How long the body is, from the first bytes of a file. Throws BAD_SHAPE, TRUNCATED. */
export function headerBodyBytes(front: Uint8Array): number {
  const known = Math.min(front.length, magic.length)
  if (front.length === 0 || Buffer.compare(front.subarray(0, known), magic.subarray(0, known)) !== 0) throw noBackup()
  if (front.length < frontBytes) throw new WarrenError('TRUNCATED', 'the backup breaks off before its end')
  const length = Buffer.from(front).readUInt16BE(magic.length)
  if (length > mostBytes) throw noBackup()
  return length
}

/** Throws BAD_SHAPE, STORE_NEWER. */
export function readHeader(bytes: Uint8Array): BackupHeader {
  try {
    const [made, madeAt, slots] = readArray(decode(bytes.subarray(frontBytes)), 1)
    const version = readUint(made)
    if (version > versions.withFiles) throw new WarrenError('STORE_NEWER', 'the backup was made by a newer Warren')
    const hasFiles = version === versions.withFiles
    return { bytes, madeAt: readUint(madeAt), hasFiles, slots: readEach(slots, limits.keySlots, readSlot) }
  } catch (cause) {
    if (errorCode(cause) === 'STORE_NEWER') throw cause
    throw noBackup(cause)
  }
}

/** Rejects with WRONG_PASSPHRASE, BAD_SHAPE. */
export async function openHeader({ bytes, slots }: BackupHeader, secret: Secret): Promise<AeadKey> {
  try {
    return streamKey(await masterBySecret(slots, secret), bytes)
  } catch (cause) {
    // Its words are about a keyring.
    throw errorCode(cause) === 'STORE_DAMAGED' ? noBackup(cause) : cause
  }
}
