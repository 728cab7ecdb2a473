/** warren decline: says no to a contact request. */

import { contactChange } from '../contact-change.ts'

export const command = contactChange({
  name: 'decline',
  summary: 'decline a contact request',
  description: ['Says no to the person who asked; they may ask again.'],
  to: 'declined',
  from: ['incoming'],
  done: (name) => `declined the request of ${name}`,
})
