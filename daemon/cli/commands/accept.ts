/** warren accept: says yes to a contact request. */

import { contactChange } from '../contact-change.ts'

export const command = contactChange({
  name: 'accept',
  summary: 'accept a contact request',
  description: [
    'Makes the person who asked a contact: both can write from now on. A request that you declined can be accepted later.',
    'A contact who goes on as another person is followed: the name that you gave them and a mute go along, and what was said stays, to be read. That you verified them does not go along.',
    'A line that begins with careful: says that it is another person than one you know by that name.',
  ],
  to: 'accepted',
  from: ['incoming', 'declined'],
  done: (name) => `${name} is a contact now`,
})
