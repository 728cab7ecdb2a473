/** Who this device is: its key, made on first start and never given away, and the person log it began. */

import { decode, encode, readArray, readBytes, readBytesUpTo, readEach, type Value } from '../../protocol/codec.ts'
import { publicBytes, sha256, signBytes, signingKeyFromSeed, type SigningKey } from '../../protocol/crypto.ts'
import type { DeviceClass } from '../../protocol/device-record.ts'
import { entryVersion, kinds, lanes, readHeader, sealHeader, signEntry } from '../../protocol/entry.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import {
  deviceBytes,
  deviceIdOf,
  generationOf,
  idBytes,
  personIdOf,
  type DeviceId,
  type PersonId,
} from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { beginMessage } from '../../protocol/operation-proofs.ts'
import { encodeOperation } from '../../protocol/operation.ts'
import { encodeCard, readCard, type Card } from '../../protocol/register.ts'
import { readRun, runValue, type Run } from '../../protocol/run.ts'
import { intentValue, readIntent, type Intent } from './intent.ts'
import { isIndex, tables, type Batch, type Key, type Store } from '../store/store.ts'

export interface Identity {
  readonly device: DeviceId
  readonly seed: Uint8Array
  readonly signingKey: SigningKey
  readonly person: PersonId
  /** The own person's log as this device began it, or as it was when this device joined; its first entry comes first. */
  readonly log: readonly Run[]
  /** Persons that this home was before it joined the one that it is. */
  readonly former: readonly PersonId[]
  /** The key of this device is not here, but in the home that this is a copy of: what is signed is signed by nobody. */
  readonly cannotSign: boolean
  /** What this home is to become before anything else is done with it; see becomeOther(). */
  readonly next?: Joined | undefined
  /** What it may turn out to be; see daemon/devices/resuming.ts. */
  readonly intent?: Intent | undefined
}

/** What a home becomes that joins a person: a key of its own, the person's log in which that key belongs, and their card. */
export interface Joined {
  readonly seed: Uint8Array
  readonly log: readonly Run[]
  readonly card: Card
  /** Of a recovery key that was made with it. */
  readonly recoverySeed?: Uint8Array | undefined
  /** Somebody who knew the person, and is asked to be a contact. */
  readonly helper?: { readonly person: PersonId; readonly device: DeviceId } | undefined
}

export interface IdentityDeps {
  readonly store: Store
  /** What this device is; a desktop, if it is not said. */
  readonly deviceClass?: DeviceClass | undefined
  readonly random: (length: number) => Uint8Array
  readonly now: () => number
}

const identityKey: Key = { table: tables.setting, at: [1] }

interface Kept {
  readonly seed: Uint8Array
  /** The recovery key's private half, 32 bytes. Empty once its words are written down, and on devices that joined. */
  readonly recoverySeed: Uint8Array
  readonly log: readonly Run[]
  readonly former: readonly PersonId[]
  /** Of a copy that is only read: whose it is, for the seed is another's. */
  readonly copyOf?: DeviceId | undefined
  readonly next?: Joined | undefined
  readonly intent?: Intent | undefined
}

