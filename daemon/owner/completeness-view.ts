/** Who holds what of a conversation, as the owner is told. */

import type { Completeness } from '../../protocol/http-groups.ts'
import type { ConversationId, DeviceId } from '../../protocol/ids.ts'
import type { OwnerView } from '../conversations/owner-view.ts'
import type { Views } from './views.ts'

export interface CompletenessDeps {
  readonly conversations: OwnerView
  readonly views: Pick<Views, 'nameOf'>
  readonly links: () => readonly { readonly device: DeviceId }[]
  readonly now: () => number
}

export async function completenessOf(
  { conversations, views, links, now }: CompletenessDeps,
  conversation: ConversationId,
): Promise<Completeness> {
  const { devices, unreadable } = await conversations.holdings(conversation)
  const linked = new Set(links().map(({ device }) => device))
  const complete = devices.every(({ lacking }) => lacking === 0)
  // Of a device with a link more would have been heard by now.
  const moments = devices.flatMap(({ device, heardAt }) =>
    heardAt === 0 ? [] : [linked.has(device) ? now() : heardAt],
  )
  return {
    devices: devices.map(({ device, person, ...holding }) => ({
      deviceId: device,
      person: { id: person, name: views.nameOf(person) },
      linked: linked.has(device),
      ...holding,
    })),
    complete,
    upTo: complete && moments.length > 0 ? Math.min(...moments) : 0,
    unreadable,
  }
}
