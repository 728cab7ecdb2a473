/** Every reader of bytes that come from outside, and what each may answer. */

import { readBlobFrame } from '../../protocol/blob-frames.ts'
import { decode } from '../../protocol/codec.ts'
import { readContactLink, readDeviceLink } from '../../protocol/contact-link.ts'
import { readGroupLink } from '../../protocol/group-link.ts'
import { readAttachments, readReaction } from '../../protocol/content-bodies.ts'
import { readContent, readErase, readGenerationEnd } from '../../protocol/content.ts'
import { kinds, readHeader } from '../../protocol/entry.ts'
import { openPayload, unpad } from '../../protocol/epoch.ts'
import { errorCode, type ErrorCode } from '../../protocol/errors.ts'
import { readFrame } from '../../protocol/frames.ts'
import { readHello } from '../../protocol/hello.ts'
import { readOperation } from '../../protocol/operation.ts'
import { openValue, readHeld, readPresence, readWake } from '../../protocol/register-values.ts'
import { readAddresses, readCard, readReadPosition, readRegister } from '../../protocol/register.ts'
import { readRun } from '../../protocol/run.ts'
import { readSafetyCode } from '../../protocol/safety-code.ts'
import { readSafetyNumber } from '../../protocol/safety.ts'
import { readRow } from '../../protocol/vector.ts'
import { readGrant } from '../../protocol/wake-keys.ts'
import { openNote } from '../../protocol/wake-note.ts'
import { openTarget, readSubscription, readWakeBody } from '../../protocol/wake.ts'
import { entryOf, fill } from '../protocol/cast.ts'

const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const asLink = (bytes: Uint8Array): string => `warren:${Buffer.from(bytes).toString('base64url')}`

export const readers: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  decode,
  readHeader,
  readFrame,
  readBlobFrame,
  readHello,
  readContent,
  readReaction: (bytes) => readReaction(readContent(bytes)),
  readAttachments: (bytes) => readAttachments(readContent(bytes)),
  readErase,
  readGenerationEnd,
  readCard,
  readAddresses,
  readReadPosition,
  readPresence,
  readHeld,
  readWake,
  readRegister: (bytes) => readRegister(decode(bytes)),
  readRow: (bytes) => readRow(decode(bytes)),
  readRun: (bytes) => readRun(decode(bytes)),
  readOperation: (bytes) => Object.values(kinds).map((kind) => readOperation(kind, bytes)),
  openPayload: (bytes) => openPayload(fill(1), entryOf().sealed, bytes),
  openValue: (value) =>
    openValue(
      { value, scope: 'a', device: 'b', key: '', hlc: { wallMs: 0, count: 0 }, signature: value } as never,
      () => fill(1),
    ),
  unpad,
  readContactLink: (bytes) => readContactLink(latin(bytes)),
  readGroupLink: (bytes) => readGroupLink(asLink(bytes)),
  readDeviceLink: (bytes) => readDeviceLink(asLink(bytes)),
  readSafetyCode: (bytes) => readSafetyCode(asLink(bytes)),
  readSafetyNumber: (bytes) => readSafetyNumber(latin(bytes)),
  readWakeBody,
  readSubscription,
  readGrant,
  openNote: (bytes) => openNote(fill(1), bytes),
  openTarget: (bytes) => openTarget(fill(1), bytes),
}

/** Codes with which a reader may refuse bytes. */
export const expected: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'BAD_SHAPE',
  'TOO_LARGE',
  'BAD_HASH',
  'BAD_SIGNATURE',
  'BAD_LINK',
  'UNSUPPORTED_VERSION',
  'CANNOT_DECRYPT',
  'NO_KEY',
])

/** What one reader makes of bytes: undefined if it read or refused them as it should. */
export function complaint(name: string, bytes: Uint8Array): string | undefined {
  try {
    readers[name]?.(bytes)
  } catch (error) {
    if (!expected.has(errorCode(error))) return `${name}: ${String(error)}`
  }
  return undefined
}

/** Feeds bytes to every reader; returns what is wrong. */
export const broken = (bytes: Uint8Array): string[] =>
  Object.keys(readers).flatMap((name) => complaint(name, bytes) ?? [])
