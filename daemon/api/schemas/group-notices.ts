/** Schemas of a group as a conversation shows it, and of the lines that tell what happened to it. */

import { z } from '@hono/zod-openapi'
import { maybe } from './text.ts'

export const GroupRole = z.enum(['owner', 'admin', 'member', 'reader'])
export const LeastRole = z.enum(['owner', 'admin', 'member'])
export const GroupHistory = z.enum(['everything', 'joining'])

const Named = z.object({ id: z.string(), name: z.string() })

export const Group = z
  .object({
    description: z.string(),
    color: z.string(),
    picture: maybe(z.object({ id: z.string(), url: maybe(z.string()) })),
    standing: z.enum(['invited', 'joined', 'left', 'removed', 'closed']),
    role: GroupRole,
    rights: z.object({
      post: z.boolean(),
      invite: z.boolean(),
      change: z.boolean(),
      govern: z.boolean(),
      transfer: z.boolean(),
      roles: z.array(GroupRole),
    }),
    members: z.number(),
    post: LeastRole,
    invite: LeastRole,
    change: LeastRole,
    history: GroupHistory,
    broadcast: z.boolean(),
    invitedBy: maybe(z.object({ id: z.string(), name: z.string(), isContact: z.boolean() })),
    unaware: maybe(z.array(z.object({ removed: Named, devices: z.number() }))),
  })
  .openapi('Group')

const NoticePerson = z
  .object({ id: z.string(), name: z.string(), mine: maybe(z.literal(true)) })
  .openapi('NoticePerson')

const changeable = ['description', 'color', 'picture', 'post', 'invite', 'change', 'history'] as const

export const Notice = z
  .discriminatedUnion('is', [
    z.object({ is: z.enum(['created', 'closed']), by: NoticePerson }),
    z.object({
      is: z.enum(['added', 'removed', 'transferred', 'admitted']),
      by: NoticePerson,
      whom: NoticePerson,
    }),
    z.object({ is: z.enum(['accepted', 'declined', 'left']), by: NoticePerson }),
    z.object({ is: z.literal('role'), by: NoticePerson, whom: NoticePerson, role: GroupRole }),
    z.object({ is: z.literal('named'), by: NoticePerson, name: z.string() }),
    z.object({ is: z.literal('settings'), by: NoticePerson, changed: z.array(z.enum(changeable)) }),
    z.object({ is: z.enum(['device-added', 'device-removed']), by: NoticePerson, fingerprint: z.string() }),
  ])
  .openapi('Notice')
