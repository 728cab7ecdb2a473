/** The key slot `passphrase`: opened by what the owner types, stretched by scrypt (RFC 7914). */

import { scrypt } from 'node:crypto'
import { label, utf8 } from '../../protocol/bytes.ts'
import { readBytes, readUint } from '../../protocol/codec.ts'
import { aeadKey, deriveBytes, type AeadKey } from '../../protocol/crypto.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { limits } from '../../protocol/limits.ts'
import type { SlotDeps } from './file-slot.ts'
import { makeSlot, openSlot, saltBytes, type KeySlot } from './key-slot.ts'

interface Cost {
  readonly logN: number
  readonly r: number
  readonly p: number
}

/** 128 MiB and about half a second of one core for each guess. */
const cost: Cost = { logN: 17, r: 8, p: 1 }

/** One passphrase may be typed in several ways (composed or not, full or half width): all are one. */
export const normalPassphrase = (text: string): string => text.normalize('NFKC')

const memoryOf = ({ logN, r }: Cost): number => 128 * r * 2 ** logN

/** A keyring that somebody put here must make the daemon neither take all memory nor guess cheaply. Throws STORE_DAMAGED. */
function checkCost(asked: Cost): void {
  const tooMuch = memoryOf(asked) > limits.scryptMemoryBytes || asked.p > limits.scryptParallel
  if (tooMuch || asked.logN < cost.logN || asked.r < cost.r || asked.p < cost.p) {
    throw new WarrenError('STORE_DAMAGED', 'the passphrase slot of the keyring asks for impossible work')
  }
}

/** Off the main thread. */
async function stretch(passphrase: string, salt: Uint8Array, asked: Cost): Promise<AeadKey> {
  checkCost(asked)
  const { logN, r, p } = asked
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    const options = { N: 2 ** logN, r, p, maxmem: 2 * limits.scryptMemoryBytes }
    scrypt(utf8(normalPassphrase(passphrase)), salt, 32, options, (error, derived) => {
      if (error === null) resolve(derived)
      else reject(error)
    })
  })
  const key = deriveBytes(bytes, salt, label('key-slot passphrase'))
  bytes.fill(0)
  return aeadKey(key)
}

/** `madeAt`: epoch milliseconds. */
export async function makePassphraseSlot(
  passphrase: string,
  master: Uint8Array,
  madeAt: number,
  { seal, randomBytes }: SlotDeps,
): Promise<KeySlot> {
  const salt = new Uint8Array(randomBytes(saltBytes))
  const key = await stretch(passphrase, salt, cost)
  return makeSlot({ kind: 'passphrase', parameters: [salt, cost.logN, cost.r, cost.p, madeAt], key }, master, seal)
}

/** The master key. Rejects with CANNOT_DECRYPT if it is another passphrase, BAD_SHAPE or STORE_DAMAGED. */
export async function openPassphraseSlot(slot: KeySlot, passphrase: string): Promise<Uint8Array> {
  const [salt, logN, r, p] = slot.parameters
  const asked = { logN: readUint(logN, 64), r: readUint(r, 2 ** 30), p: readUint(p, 2 ** 30) }
  return openSlot(slot, await stretch(passphrase, readBytes(salt, saltBytes), asked))
}
