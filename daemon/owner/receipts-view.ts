/** Who has a message, as the owner is told: names joined. */

import type { Receipt, ReceiptDevice, Receipts } from '../../protocol/http-conversations.ts'
import { fingerprint, type ConversationId, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import type { OwnerView } from '../conversations/owner-view.ts'
import type { DeviceReceipt, PersonReceipt } from '../conversations/receipts.ts'
import type { Views } from './views.ts'

export interface ReceiptsDeps {
  readonly conversations: Pick<OwnerView, 'receipts'>
  readonly views: Pick<Views, 'nameOf' | 'isOnline'>
  readonly links: () => readonly { readonly device: DeviceId }[]
}

const states: readonly Receipt['state'][] = ['waiting', 'delivered', 'read']

const stateOf = ({ delivered, readBy }: PersonReceipt): Receipt['state'] =>
  readBy > 0 ? 'read' : delivered ? 'delivered' : 'waiting'

/** Throws as OwnerView.receipts(). */
export async function receiptsOf(
  { conversations, views, links }: ReceiptsDeps,
  conversation: ConversationId,
  message: string,
): Promise<Receipts> {
  const { id, order, counts, persons, own } = await conversations.receipts(conversation, message)
  const linked = new Set(links().map(({ device }) => device))
  const deviceOf = ({ device, held }: DeviceReceipt): ReceiptDevice => ({
    deviceId: device,
    fingerprint: fingerprint(device),
    held,
    linked: linked.has(device),
  })
  const nameOf = (person: PersonId): string => views.nameOf(person)
  const people = persons.map((each): Receipt => ({
    id: each.person,
    name: nameOf(each.person),
    state: stateOf(each),
    ...(each.readBy > 0 ? { readBy: each.readBy } : {}),
    online: views.isOnline(each.person),
    devices: each.devices.map((device) => deviceOf(device)),
  }))
  return {
    id,
    order,
    ...counts,
    people: people.toSorted(
      (a, b) =>
        states.indexOf(a.state) - states.indexOf(b.state) || a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1),
    ),
    own: own.map((device) => deviceOf(device)),
  }
}
