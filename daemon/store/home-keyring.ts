/** The keyring file of a home: read as it is, and made for a home that has none. */

import { WarrenError } from '../../protocol/errors.ts'
import { readIfThere, writeDurably } from './durable-file.ts'
import { makeFileSlot } from './file-slot.ts'
import type { HomePaths } from './home.ts'
import { keyBytes, saveKeyring } from './keyring.ts'
import { readKeyringFile, type KeyringFile } from './keyring-file.ts'
import { createSeal, type RandomBytes } from './seal.ts'

/** Rejects with STORE_DAMAGED if it is missing, and as readKeyringFile(). */
export async function readKeyring({ keyring }: HomePaths): Promise<KeyringFile> {
  const bytes = await readIfThere(keyring)
  if (bytes === undefined) throw new WarrenError('STORE_DAMAGED', 'the keyring file is missing')
  return readKeyringFile(bytes)
}

/** Of a new home: opened by a key file beside it. */
export async function makeKeyring(paths: HomePaths, randomBytes: RandomBytes): Promise<void> {
  const seal = createSeal(randomBytes)
  const secret = randomBytes(keyBytes)
  await writeDurably(paths.keyFile, secret)
  const master = randomBytes(keyBytes)
  const slots = [makeFileSlot(secret, master, { seal, randomBytes })]
  await saveKeyring(paths.keyring, seal, {
    master,
    slots,
    homeKey: randomBytes(keyBytes),
    conversationKeys: new Map(),
    keysMade: 0,
  })
}
