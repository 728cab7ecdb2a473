/** warren unblock: lets a blocked person in again. */

import { contactChange } from '../contact-change.ts'

export const command = contactChange({
  name: 'unblock',
  summary: 'unblock a person',
  description: ['Undoes warren block.'],
  to: 'unblocked',
  from: ['blocked'],
  done: (name) => `${name} is not blocked any more`,
})
