/** What a record says to its person's devices, and what it becomes. */

import type { ContactWish } from '../../protocol/hello.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { noProof, type ContactRecord } from './contact-record.ts'

const mostDevices = 64

/** What a record of any state becomes once both want contact. */
export const accepted = { state: 'accepted', refused: false, link: '', proof: noProof } as const

export const withDevice = (record: ContactRecord | undefined, device: DeviceId): DeviceId[] =>
  [...new Set([...(record?.devices ?? []), device])].slice(0, mostDevices)

/** What every hello to a device of this record says. */
export function wishOf(record: ContactRecord | undefined): ContactWish {
  switch (record?.state) {
    case 'accepted':
    case 'outgoing':
      return { is: 'contact', note: record.state === 'outgoing' ? record.note : '' }
    case 'declined':
      return { is: 'declined' }
    case 'incoming':
    case 'blocked':
    case undefined:
      return nothing
  }
  return nothing
}

const nothing: ContactWish = { is: 'nothing' }
