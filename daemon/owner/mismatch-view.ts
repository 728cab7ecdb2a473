/** Where another device answers than the owner was told of, as it is shown. */

import type { Mismatch as MismatchView } from '../../protocol/http-people.ts'
import { fingerprint, type DeviceId } from '../../protocol/ids.ts'
import type { ContactRecord, Mismatch } from '../contacts/contact-record.ts'

const mismatchView = ({ address, device, answering, at }: Mismatch): MismatchView => ({
  address,
  expected: fingerprint(device),
  answering: fingerprint(answering),
  at,
})

/** Only of people with whom a link is wanted, and until the owner has seen them; not of who goes on there as somebody else. */
export function shownMismatches(
  { state, mismatches }: ContactRecord,
  next: ContactRecord | undefined,
): { mismatches?: MismatchView[] } {
  const isNext = (device: DeviceId): boolean => next?.devices.includes(device) === true
  const shown = mismatches.filter(({ dismissed, answering }) => !dismissed && !isNext(answering))
  if (shown.length === 0 || (state !== 'accepted' && state !== 'outgoing')) return {}
  return { mismatches: shown.map((each) => mismatchView(each)) }
}
