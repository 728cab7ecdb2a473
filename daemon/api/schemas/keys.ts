/** Schemas of the lock and of key slots. */

import { z } from '@hono/zod-openapi'
import { limits } from '../../../protocol/limits.ts'
import { longText, maybe } from './text.ts'

const passphrase = longText(limits.passphraseBytes)

export const UnlockRequest = z
  .strictObject({ passphrase: maybe(passphrase), recoveryKey: maybe(longText(256)) })
  .refine((request) => (request.passphrase === undefined) !== (request.recoveryKey === undefined), {
    error: 'exactly one of passphrase and recoveryKey',
  })
  .openapi('UnlockRequest')

const kind = z.enum(['file', 'passphrase', 'recovery'])

export const KeySlotInfo = z.object({ kind, madeAt: maybe(z.number()) }).openapi('KeySlotInfo')

export const NewKeySlot = z
  .strictObject({
    kind,
    passphrase: maybe(passphrase),
    removeFile: maybe(z.boolean()),
    current: maybe(UnlockRequest),
  })
  .refine((slot) => (slot.kind === 'passphrase') === (slot.passphrase !== undefined), {
    error: 'a passphrase for a slot of that kind, and only there',
  })
  .refine((slot) => slot.kind === 'passphrase' || slot.removeFile === undefined, {
    error: 'removeFile goes with a passphrase',
  })
  .openapi('NewKeySlot')

export const NewKeySlotAnswer = z.object({ recoveryKey: maybe(z.string()) }).openapi('NewKeySlotAnswer')

export const KeySlotRemoval = z.strictObject({ kind, current: maybe(UnlockRequest) }).openapi('KeySlotRemoval')

export const TypedPassphrase = z.strictObject({ passphrase }).openapi('TypedPassphrase')

export const PassphraseStrength = z
  .object({ verdict: z.enum(['short', 'weak', 'fair', 'good', 'strong']), bits: z.number(), enough: z.boolean() })
  .openapi('PassphraseStrength')

export const LockSettings = z.object({ idleMinutes: z.number(), canLock: z.boolean() }).openapi('LockSettings')

export const LockPatch = z
  .strictObject({ idleMinutes: z.union([z.literal(0), z.literal(5), z.literal(15), z.literal(60)]) })
  .openapi('LockPatch')
