/** Which notes of wakes are worth something: fresh ones of devices that this one knows, each once. */

import { decode, encode, readArray, readBytes, readUint } from '../../protocol/codec.ts'
import { deviceBytes, deviceIdOf, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { WakeNote } from '../../protocol/wake-note.ts'
import { tables, type Store } from '../store/store.ts'

/** What one of the owner's contacts sealed for this device. */
export interface OpenedNote extends WakeNote {
  readonly person: PersonId
}

export interface NotesDeps {
  readonly store: Store
  /** Undefined for what no contact sealed, whatever it is. */
  readonly open: (sealed: Uint8Array) => OpenedNote | undefined
  /** A link with this device is wanted, now. */
  readonly isKnown: (device: DeviceId) => boolean
  /** Epoch milliseconds. */
  readonly now: () => number
}

const row = (device: DeviceId, sentAt: number): Uint8Array => encode([deviceBytes(device), sentAt])

export class Notes {
  readonly #deps: NotesDeps
  /** When the newest note of each device was sent that was taken here. */
  readonly #newest = new Map<DeviceId, number>()

  /** Use Notes.open(). */
  constructor(deps: NotesDeps) {
    this.#deps = deps
  }

  /** Rejects with STORE_…. */
  static async open(deps: NotesDeps): Promise<Notes> {
    const notes = new Notes(deps)
    for (const { value } of await deps.store.range(tables.woken)) {
      const [device, sentAt] = readArray(decode(value), 2)
      notes.#newest.set(deviceIdOf(readBytes(device, 32)), readUint(sentAt))
    }
    return notes
  }

  /**
   * The note, if it is the newest of a known device and neither too old nor of a time to come; undefined for all others. It is not
   * taken again once this resolves. Rejects with STORE_….
   */
  async take(sealed: Uint8Array): Promise<OpenedNote | undefined> {
    const { open, isKnown, now, store } = this.#deps
    const note = open(sealed)
    if (note === undefined || !isKnown(note.device)) return undefined
    const age = now() - note.sentAt
    if (age > limits.wakeNoteMs || age < -limits.wakeAheadMs) return undefined
    if (note.sentAt <= (this.#newest.get(note.device) ?? 0)) return undefined
    this.#newest.set(note.device, note.sentAt)
    await store.commit((batch) =>
      batch.put({ table: tables.woken, at: [store.numberFor(batch, note.device)] }, row(note.device, note.sentAt)),
    )
    return note
  }
}
