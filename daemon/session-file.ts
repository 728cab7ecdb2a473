/** Keeps browser sessions in a file of their own, so that a page and the daemon can prove each other while the home is locked. */

import { rename } from 'node:fs/promises'
import { label } from '../protocol/bytes.ts'
import { decode, encode, readArray, readBytes, readBytesUpTo, readEach, readText, readUint } from '../protocol/codec.ts'
import type { Value } from '../protocol/codec.ts'
import { aeadKey } from '../protocol/crypto.ts'
import { errorCode, WarrenError } from '../protocol/errors.ts'
import type { SessionRow, SessionStore } from './api/sessions/session-store.ts'
import type { Log } from './log.ts'
import { readIfThere, writeDurably } from './store/durable-file.ts'
import { createSeal, openSealed, type RandomBytes, type Seal } from './store/seal.ts'
import { storageError } from './store/storage-error.ts'

/**
 * CBOR `["warren sessions", 1, key, sealed rows]`. The key stands beside what it seals: no slot must be opened to prove a session,
 * so nothing in here is kept from whoever reads the file. It only keeps labels from being found by a search of the disk.
 */
const magic = 'warren sessions'
const version = 1
const keyBytes = 32
const mostRows = 4096
const mostBytes = 2 ** 22
const associated = label('sessions')

const rowValue = ({ id, secret, label: name, createdAt, usedAt }: SessionRow): Value => [
  id,
  secret,
  name,
  createdAt,
  usedAt,
]

function readRow(value: Value): SessionRow {
  const f = readArray(value, 5)
  return {
    id: readText(f[0], 256),
    secret: readBytes(f[1], 32),
    label: readText(f[2], 1024),
    createdAt: readUint(f[3]),
    usedAt: readUint(f[4]),
  }
}

interface Contents {
  readonly key: Uint8Array
  readonly rows: readonly SessionRow[]
}

function readContents(bytes: Uint8Array): Contents {
  const [name, made, key, sealed] = readArray(decode(bytes), 4)
  if (readText(name, magic.length) !== magic || made !== version) throw new WarrenError('BAD_SHAPE', 'not sessions')
  const secret = readBytes(key, keyBytes)
  const rows = decode(openSealed(aeadKey(secret), readBytesUpTo(sealed, mostBytes), associated))
  return { key: secret, rows: readEach(rows, mostRows, readRow) }
}

export interface SessionFileDeps {
  readonly randomBytes: RandomBytes
  readonly log: Log
}

class SessionFile implements SessionStore {
  readonly #path: string
  readonly #seal: Seal
  readonly #key: Uint8Array
  readonly #rows: Map<string, SessionRow>
  /** One write after the other. */
  #writing: Promise<void> = Promise.resolve()

  constructor(path: string, seal: Seal, { key, rows }: Contents) {
    this.#path = path
    this.#seal = seal
    this.#key = key
    this.#rows = new Map(rows.map((row) => [row.id, row]))
  }

  async all(): Promise<SessionRow[]> {
    return await Promise.resolve([...this.#rows.values()])
  }

  async put(row: SessionRow): Promise<void> {
    await this.#inTurn(async () => {
      await this.#write(new Map(this.#rows).set(row.id, row))
      this.#rows.set(row.id, row)
    })
  }

  async delete(id: string): Promise<void> {
    await this.#inTurn(async () => {
      // Whatever is written next is without it, even if this write fails.
      this.#rows.delete(id)
      await this.#write(this.#rows)
    })
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const changed = this.#writing.then(change)
    this.#writing = changed.catch(() => undefined)
    return changed
  }

  async #write(rows: ReadonlyMap<string, SessionRow>): Promise<void> {
    const sealed = this.#seal(aeadKey(this.#key), encode([...rows.values()].map((row) => rowValue(row))), associated)
    try {
      await writeDurably(this.#path, encode([magic, version, this.#key, sealed]))
    } catch (cause) {
      throw storageError(cause)
    }
  }
}

/** Opens the file at `path`; the caller holds the lock of the home. What cannot be read is moved aside: browsers pair anew. */
export async function openSessionFile(path: string, { randomBytes, log }: SessionFileDeps): Promise<SessionStore> {
  const seal = createSeal(randomBytes)
  const bytes = await readIfThere(path)
  if (bytes !== undefined) {
    try {
      return new SessionFile(path, seal, readContents(bytes))
    } catch (error) {
      if (errorCode(error) === 'INTERNAL') throw error
      log('warn', 'the sessions cannot be read and were moved aside: browsers have to be opened anew')
      await rename(path, `${path}.damaged`)
    }
  }
  return new SessionFile(path, seal, { key: randomBytes(keyBytes), rows: [] })
}
