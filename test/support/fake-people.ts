/** People and devices as an owner in memory meets them. */

import type { Contact, ContactState, Me, Peer } from '../../protocol/http-people.ts'
import { directId, fingerprint, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import { deviceOf, personOf } from './fake-ids.ts'

export function fakePeer(name: string, change: Partial<Peer>): Peer {
  const device = deviceOf(name)
  return {
    deviceId: device,
    personId: personOf(name),
    fingerprint: fingerprint(device),
    name,
    source: 'mdns',
    addresses: [],
    linked: true,
    ...change,
  }
}

/** As `own` sees them. */
export function fakeContact(own: PersonId, name: string, state: ContactState, change: Partial<Contact>): Contact {
  const person = personOf(name)
  return {
    id: person,
    name,
    petname: '',
    state,
    declined: false,
    askedAgain: false,
    online: false,
    verified: false,
    muted: false,
    status: '',
    color: '#884400',
    note: '',
    lastSeenAt: 0,
    fingerprint: fingerprint(deviceOf(name)),
    deviceIds: [deviceOf(name)],
    ...(state === 'accepted' ? { conversation: directId(own, person) } : {}),
    ...change,
  }
}

export const fakeMe = (name: string, person: PersonId, device: DeviceId): Me => ({
  personId: person,
  deviceId: device,
  fingerprint: fingerprint(device),
  name,
  welcomed: false,
  status: '',
  color: '#3366cc',
  visibleNearby: true,
  network: { state: 'online', tailnet: false, addresses: [] },
  link: `warren:${name}`,
  addresses: [`/ip4/192.168.1.7/tcp/7718/p2p/${device}`],
})
