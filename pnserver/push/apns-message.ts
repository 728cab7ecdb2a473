/** What Apple is given of a push ("Sending notification requests to APNs"): where it goes, and nothing that says whom it is about. */

import type { OutgoingHttpHeaders } from 'node:http2'
import type { PushClass, PushMessage } from './provider.ts'

export interface ApnsRequest {
  readonly headers: OutgoingHttpHeaders
  readonly body: string
}

interface Manner {
  /** Keys of texts in the app, which has them in the language of its owner. */
  readonly title: string
  readonly text: string
  /** How long it is worth delivering. */
  readonly livesSeconds: number
}

const minute = 60

const manners: Readonly<Record<PushClass, Manner>> = {
  message: { title: 'PUSH_MESSAGE_TITLE', text: 'PUSH_MESSAGE_TEXT', livesSeconds: 24 * 60 * minute },
  call: { title: 'PUSH_CALL_TITLE', text: 'PUSH_CALL_TEXT', livesSeconds: minute },
  verify: { title: 'PUSH_VERIFY_TITLE', text: 'PUSH_VERIFY_TEXT', livesSeconds: 10 * minute },
}

/** Without `authorization`, which is another one at another time. `id` makes a repetition known as one. */
export function apnsRequest(message: PushMessage, id: string, nowMs: number): ApnsRequest {
  const { title, text, livesSeconds } = manners[message.class]
  const note = Buffer.from(message.note).toString('base64')
  return {
    headers: {
      ':method': 'POST',
      ':path': `/3/device/${Buffer.from(message.token).toString('hex')}`,
      'apns-id': id,
      'apns-topic': message.topic,
      'apns-push-type': 'alert',
      'apns-priority': '10',
      'apns-expiration': String(Math.floor(nowMs / 1000) + livesSeconds),
      // The same for everybody: a second one replaces the first on the screen, and none tells how many there were.
      'apns-collapse-id': message.class,
    },
    body: JSON.stringify({
      aps: { alert: { 'title-loc-key': title, 'loc-key': text }, 'mutable-content': 1, sound: 'default' },
      ...(message.class === 'verify' ? { code: note } : { note }),
    }),
  }
}
