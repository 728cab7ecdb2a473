/** Which devices a link into a group names: this one, and some of members that are linked now, for whoever holds it looks for any of them. */

import type { LinkDevice } from '../../protocol/contact-link.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Network } from '../../protocol/http-people.ts'
import type { ConversationId, DeviceId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { readAddresses, registerKeys } from '../../protocol/register.ts'
import type { PeerView } from '../conversations/peer-view.ts'
import type { Registers } from '../registers/registers.ts'
import { otherLinkDevice, ownLinkDevices } from './own-link.ts'

export interface GroupLinkDevicesDeps {
  readonly self: { readonly device: DeviceId }
  readonly network: Network
  readonly isLinked: (device: DeviceId) => boolean
  readonly peers: Pick<PeerView, 'access' | 'personOf'>
  readonly registers: Pick<Registers, 'get'>
}

export function groupLinkDevices(group: ConversationId, deps: GroupLinkDevicesDeps): LinkDevice[] {
  const { self, network, isLinked, peers } = deps
  const linked = (peers.access.neighbours().get(group) ?? []).filter(isLinked)
  const others = linked.slice(0, limits.linkDevices - 1).flatMap((device) => {
    const addresses = addressesOf(device, deps)
    return addresses.length === 0 ? [] : [otherLinkDevice(device, addresses)]
  })
  return [...ownLinkDevices(self.device, network), ...others]
}

function addressesOf(device: DeviceId, { peers, registers }: GroupLinkDevicesDeps): readonly string[] {
  const person = peers.personOf(device)
  const said = person === undefined ? undefined : registers.get(person, device, registerKeys.addresses)
  try {
    return said === undefined ? [] : readAddresses(said.value)
  } catch (error) {
    // Its device is newer, or faulty.
    if (error instanceof WarrenError) return []
    throw error
  }
}
