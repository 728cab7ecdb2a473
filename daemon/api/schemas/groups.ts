/** Schemas of what the owner asks of a group, and of its members and invites. */

import { z } from '@hono/zod-openapi'
import { limits } from '../../../protocol/limits.ts'
import { GroupHistory, GroupRole, LeastRole } from './group-notices.ts'
import { Lookalike } from './people.ts'
import { idText, longText, maybe, shortText } from './text.ts'

const color = z.string().regex(/^#[0-9a-f]{6}$/)

const choices = {
  description: maybe(shortText(limits.noteCodePoints)),
  color: maybe(color),
  post: maybe(LeastRole),
  invite: maybe(LeastRole),
  change: maybe(LeastRole),
  history: maybe(GroupHistory),
}

export const NewGroup = z
  .strictObject({
    kind: z.literal('group'),
    name: shortText(limits.nameCodePoints),
    members: z.array(idText).max(limits.apiPageItems),
    ...choices,
  })
  .openapi('NewGroup')

export const GroupPatch = z
  .strictObject({
    name: maybe(shortText(limits.nameCodePoints)),
    ...choices,
    picture: maybe(z.nullable(idText)),
  })
  .refine(({ color, picture }) => color === undefined || picture === undefined, 'one of color and picture')
  .openapi('GroupPatch')

export const GroupAnswer = z.strictObject({ answer: z.enum(['accept', 'decline']) }).openapi('GroupAnswer')

export const GroupMember = z
  .object({
    id: z.string(),
    name: z.string(),
    petname: z.string(),
    role: GroupRole,
    state: z.enum(['invited', 'joined']),
    root: maybe(z.literal(true)),
    mine: maybe(z.literal(true)),
    online: z.boolean(),
    lastSeenAt: z.number(),
    color: z.string(),
    fingerprint: z.string(),
    verified: z.boolean(),
    contact: maybe(z.enum(['accepted', 'incoming', 'outgoing', 'blocked', 'declined', 'removed', 'ended'])),
    may: z.object({ remove: z.boolean(), roles: z.array(GroupRole), transfer: z.boolean() }),
    devices: z.array(z.object({ deviceId: z.string(), fingerprint: z.string(), online: z.boolean() })),
    lookalike: maybe(Lookalike),
  })
  .openapi('GroupMember')

export const NewMember = z.strictObject({ id: idText, role: maybe(GroupRole) }).openapi('NewMember')

export const MemberPatch = z
  .strictObject({ role: maybe(GroupRole), transfer: maybe(z.literal(true)) })
  .refine(({ role, transfer }) => (role === undefined) !== (transfer === undefined), 'exactly one of role and transfer')
  .openapi('MemberPatch')

export const GroupInvite = z
  .object({
    id: z.string(),
    link: maybe(z.string()),
    by: z.object({ id: z.string(), name: z.string() }),
    role: GroupRole,
    uses: z.number(),
    used: z.number(),
    expiresAt: z.number(),
  })
  .openapi('GroupInvite')

export const NewInvite = z
  .strictObject({
    role: maybe(GroupRole),
    uses: maybe(z.int().min(0)),
    seconds: maybe(
      z
        .int()
        .min(0)
        .max(Number.MAX_SAFE_INTEGER / 2000),
    ),
  })
  .openapi('NewInvite')

export const GroupLook = z.strictObject({ link: longText(1024) }).openapi('GroupLook')
export const GroupJoin = z.strictObject({ link: longText(1024) }).openapi('GroupJoin')

export const GroupGlance = z
  .object({ conversation: z.string(), name: z.string(), belongs: z.boolean() })
  .openapi('GroupGlance')

export const Joining = z
  .object({
    conversation: z.string(),
    name: z.string(),
    since: z.number(),
    state: z.enum(['asking', 'not-valid', 'expired', 'removed']),
  })
  .openapi('Joining')

export const Completeness = z
  .object({
    devices: z.array(
      z.object({
        deviceId: z.string(),
        person: z.object({ id: z.string(), name: z.string() }),
        linked: z.boolean(),
        heardAt: z.number(),
        lacking: z.number(),
        ahead: z.number(),
      }),
    ),
    complete: z.boolean(),
    upTo: z.number(),
    unreadable: z.number(),
  })
  .openapi('Completeness')
