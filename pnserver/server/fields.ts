/** Reads JSON that came from outside, field by field. Everything throws BAD_SHAPE. */

import { fromBase64url } from '../../protocol/base64url.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { PushEnvironment, PushPlatform } from '../../protocol/wake.ts'
import type { HashedTarget } from '../attest.ts'

export type Fields = Readonly<Record<string, unknown>>

const bad = (what: string): WarrenError => new WarrenError('BAD_SHAPE', what)

export function asFields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('an object is expected')
  return value as Fields
}

export function parseFields(text: string): Fields {
  try {
    return asFields(JSON.parse(text) as unknown)
  } catch (cause) {
    throw new WarrenError('BAD_SHAPE', 'the body is no JSON object', { cause })
  }
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string') throw bad(`${name} is no text`)
  return value
}

/** Bytes from base64url; of exactly `length` where one is given. */
export function bytesOf(fields: Fields, name: string, length?: number): Uint8Array {
  const bytes = fromBase64url(textOf(fields, name))
  if (length !== undefined && bytes.length !== length) throw bad(`${name} is not of ${length} bytes`)
  return bytes
}

function oneOf<T extends string>(fields: Fields, name: string, list: readonly T[]): T {
  const found = list.find((each) => each === fields[name])
  if (found === undefined) throw bad(`${name} is none of ${list.join(', ')}`)
  return found
}

const platforms: readonly PushPlatform[] = ['apns', 'webpush']
const environments: readonly PushEnvironment[] = ['production', 'sandbox']

/** What requests say alike of where a push goes to. */
export const placeOf = (fields: Fields): Omit<HashedTarget, 'tokenHash'> => ({
  platform: oneOf(fields, 'platform', platforms),
  environment: oneOf(fields, 'env', environments),
  topic: textOf(fields, 'topic'),
})
