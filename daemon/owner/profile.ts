/** What the owner says of themselves: name, status, colour, and whether devices nearby may see the name. */

import { decode, encode, readArray, readCodePoints, readText, readUint } from '../../protocol/codec.ts'
import { sha256 } from '../../protocol/crypto.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { idBytes, type PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { Card } from '../../protocol/register.ts'
import { tables, type Batch, type Key, type Store } from '../store/store.ts'

export interface ProfileData {
  readonly name: string
  readonly status: string
  /** `#rrggbb`. */
  readonly color: string
  readonly visibleNearby: boolean
  /** The owner has confirmed a name. */
  readonly welcomed: boolean
}

const profileKey: Key = { table: tables.setting, at: [3] }

/** Colours on which white initials reach a contrast of 4.5. */
export const palette = [
  '#b3401f',
  '#8a5a00',
  '#4d6b1a',
  '#1f7a4d',
  '#0f7385',
  '#2f62b5',
  '#6a4fc0',
  '#9a3f9e',
  '#b8325f',
  '#5c6370',
]

/** The colour of a person who has not chosen one. */
export const defaultColor = (person: PersonId): string =>
  palette[(sha256(idBytes(person))[0] ?? 0) % palette.length] ?? '#5c6370'

const bit = (flag: boolean): number => (flag ? 1 : 0)

const row = (p: ProfileData): Uint8Array => encode([p.name, p.status, p.color, bit(p.visibleNearby), bit(p.welcomed)])

function readRow(bytes: Uint8Array): ProfileData {
  const f = readArray(decode(bytes), 5)
  return {
    name: readText(f[0], limits.nameCodePoints * 4),
    status: readText(f[1], limits.statusCodePoints * 4),
    color: readText(f[2], limits.colorBytes),
    visibleNearby: readUint(f[3], 1) === 1,
    welcomed: readUint(f[4], 1) === 1,
  }
}

export class Profile {
  readonly #store: Store
  #data: ProfileData

  /** Use Profile.open(). */
  constructor(store: Store, data: ProfileData) {
    this.#store = store
    this.#data = data
  }

  /** Reads the profile of this home; a new one takes `name` and keeps it, durable before it resolves. */
  static async open(store: Store, person: PersonId, name: string): Promise<Profile> {
    const kept = store.get(profileKey)
    if (kept !== undefined) return new Profile(store, readRow(kept))
    const clean = cleanName(name)
    const color = defaultColor(person)
    const fresh = { name: clean === '' ? 'me' : clean, status: '', color, visibleNearby: true, welcomed: false }
    await store.commit((batch) => batch.put(profileKey, row(fresh)))
    return new Profile(store, fresh)
  }

  get data(): ProfileData {
    return this.#data
  }

  /** Durable when it resolves. Throws BAD_SHAPE, TOO_LARGE. */
  async change(change: Partial<ProfileData>): Promise<void> {
    checkCard({ ...this.#data, ...change })
    const data = await this.#store.commit((batch) => {
      // Another change may have come in between: this one is made to what that one left.
      const before = batch.get(profileKey)
      const after = { ...(before === undefined ? this.#data : readRow(before)), ...change }
      batch.put(profileKey, row(after))
      return after
    })
    this.#data = data
  }
}

/** Within a batch of others: this home presents itself with a card that checkCard() let pass. */
export function takeCard(batch: Batch, { name, status, color }: Card): void {
  const before = batch.get(profileKey)
  const visibleNearby = before === undefined || readRow(before).visibleNearby
  batch.put(profileKey, row({ name, status, color, visibleNearby, welcomed: true }))
}

/** Throws BAD_SHAPE, TOO_LARGE. */
export function checkCard(data: Card): void {
  readCodePoints(data.name, limits.nameCodePoints)
  readCodePoints(data.status, limits.statusCodePoints)
  if (data.name.trim() === '') throw new WarrenError('BAD_SHAPE', 'a name is needed')
  if (!/^#[0-9a-f]{6}$/.test(data.color)) throw new WarrenError('BAD_SHAPE', 'a colour is #rrggbb')
}

/** A name of the operating system, cut to what a name may be. */
const cleanName = (name: string): string => Array.from(name.trim()).slice(0, limits.nameCodePoints).join('')
