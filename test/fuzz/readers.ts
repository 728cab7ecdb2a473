/** Every reader of bytes that come from outside, and what each may answer. */

import { readHeader as readBackupHeader } from '../../daemon/backup/header.ts'
import { readContactRow } from '../../daemon/contacts/contact-record.ts'
import { readJoinRow } from '../../daemon/contacts/join-row.ts'
import { readUtf8 } from '../../protocol/bytes.ts'
import { openChunk } from '../../protocol/blob.ts'
import { readBlobFrame } from '../../protocol/blob-frames.ts'
import { decode } from '../../protocol/codec.ts'
import { linkText, readContactLink, readDeviceLink } from '../../protocol/contact-link.ts'
import { aeadKey } from '../../protocol/crypto.ts'
import { readDeviceFrame } from '../../protocol/device-frames.ts'
import { ExportCheck } from '../../protocol/export-check.ts'
import { headBegin, readFields, readHead } from '../../protocol/export-fields.ts'
import { readGroupSettings, readAvatar } from '../../protocol/group-settings.ts'
import { readMute } from '../../protocol/mute.ts'
import { readOrderKey } from '../../protocol/order.ts'
import { readBlobId, readConversationId, readDeviceId, readEntryId, readPersonId } from '../../protocol/ids.ts'
import { readGroupLink } from '../../protocol/group-link.ts'
import { readAttachments, readReaction } from '../../protocol/content-bodies.ts'
import { readContent, readErase, readGenerationEnd } from '../../protocol/content.ts'
import { kinds, readHeader } from '../../protocol/entry.ts'
import { openPayload, unpad, unwrapParentKey } from '../../protocol/epoch.ts'
import { errorCode, type ErrorCode } from '../../protocol/errors.ts'
import { readFrame } from '../../protocol/frames.ts'
import { readHello } from '../../protocol/hello.ts'
import { readOperation } from '../../protocol/operation.ts'
import { openValue, readHeld, readPresence, readWake, readWakers } from '../../protocol/register-values.ts'
import { readAddresses, readCard, readReadPosition, readRegister } from '../../protocol/register.ts'
import { readRun } from '../../protocol/run.ts'
import { readSafetyCode } from '../../protocol/safety-code.ts'
import { readSafetyNumber } from '../../protocol/safety.ts'
import { readVapidKey } from '../../protocol/web-push.ts'
import { readRow } from '../../protocol/vector.ts'
import { readGrant } from '../../protocol/wake-keys.ts'
import { openNote } from '../../protocol/wake-note.ts'
import { openTarget, readSubscription, readWakeBody } from '../../protocol/wake.ts'
import { conversation, entryOf, epoch, fill } from '../protocol/cast.ts'

const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
/** With a checksum that fits, so that what stands before it is read. */
const asLink = (bytes: Uint8Array): string => linkText(bytes.subarray(0, -4))

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
  readWakers,
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
  unwrapParentKey: (sealed) => unwrapParentKey({ scope: conversation, epoch, parent: epoch }, fill(1), sealed),
  openChunk: (sealed) => openChunk(aeadKey(fill(1)), 0, true, sealed),
  readDeviceFrame,
  readMute: (bytes) => readMute(decode(bytes)),
  readGroupSettings: (bytes) => readGroupSettings(() => latin(bytes)),
  readAvatar: (bytes) => readAvatar(latin(bytes)),
  readHead: (bytes) => readHead(headBegin + latin(bytes)),
  readFields: (bytes) => readFields(latin(bytes)),
  checkExport: (bytes) => {
    const checking = new ExportCheck()
    for (const line of readUtf8(bytes).split('\n')) checking.line(line)
    checking.report()
  },
  // What the owner's other devices give over.
  readContactRow,
  readJoinRow,
  readBackupHeader,
  readVapidKey: (bytes) => readVapidKey(latin(bytes)),
  // What stands in addresses and cursors of the local API.
  ids: (bytes) =>
    firstThrow([readPersonId, readConversationId, readEntryId, readBlobId, readDeviceId, readOrderKey], latin(bytes)),
  readContactLink: (bytes) => readContactLink(asLink(bytes)),
  linkAsText: (bytes) => readContactLink(`warren:${latin(bytes)}`),
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

/** All have their turn, also where one throws. */
function firstThrow(some: readonly ((text: string) => unknown)[], text: string): void {
  const errors: unknown[] = []
  for (const read of some) {
    try {
      read(text)
    } catch (error) {
      errors.push(error)
    }
  }
  const odd = errors.find((error) => errorCode(error) !== 'BAD_SHAPE')
  if (errors.length > 0) throw odd ?? errors[0]
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
  'NOT_AN_EXPORT',
  'NOT_A_MEMBER',
  'IDENTITY_MISMATCH',
  'TRUNCATED',
  'STORE_NEWER',
  'STORE_DAMAGED',
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
