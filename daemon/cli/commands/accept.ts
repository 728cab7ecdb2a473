/** warren accept: says yes to a contact request. */

import { contactChange } from '../contact-change.ts'

export const command = contactChange({
  name: 'accept',
  summary: 'accept a contact request',
  description: ['Makes the person who asked a contact: both can write from now on.'],
  to: 'accepted',
  from: ['incoming'],
  done: (name) => `${name} is a contact now`,
})
