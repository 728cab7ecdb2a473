/** Rows in Redis. Each look that a write depends on is within one script, so that servers do not come between each other. */

import { dayMs } from '../limits.ts'
import { encodeRow, readRow } from './row-bytes.ts'
import { keyPrefix, type RedisConnection } from './redis-client.ts'
import type { Row, RowStore } from './store.ts'

/** Bytes of row-bytes.ts as Lua counts them: the revoke hash is 5 to 36. Redis forgets what ran out by itself. */
const putScript = `
local old = redis.call('GET', KEYS[1])
if old and string.sub(old, 5, 36) ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[3])
return 1`
const revokeScript = `
local old = redis.call('GET', KEYS[1])
if old and string.sub(old, 5, 36) == ARGV[1] then redis.call('SET', KEYS[1], string.sub(old, 1, 36), 'KEEPTTL') end
return 1`
const clearScript = `
local old = redis.call('GET', KEYS[1])
if old and string.sub(old, 37) == ARGV[1] then redis.call('SET', KEYS[1], string.sub(old, 1, 36), 'KEEPTTL') end
return 1`
const takeScript = `
local taken = tonumber(redis.call('GET', KEYS[1]) or '0')
local granted = math.max(0, math.min(tonumber(ARGV[1]), tonumber(ARGV[2]) - taken))
if granted > 0 then redis.call('SET', KEYS[1], taken + granted, 'PXAT', ARGV[3]) end
return granted`

const rowKey = (id: Uint8Array): Buffer => Buffer.concat([Buffer.from(`${keyPrefix}row:`), id])
/** The end of a day. */
const endOf = (day: number): string => String((day + 1) * dayMs)

export class RedisRows implements RowStore {
  readonly #client: RedisConnection

  constructor(client: RedisConnection) {
    this.#client = client
  }

  async get(id: Uint8Array, today: number): Promise<Row | undefined> {
    const bytes = await this.#client.get(rowKey(id))
    const row = Buffer.isBuffer(bytes) ? readRow(bytes) : undefined
    return row === undefined || row.expiresDay < today ? undefined : row
  }

  async put(id: Uint8Array, row: Row, proof: Uint8Array | undefined): Promise<boolean> {
    const words = [encodeRow(row), Buffer.from(proof ?? []), endOf(row.expiresDay)]
    return Number(await this.#client.eval(putScript, { keys: [rowKey(id)], arguments: words })) === 1
  }

  async revoke(id: Uint8Array, proof: Uint8Array): Promise<void> {
    await this.#client.eval(revokeScript, { keys: [rowKey(id)], arguments: [Buffer.from(proof)] })
  }

  async clear(id: Uint8Array, sealed: Uint8Array): Promise<void> {
    await this.#client.eval(clearScript, { keys: [rowKey(id)], arguments: [Buffer.from(sealed)] })
  }

  async take(key: Uint8Array, count: number, most: number, expiresDay: number): Promise<number> {
    const keys = [Buffer.concat([Buffer.from(`${keyPrefix}taken:`), key])]
    return Number(
      await this.#client.eval(takeScript, { keys, arguments: [String(count), String(most), endOf(expiresDay)] }),
    )
  }

  /** Nothing to do: Redis forgets by itself. The rest is counted as it is found. */
  async sweep(): Promise<number> {
    let left = 0
    for await (const keys of this.#client.scanIterator({ MATCH: `${keyPrefix}row:*`, COUNT: 1000 })) left += keys.length
    return left
  }

  async close(): Promise<void> {
    if (this.#client.isOpen) await this.#client.close()
  }
}
