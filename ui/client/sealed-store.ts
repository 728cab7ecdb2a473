/**
 * Words that the daemon has not taken yet, kept over a reload: sealed under an AES key that no script can read out, so
 * that they lie on the disk no more openly than the session does.
 */

import { database } from './database.ts'

interface Sealed {
  nonce: Uint8Array<ArrayBuffer>
  bytes: ArrayBuffer
}

const algorithm = 'AES-GCM'

async function sealingKey(): Promise<CryptoKey> {
  const kept = (await database.get('session', 'sealing')) as CryptoKey | undefined
  if (kept !== undefined) return kept
  const key = await crypto.subtle.generateKey({ name: algorithm, length: 256 }, false, ['encrypt', 'decrypt'])
  await database.put('session', 'sealing', key)
  return key
}

let cached: Promise<CryptoKey> | undefined
const key = async (): Promise<CryptoKey> => await (cached ??= sealingKey())

export const sealedStore = {
  async put(name: string, value: unknown): Promise<void> {
    const nonce = crypto.getRandomValues(new Uint8Array(12))
    const plain = new TextEncoder().encode(JSON.stringify(value))
    const bytes = await crypto.subtle.encrypt({ name: algorithm, iv: nonce }, await key(), plain)
    await database.put('kept', name, { nonce, bytes } satisfies Sealed)
  },

  async delete(name: string): Promise<void> {
    await database.delete('kept', name)
  },

  /** What cannot be opened any more is left out. */
  async values(): Promise<unknown[]> {
    const sealed = (await database.values('kept')) as Sealed[]
    const opened = await Promise.all(
      sealed.map(async ({ nonce, bytes }) => {
        const plain = await crypto.subtle
          .decrypt({ name: algorithm, iv: nonce }, await key(), bytes)
          .catch(() => undefined)
        return plain === undefined ? [] : [JSON.parse(new TextDecoder().decode(plain)) as unknown]
      }),
    )
    return opened.flat()
  },
}
