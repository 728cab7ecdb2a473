/** What a browser is pushed through its push service: a notification that says nothing, and the note for its service worker. */

import { toBase64url } from '../../protocol/base64url.ts'
import { declarativePush } from '../../protocol/web-push.ts'
import type { PushClass, PushMessage } from './provider.ts'

interface Manner {
  /** Shown where the service worker does not put its own words there. A push service is told no language. */
  readonly text: string
  /** How long it is worth delivering. */
  readonly livesSeconds: number
}

const minute = 60

const manners: Readonly<Record<PushClass, Manner>> = {
  message: { text: 'New message', livesSeconds: 24 * 60 * minute },
  call: { text: 'Incoming call', livesSeconds: minute },
  verify: { text: 'Notifications are being set up', livesSeconds: 10 * minute },
}

/** One length for all of them. */
export const paddedBytes = 512

/** The plaintext. `data` holds the class and the note, or the code, in base64url. */
export function webPushPlain({ class: of, note }: PushMessage): Uint8Array {
  const bytes = toBase64url(note)
  const data = { class: of, ...(of === 'verify' ? { code: bytes } : { note: bytes }) }
  return declarativePush({ title: 'Warren', body: manners[of].text, navigate: './', tag: of, data })
}

/** Headers of RFC 8030, sections 5.2 to 5.4: the next of one topic replaces the one that still waits. */
export const webPushHeaders = ({ class: of }: PushMessage): Record<string, string> => ({
  ttl: String(manners[of].livesSeconds),
  urgency: 'high',
  topic: of,
  'content-encoding': 'aes128gcm',
  'content-type': 'application/octet-stream',
})
