/** The connection to Redis that several servers share, and what all of its users need alike. */

import { createClient, RESP_TYPES } from '@redis/client'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { DaySecret } from './limit-keys.ts'

export const keyPrefix = 'warren-pn:'
const connectMs = 5000
const longestWaitMs = 2000
const daySecretSeconds = 3 * 86_400
/** What Redis does not answer within this time has failed. */
const answerMs = 5000
/** Commands that wait for their answers; more are refused at once. */
const mostWaiting = 10_000

export interface RedisOptions {
  /** `redis://…` or `rediss://…`. */
  readonly url: string
  readonly passwordFile?: string
  /** Told of each time the connection is lost. */
  readonly onError: () => void
}

function create({ url, passwordFile }: RedisOptions) {
  const password = passwordFile === undefined ? {} : { password: readFileSync(passwordFile, 'utf8').trim() }
  return createClient({
    url,
    ...password,
    commandsQueueMaxLength: mostWaiting,
    // Whoever asks is told at once, and asks again: what waits for Redis to come back waits in vain.
    disableOfflineQueue: true,
    commandOptions: { timeout: answerMs },
    socket: { connectTimeout: connectMs, reconnectStrategy: (tries) => Math.min(50 * 2 ** tries, longestWaitMs) },
  }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
}

export type RedisConnection = ReturnType<typeof create>

/** Throws if Redis does not answer now; later it is waited for. */
export async function connectRedis(options: RedisOptions): Promise<RedisConnection> {
  const client = create(options)
  const first = Promise.withResolvers<never>()
  first.promise.catch(() => undefined)
  let isUp = false
  client.on('error', (error: unknown) => {
    if (isUp) options.onError()
    else first.reject(error)
  })
  try {
    await Promise.race([client.connect(), first.promise])
    await client.ping()
    isUp = true
    return client
  } catch (error) {
    client.destroy()
    throw error
  }
}

/** One secret a day for all servers, made by whichever comes first. */
export const redisDaySecret =
  (client: RedisConnection): DaySecret =>
  async (day) => {
    const key = `${keyPrefix}day:${day}`
    await client.set(key, randomBytes(32), { condition: 'NX', expiration: { type: 'EX', value: daySecretSeconds } })
    const secret = await client.get(key)
    if (!Buffer.isBuffer(secret)) throw new TypeError('Redis keeps no secret of the day')
    return new Uint8Array(secret)
  }