/** A device with a key of its own, and the person whose first one it is. Nothing is stored. */
export function beginPerson({
  random,
  now,
  deviceClass = 'desktop',
}: Pick<IdentityDeps, 'random' | 'now' | 'deviceClass'>): Pick<Kept, 'seed' | 'recoverySeed' | 'log'> {
  const seed = random(32)
  const recoverySeed = random(32)
  const device = deviceIdOf(publicBytes(signingKeyFromSeed(seed)))
  const recoveryKey = signingKeyFromSeed(recoverySeed)
  const nonce = random(32)
  const payload = encodeOperation({
    kind: 'createPerson',
    heads: [],
    record: { device, deviceClass },
    nonce,
    recoveryKey: publicBytes(recoveryKey),
    proof: signBytes(recoveryKey, beginMessage(device, nonce)),
  })
  const sealed = sealHeader({
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
  const signature = signEntry(signingKeyFromSeed(seed), sealed.id)
  const create: Run = { signature, entries: [{ sealed, slot: { is: 'held', payload, seconds: 0 } }] }
  return { seed, recoverySeed, log: [create] }
}

function read(row: Uint8Array): Kept {
  const f = readArray(decode(row), 4)
  const seed = readBytes(f[0], 32)
  // Homes of earlier days hold the one entry that every log began with, without its signature.
  if (f[2] instanceof Uint8Array) {
    const sealed = readHeader(f[2])
    const signature = signEntry(signingKeyFromSeed(seed), sealed.id)
    const slot = { is: 'held', payload: readBytesUpTo(f[3], limits.operationBytes), seconds: 0 } as const
    return { seed, recoverySeed: readBytes(f[1], 32), log: [{ signature, entries: [{ sealed, slot }] }], former: [] }
  }
  return {
    seed,
    recoverySeed: readBytesUpTo(f[1], 32),
    log: readEach(f[2], limits.personOperations, readRun),
    former: readEach(f[3], mostFormer, (each) => personIdOf(readBytes(each, 32))),
    copyOf: f[4] === undefined || f[4] === null ? undefined : deviceIdOf(readBytes(f[4], 32)),
    next: f[5] === undefined || f[5] === null ? undefined : readJoined(f[5]),
    intent: f[6] === undefined ? undefined : readIntent(f[6]),
  }
}

function readJoined(value: Value): Joined {
  const f = readArray(value, 3)
  const log = readEach(f[1], limits.personOperations, readRun)
  const joined = { seed: readBytes(f[0], 32), log, card: readCard(readBytesUpTo(f[2], limits.registerValueBytes)) }
  if (f[3] === undefined) return joined
  const [person, device] = readArray(f[4], 0)
  const helper =
    person === undefined
      ? undefined
      : { person: personIdOf(readBytes(person, 32)), device: deviceIdOf(readBytes(device, 32)) }
  return { ...joined, recoverySeed: readBytes(f[3], 32), helper }
}

/** Persons that a home remembers to have been. */
const mostFormer = 64

const copyName = 'identity'

const joinedValue = ({ seed, log, card, recoverySeed, helper }: Joined): Value => [
  seed,
  log.map((run) => runValue(run)),
  encodeCard(card),
  ...(recoverySeed === undefined
    ? []
    : [recoverySeed, helper === undefined ? [] : [idBytes(helper.person), deviceBytes(helper.device)]]),
]

const encodeKept = ({ seed, recoverySeed, log, former, copyOf, next, intent }: Kept): Uint8Array =>
  encode([
    seed,
    recoverySeed,
    log.map((run) => runValue(run)),
    former.map((each) => idBytes(each)),
    ...upToLast([
      copyOf === undefined ? null : deviceBytes(copyOf),
      next === undefined ? null : joinedValue(next),
      intent === undefined ? null : intentValue(intent),
    ]),
  ])

/** Without the nulls behind the last that is something. */
const upToLast = (values: Value[]): Value[] => values.slice(0, values.findLastIndex((each) => each !== null) + 1)

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

/**
 * Who this device is, without its keys: what stands in their place signs nothing that anybody takes. For a copy that is read and
 * never goes on as this device.
 */
export function withoutKeys({ store, random }: Pick<IdentityDeps, 'store' | 'random'>): readonly [Key, Uint8Array] {
  const row = store.get(identityKey)
  if (row === undefined) throw new WarrenError('STORE_DAMAGED', 'the key of this device is gone')
  const kept = read(row)
  const { device } = identityOf(kept)
  return [identityKey, encodeKept({ ...kept, seed: random(32), recoverySeed: none, copyOf: device, ...nothingToCome })]
}

/** Opens the identity of this home, or makes it, durable before it resolves. */
export async function openIdentity(deps: IdentityDeps): Promise<Identity> {
  const { store } = deps
  const row = await ifWhole(async () => await Promise.resolve(store.get(identityKey)))
  const copy = await ifWhole(async () => await store.keepsakes.read(copyName))
  if (row === undefined && copy === undefined) await checkNew(store)
  const value = row ?? copy ?? encodeKept({ ...beginPerson(deps), former: [] })
  // Twice, for nothing else is as dear: one damaged table must not cost the person.
  if (copy === undefined || Buffer.compare(copy, value) !== 0) await store.keepsakes.write(copyName, value)
  if (row === undefined) await store.commit((batch) => batch.put(identityKey, value))
  return identityOf(read(value))
}

function identityOf({ seed, log, former, copyOf, next, intent }: Kept): Identity {
  const signingKey = signingKeyFromSeed(seed)
  return {
    device: copyOf ?? deviceIdOf(publicBytes(signingKey)),
    cannotSign: copyOf !== undefined,
    seed,
    signingKey,
    person: beginnerOf(log),
    log,
    former,
    next,
    intent,
  }
}

/** Whose log it is. Throws STORE_DAMAGED. */
export function beginnerOf(log: readonly Run[]): PersonId {
  const create = log[0]?.entries[0]?.sealed
  if (create === undefined) throw new WarrenError('STORE_DAMAGED', 'the log of this home has no beginning')
  return create.id as string as PersonId
}

function readKept(batch: Pick<Batch, 'get'>): Kept {
  const row = batch.get(identityKey)
  if (row === undefined) throw new WarrenError('STORE_DAMAGED', 'the key of this device is gone')
  return read(row)
}

/**
 * Within a batch of others: from its next opening on this home is another device, of another person. Throws CONFLICT if that
 * was decided before, IDENTITY_MISMATCH if `next` is not theirs, BAD_SHAPE, TOO_LARGE.
 */
export function decideToBecome(batch: Batch, person: PersonId, next: Joined): void {
  const kept = readKept(batch)
  if (kept.next !== undefined) throw new WarrenError('CONFLICT', 'this home is becoming another at this moment')
  const value = encodeKept({ ...kept, ...nothingToCome, next })
  // Once it is written nothing may stand in the way.
  if (beginnerOf(read(value).next?.log ?? []) !== person)
    throw new WarrenError('IDENTITY_MISMATCH', 'that is the log of another person')
  batch.put(identityKey, value)
}

/**
 * Within a batch of others: what was decided is so. No row holds the key that the home had from then on, nor does the copy beside the
 * store once the identity was opened again; what a disk keeps of older files, and older backups of the home, may still hold it.
 */
export function becomeNext(
  batch: Batch,
  { former, person: before }: Identity,
  { seed, log, recoverySeed = none }: Joined,
): void {
  const person = beginnerOf(log)
  const were = [...former, before].filter((each) => each !== person).slice(-mostFormer)
  batch.put(identityKey, encodeKept({ seed, recoverySeed, log, former: were }))
}

/** The recovery key's private half, 32 bytes, while its words were not written down; undefined elsewhere. Read anew each time: nothing holds it. */
export function recoverySeedIn(store: Pick<Store, 'get'>): Uint8Array | undefined {
  const { recoverySeed } = readKept(store)
  return recoverySeed.length === 0 ? undefined : recoverySeed
}

/** The words are written down: nobody finds them in this home any more. Durable in both places when it resolves. */
export async function forgetRecoverySeed(store: Store): Promise<void> {
  const value = await store.commit((batch) => {
    const kept = encodeKept({ ...readKept(batch), recoverySeed: none })
    batch.put(identityKey, kept)
    return kept
  })
  await store.keepsakes.write(copyName, value)
}

/** Keeps what the owner said yes to, or forgets it. Durable when it resolves. */
export async function intend(store: Store, intent: Intent | undefined): Promise<void> {
  await store.commit((batch) => batch.put(identityKey, encodeKept({ ...readKept(batch), intent })))
}

const none = new Uint8Array(0)
const nothingToCome = { next: undefined, intent: undefined } as const
