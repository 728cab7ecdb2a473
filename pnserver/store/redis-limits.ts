/** Limits and nonces in Redis: whichever server is asked, it counts. */

import { randomBytes } from 'node:crypto'
import { dayMs, pace, pnLimits } from '../limits.ts'
import { LimitKeys } from './limit-keys.ts'
import { keyPrefix, redisDaySecret, type RedisConnection } from './redis-client.ts'
import type { Admission, Claim, LimitStore } from './store.ts'

/**
 * KEYS: two for the nonce, then two for each claim: what it is called today, and what it was called yesterday. ARGV: now, how long a nonce is
 * kept (0: there is none), a name that no other call has, and for each claim how many windows it has and each one's length and most.
 */
const admitScript = `
local now, nonceMs = tonumber(ARGV[1]), tonumber(ARGV[2])
if nonceMs > 0 and redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then return {1, 0, 0} end
local at, count = 4, #KEYS / 2 - 1
local longest = {}
for claim = 1, count do
  local today, yesterday = KEYS[claim * 2 + 1], KEYS[claim * 2 + 2]
  if redis.call('EXISTS', yesterday) == 1 then
    redis.call('ZUNIONSTORE', today, 2, today, yesterday)
    redis.call('DEL', yesterday)
  end
  longest[claim] = 0
  local wait = 0
  for window = 1, tonumber(ARGV[at]) do
    local ms, most = tonumber(ARGV[at + window * 2 - 1]), tonumber(ARGV[at + window * 2])
    longest[claim] = math.max(longest[claim], ms)
    local first = redis.call('ZRANGE', today, -most, -most, 'WITHSCORES')
    if first[2] then wait = math.max(wait, tonumber(first[2]) + ms - now) end
  end
  if wait > 0 then
    redis.call('PEXPIRE', today, longest[claim])
    return {2, claim, wait}
  end
  at = at + tonumber(ARGV[at]) * 2 + 1
end
for claim = 1, count do
  local today = KEYS[claim * 2 + 1]
  redis.call('ZREMRANGEBYSCORE', today, '-inf', now - longest[claim])
  redis.call('ZADD', today, now, ARGV[3])
  redis.call('PEXPIRE', today, longest[claim])
end
if nonceMs > 0 then redis.call('SET', KEYS[1], '', 'PX', nonceMs) end
return {0, 0, 0}`

export class RedisLimits implements LimitStore {
  readonly #client: RedisConnection
  readonly #keys: LimitKeys

  constructor(client: RedisConnection, secret: Uint8Array) {
    this.#client = client
    this.#keys = new LimitKeys(secret, redisDaySecret(client))
  }

  async admit(claims: readonly Claim[], nonce: Uint8Array | undefined, nowMs: number): Promise<Admission> {
    const named = [{ name: 'nonce', subject: nonce ?? new Uint8Array(0) }, ...claims]
    // Always both: clocks of servers differ, and one of them may still write down yesterday's.
    const keys = await Promise.all(named.map(({ name, subject }) => this.#keys.of(name, subject, nowMs, dayMs)))
    const numbers = [nowMs, nonce === undefined ? 0 : pnLimits.nonceMs]
    const windows = claims.flatMap(({ name }) => [
      pace[name].length,
      ...pace[name].flatMap(({ ms, most }) => [ms, most]),
    ])
    const answer = await this.#client.eval(admitScript, {
      keys: keys.flat().map((key = Buffer.alloc(0)) => Buffer.concat([Buffer.from(`${keyPrefix}limit:`), key])),
      arguments: [...numbers.map(String), randomBytes(9).toString('base64url'), ...windows.map(String)],
    })
    const [is, claim, retryAfterMs] = (answer as unknown[]).map(Number)
    if (is === 0) return { is: 'admitted' }
    const by = claims[(claim ?? 0) - 1]
    if (is === 2 && by !== undefined) return { is: 'limited', by: by.name, retryAfterMs: retryAfterMs ?? 0 }
    return { is: 'replayed' }
  }

  /** The rows' side closes the connection. */
  async close(): Promise<void> {
    await Promise.resolve()
  }
}
