/** Lets somebody in again whom the owner had blocked. */

import { api } from '../client/api.ts'
import { applyContact, forgetContact } from './apply.ts'

export async function unblock(id: string): Promise<void> {
  const after = await api.patchContact(id, { state: 'unblocked' })
  // As they were last: of who was nobody's contact before nothing is kept any more.
  if (after.state === 'blocked' || after.state === 'declined') forgetContact(id)
  else applyContact(after)
}
