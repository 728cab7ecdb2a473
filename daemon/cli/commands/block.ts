/** warren block: hears nothing more of a person. */

import { contactChange } from '../contact-change.ts'

export const command = contactChange({
  name: 'block',
  summary: 'block a person',
  description: [
    'Takes neither messages nor requests from this person any more, who is not told. What they write meanwhile never arrives, not even after warren unblock.',
  ],
  to: 'blocked',
  from: ['incoming', 'accepted', 'outgoing', 'declined', 'removed', 'ended'],
  done: (name) => `${name} is blocked`,
})
