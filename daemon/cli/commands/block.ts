/** warren block: hears nothing more of a person. */

import { contactChange } from '../contact-change.ts'

export const command = contactChange({
  name: 'block',
  summary: 'block a person',
  description: [
    'Takes neither messages nor requests from this person any more, who is not told. What they write meanwhile never arrives, not even after warren unblock.',
    'With --group it blocks a member of a group of yours who is no contact: what they write there is not shown, and into groups they invite you no more.',
  ],
  to: 'blocked',
  from: ['incoming', 'accepted', 'outgoing', 'declined', 'removed', 'ended'],
  ofGroups: true,
  done: (name) => `${name} is blocked`,
})
