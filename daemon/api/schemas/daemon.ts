/** Schemas of the daemon itself: health, status, sessions, errors and the frames of the event socket. */

import { z } from '@hono/zod-openapi'
import { base64url, idText, longText, maybe, shortText } from './text.ts'

export const ErrorBody = z
  .object({ error: z.object({ code: z.string(), message: z.string(), details: maybe(z.unknown()) }) })
  .openapi('Error')

export const Health = z
  .object({ status: z.enum(['starting', 'ok', 'locked', 'closing']), version: z.string(), apiVersion: z.number() })
  .openapi('Health')

export const Status = z
  .object({
    running: z.literal(true),
    locked: z.boolean(),
    pid: z.number(),
    version: z.string(),
    api: z.string(),
    links: z.array(z.object({ deviceId: z.string(), personId: z.string(), name: z.string(), address: z.string() })),
  })
  .openapi('Status')

const nonce = base64url(16)
export const PairRequest = z
  .strictObject({ code: z.string().min(1).max(64), nonce, label: shortText(64) })
  .openapi('PairRequest')
export const PairAnswer = z.object({ sessionId: z.string(), secret: z.string() }).openapi('PairAnswer')

export const SessionHello = z.strictObject({ sessionId: idText, nonce }).openapi('SessionHello')
export const SessionChallenge = z.object({ nonce: z.string(), proof: z.string() }).openapi('SessionChallenge')
export const SessionProof = z.strictObject({ sessionId: idText, nonce, proof: base64url(32) }).openapi('SessionProof')

export const SessionInfo = z
  .object({
    id: z.string(),
    label: z.string(),
    createdAt: z.number(),
    usedAt: z.number(),
    expiresAt: z.number(),
    current: z.boolean(),
  })
  .openapi('SessionInfo')

export const CodeRequest = z.strictObject({ printed: z.boolean() }).openapi('CodeRequest')
export const ServedLinkRequest = z.strictObject({}).openapi('ServedLinkRequest')
export const CodeAnswer = z.object({ url: z.string(), expiresAt: z.number() }).openapi('CodeAnswer')

const AuthFrame = z.strictObject({
  type: z.literal('auth'),
  token: maybe(longText(256)),
  after: maybe(z.int().nonnegative()),
  gather: maybe(z.literal(true)),
})
const TypingFrame = z.strictObject({ type: z.literal('typing'), conversation: idText })
const ActiveFrame = z.strictObject({ type: z.literal('active') })
const LookingFrame = z.strictObject({ type: z.literal('looking'), conversation: maybe(idText) })
export const ClientFrame = z.discriminatedUnion('type', [AuthFrame, TypingFrame, ActiveFrame, LookingFrame])
