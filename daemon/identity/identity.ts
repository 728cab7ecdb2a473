/** Who this device is: its key, made on first start and never given away, and the person log it began. */

import { decode, encode, readArray, readBytes } from '../../protocol/codec.ts'
import { publicBytes, sha256, signingKeyFromSeed, type SigningKey } from '../../protocol/crypto.ts'
import { entryVersion, kinds, lanes, sealHeader, signEntry, type SealedHeader } from '../../protocol/entry.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import { deviceIdOf, generationOf, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import { encodeOperation } from '../../protocol/operation.ts'
import { isIndex, tables, type Key, type Store } from '../store/store.ts'
import { readHeader } from '../../protocol/entry.ts'

export interface Identity {
  readonly device: DeviceId
  readonly seed: Uint8Array
  readonly signingKey: SigningKey
  readonly person: PersonId
  /** The `create` of the own person log: the log's first entry. */
  readonly create: { readonly sealed: SealedHeader; readonly payload: Uint8Array; readonly signature: Uint8Array }
}

export interface IdentityDeps {
  readonly store: Store
  readonly random: (length: number) => Uint8Array
  readonly now: () => number
}

const identityKey: Key = { table: tables.setting, at: [1] }

interface Kept {
  readonly seed: Uint8Array
  /** The recovery key's private half: stays sealed here until its words are written down. */
  readonly recoverySeed: Uint8Array
  readonly header: Uint8Array
  readonly payload: Uint8Array
}

function make({ random, now }: IdentityDeps): Kept {
  const seed = random(32)
  const recoverySeed = random(32)
  const device = deviceIdOf(publicBytes(signingKeyFromSeed(seed)))
  const payload = encodeOperation({
    kind: 'createPerson',
    heads: [],
    record: { device, deviceClass: 'desktop' },
    nonce: random(32),
    recoveryKey: publicBytes(signingKeyFromSeed(recoverySeed)),
  })
  const { bytes } = sealHeader({
    version: entryVersion,
    lane: lanes.roster,
    scope: undefined,
    device,
    generation: generationOf(random(8)),
    seq: 1,
    prev: undefined,
    hlc: { wallMs: now(), count: 0 },
    kind: kinds.createPerson,
    epoch: undefined,
    lifetime: 0,
    payloadHash: sha256(payload),
    payloadLength: payload.length,
    extension: [],
  })
  return { seed, recoverySeed, header: bytes, payload }
}

function read(row: Uint8Array): Kept {
  const f = readArray(decode(row), 4)
  return {
    seed: readBytes(f[0], 32),
    recoverySeed: readBytes(f[1], 32),
    header: f[2] as Uint8Array,
    payload: f[3] as Uint8Array,
  }
}

const copyName = 'identity'

const encodeKept = (kept: Kept): Uint8Array => encode([kept.seed, kept.recoverySeed, kept.header, kept.payload])

/** Undefined if it is not there, or damaged. */
async function ifWhole(get: () => Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
  try {
    return await get()
  } catch (error) {
    if (errorCode(error) === 'STORE_DAMAGED') return undefined
    throw error
  }
}

/** Throws STORE_DAMAGED if anything was kept here: then this is no new home, and a new key would make it somebody else's. */
async function checkNew(store: Store): Promise<void> {
  for (const table of Object.values(tables)) {
    if (table === tables.meta || table === tables.setting) continue
    let isOld = false
    const options = { limit: 1, damaged: () => (isOld = true) }
    const [row] = isIndex(table) ? await store.rangeIndex(table, options) : await store.range(table, options)
    if (isOld || row !== undefined)
      throw new WarrenError('STORE_DAMAGED', 'the key of this device is gone: put the home back from a backup')
  }
}

/** Opens the identity of this home, or makes it, durable before it resolves. */
export async function openIdentity(deps: IdentityDeps): Promise<Identity> {
  const { store } = deps
  const row = await ifWhole(async () => await Promise.resolve(store.get(identityKey)))
  const copy = await ifWhole(async () => await store.keepsakes.read(copyName))
  if (row === undefined && copy === undefined) await checkNew(store)
  const value = row ?? copy ?? encodeKept(make(deps))
  // Twice, for nothing else is as dear: one damaged table must not cost the person.
  if (copy === undefined || Buffer.compare(copy, value) !== 0) await store.keepsakes.write(copyName, value)
  if (row === undefined) await store.commit((batch) => batch.put(identityKey, value))
  const kept = read(value)
  const signingKey = signingKeyFromSeed(kept.seed)
  const sealed = readHeader(kept.header)
  return {
    device: sealed.header.device,
    seed: kept.seed,
    signingKey,
    person: sealed.id as string as PersonId,
    create: { sealed, payload: kept.payload, signature: signEntry(signingKey, sealed.id) },
  }
}
