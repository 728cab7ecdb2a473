/** warren decline: says no to a contact request. */

import { contactChange } from '../contact-change.ts'

export const command = contactChange({
  name: 'decline',
  summary: 'decline a contact request',
  description: [
    'Says no to the person who asked. They see it and may ask again, which is shown to you once a day at most.',
    'A contact who goes on as another person is not followed; what was said stays.',
    'warren contacts --declined lists whom you declined.',
  ],
  to: 'declined',
  from: ['incoming'],
  done: (name) => `declined the request of ${name}`,
})
