/** Schemas of the owner, of devices that were seen and of contacts. */

import { z } from '@hono/zod-openapi'
import { limits } from '../../../protocol/limits.ts'
import { epochMs, idText, longText, maybe, shortText } from './text.ts'

const OwnAddress = z.object({
  kind: z.enum(['lan', 'tailnet', 'ipv6', 'loopback', 'other']),
  text: z.string(),
  multiaddr: z.string(),
  interface: z.string(),
})

const Network = z
  .object({
    state: z.enum(['online', 'offline']),
    tailnet: z.boolean(),
    addresses: z.array(OwnAddress),
    nearbyOff: maybe(z.literal(true)),
  })
  .openapi('Network')

export const Me = z
  .object({
    personId: z.string(),
    deviceId: z.string(),
    fingerprint: z.string(),
    name: z.string(),
    welcomed: z.boolean(),
    status: z.string(),
    color: z.string(),
    visibleNearby: z.boolean(),
    network: Network,
    link: z.string(),
    addresses: z.array(z.string()),
    duplicate: maybe(z.literal(true)),
    archive: maybe(z.object({ madeAt: z.number() })),
    removed: maybe(z.literal(true)),
  })
  .openapi('Me')

export const MePatch = z
  .strictObject({
    name: maybe(shortText(limits.nameCodePoints)),
    status: maybe(shortText(limits.statusCodePoints)),
    color: maybe(z.string().regex(/^#[0-9a-f]{6}$/i)),
    visibleNearby: maybe(z.boolean()),
    welcomed: maybe(z.literal(true)),
  })
  .openapi('MePatch')

export const Lookalike = z
  .object({
    id: z.string(),
    name: z.string(),
    fingerprint: z.string(),
    how: z.enum(['same-name', 'similar-name', 'your-name', 'address']),
    verified: maybe(z.literal(true)),
  })
  .openapi('Lookalike')

export const Peer = z
  .object({
    deviceId: z.string(),
    personId: z.string(),
    fingerprint: z.string(),
    name: z.string(),
    source: z.enum(['mdns', 'manual', 'tailnet', 'contact']),
    addresses: z.array(z.string()),
    linked: z.boolean(),
    lookalike: maybe(Lookalike),
  })
  .openapi('Peer')

export const PeerLook = z.strictObject({ address: longText(1024) }).openapi('PeerLook')

export const Mismatch = z
  .object({ address: z.string(), expected: z.string(), answering: z.string(), at: z.number() })
  .openapi('Mismatch')

export const Contact = z
  .object({
    id: z.string(),
    name: z.string(),
    petname: z.string(),
    state: z.enum(['accepted', 'incoming', 'outgoing', 'blocked', 'declined', 'removed', 'ended']),
    declined: z.boolean(),
    askedAgain: z.boolean(),
    online: z.boolean(),
    verified: z.boolean(),
    verifiedAt: maybe(z.number()),
    keysChanged: maybe(z.literal(true)),
    muted: z.boolean(),
    mutedUntil: maybe(z.number()),
    status: z.string(),
    color: z.string(),
    note: z.string(),
    lastSeenAt: z.number(),
    wakeable: maybe(z.literal(true)),
    fingerprint: z.string(),
    deviceIds: z.array(z.string()),
    conversation: maybe(z.string()),
    lookalike: maybe(Lookalike),
    groups: maybe(z.array(z.object({ id: z.string(), name: z.string() }))),
    mismatches: maybe(z.array(Mismatch)),
    movedTo: maybe(z.object({ id: z.string(), name: z.string(), answer: z.enum(['open', 'followed']) })),
    cameFrom: maybe(
      z.object({
        id: z.string(),
        name: z.string(),
        answer: z.enum(['open', 'followed']),
        conversation: maybe(z.string()),
      }),
    ),
  })
  .openapi('Contact')

export const NewContact = z
  .strictObject({
    link: maybe(longText(1024)),
    deviceId: maybe(idText),
    contactId: maybe(idText),
    note: maybe(shortText(limits.noteCodePoints)),
  })
  .refine(
    ({ link, deviceId, contactId }) => [link, deviceId, contactId].filter((each) => each !== undefined).length === 1,
    {
      error: 'exactly one of link, deviceId and contactId',
    },
  )
  .openapi('NewContact')

export const ContactPatch = z
  .strictObject({
    state: maybe(z.enum(['accepted', 'declined', 'blocked', 'unblocked'])),
    petname: maybe(shortText(limits.nameCodePoints)),
    muted: maybe(z.boolean()),
    mutedUntil: maybe(epochMs),
    dismiss: maybe(longText(limits.addressBytes)),
    follow: maybe(z.boolean()),
  })
  .openapi('ContactPatch')
