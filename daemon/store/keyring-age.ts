/** Tells a keyring that is older than its database, and so lacks keys, from one whose keys were dropped. */

import { decode, encode, readUint } from '../../protocol/codec.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Engine } from './engine.ts'
import { encodeKey } from './keys.ts'
import { tables, type Key, type Store } from './store.ts'

const keysMadeKey: Key = { table: tables.meta, at: [0, 2] }
const keysMadeBytes = encodeKey(keysMadeKey.table, keysMadeKey.at)

/** Of the database: how many keys there were when it was last told of a new one. */
function notedKeys(engine: Engine): number {
  const noted = engine.get(keysMadeKey, keysMadeBytes)
  return noted === undefined ? 0 : readUint(decode(noted))
}

/** Writes down durably that there are new keys, if there are: comes before anything is put under one. */
export async function noteKeysMade(engine: Engine, commit: Store['commit']): Promise<void> {
  if (notedKeys(engine) >= engine.keysMade()) return
  await commit((batch) => batch.put(keysMadeKey, encode(engine.keysMade())))
}

/**
 * What an older keyring does not open may be opened by the one that was there: nothing may be taken for deleted. Throws STORE_DAMAGED.
 * `mend`: the owner goes on with this keyring.
 */
export async function checkKeyringAge(engine: Engine, mend = false): Promise<void> {
  if (!mend) {
    if (notedKeys(engine) <= engine.keysMade()) return
    throw new WarrenError(
      'STORE_DAMAGED',
      'the keyring file is older than the database: put the newer one back, or let warren doctor --repair go on without what it opens',
    )
  }
  await engine.prepare([{ key: keysMadeKey, bytes: keysMadeBytes, value: encode(engine.keysMade()) }])()
}
