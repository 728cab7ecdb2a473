/** warren block: hears nothing more of a person. */

import { contactChange } from '../contact-change.ts'

export const command = contactChange({
  name: 'block',
  summary: 'block a person',
  description: ['Takes neither messages nor requests from this person any more.'],
  to: 'blocked',
  from: ['incoming', 'accepted', 'outgoing', 'declined', 'removed', 'ended'],
  done: (name) => `${name} is blocked`,
})
