/** Schemas of conversations and messages. */

import { z } from '@hono/zod-openapi'
import { limits } from '../../../protocol/limits.ts'
import { Attachment } from './files.ts'
import { Group, Notice } from './group-notices.ts'
import { NewGroup } from './groups.ts'
import { epochMs, idText, longText, maybe, shortText, someText } from './text.ts'

const reached = {
  held: z.number(),
  devices: z.number(),
  delivered: z.number(),
  read: z.number(),
  persons: z.number(),
}
const state = z.enum(['stored', 'held', 'delivered', 'read'])

export const Message = z
  .object({
    id: z.string(),
    conversation: z.string(),
    from: z.object({ id: z.string(), name: z.string() }),
    mine: z.boolean(),
    text: z.string(),
    attachments: maybe(z.array(Attachment)),
    at: z.number(),
    order: z.string(),
    feed: z.string(),
    seq: z.number(),
    state,
    reached: maybe(z.object(reached)),
    clientId: maybe(z.string()),
    clockWrong: maybe(z.literal(true)),
    newer: maybe(z.literal(true)),
    unreadable: maybe(z.literal(true)),
    notice: maybe(Notice),
    outside: maybe(z.literal(true)),
    fromBlocked: maybe(z.literal(true)),
  })
  .openapi('Message')

const Fork = z.object({
  from: z.object({ id: z.string(), name: z.string() }),
  mine: z.boolean(),
  after: z.string(),
  closed: z.boolean(),
})

export const Arriving = z.object({ left: z.number(), percent: z.number() }).openapi('Arriving')

export const Conversation = z
  .object({
    id: z.string(),
    kind: z.enum(['self', 'direct', 'group']),
    title: z.string(),
    contactId: maybe(z.string()),
    unread: z.number(),
    readUpTo: z.string(),
    muted: z.boolean(),
    mutedUntil: maybe(z.number()),
    draft: z.string(),
    last: maybe(Message),
    forks: maybe(z.array(Fork)),
    group: maybe(Group),
    former: maybe(z.literal(true)),
    arriving: maybe(Arriving),
    waking: maybe(z.array(z.object({ id: z.string(), name: z.string(), phone: z.boolean() }))),
  })
  .openapi('Conversation')

export const NewConversation = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('self') }),
    z.strictObject({ kind: z.literal('direct'), members: z.array(idText).length(1) }),
    NewGroup,
  ])
  .openapi('NewConversation')

export const ConversationPatch = z
  .strictObject({ draft: maybe(shortText(limits.textBytes)), muted: maybe(z.boolean()), mutedUntil: maybe(epochMs) })
  .openapi('ConversationPatch')

export const MessagePage = z
  .object({ items: z.array(Message), older: z.boolean(), newer: z.boolean() })
  .openapi('MessagePage')

const ReceiptDevice = z.object({
  deviceId: z.string(),
  fingerprint: z.string(),
  held: z.boolean(),
  linked: z.boolean(),
})

export const Receipts = z
  .object({
    id: z.string(),
    order: z.string(),
    state,
    ...reached,
    people: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        state: z.enum(['waiting', 'delivered', 'read']),
        readBy: maybe(z.number()),
        online: z.boolean(),
        devices: z.array(ReceiptDevice),
      }),
    ),
    own: z.array(ReceiptDevice),
  })
  .openapi('Receipts')

export const NewMessage = z
  .strictObject({
    text: someText(limits.textBytes),
    attachments: maybe(z.array(idText).min(1).max(limits.attachments)),
    clientId: longText(limits.clientIdBytes),
  })
  .refine(({ text, attachments }) => text !== '' || attachments !== undefined, { path: ['text'], message: 'empty' })
  .openapi('NewMessage')

export const ReadMark = z.strictObject({ upTo: idText }).openapi('ReadMark')

export const ExportWish = z
  .strictObject({ format: z.enum(['html', 'json']), language: z.enum(['en', 'de']) })
  .openapi('ExportWish')

export const ExportLink = z.object({ link: z.string(), expiresAt: z.number() }).openapi('ExportLink')

export const Empty = z.strictObject({}).openapi('Empty')
