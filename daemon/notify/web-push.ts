/** Sends a notification to a browser through the push service of its maker. */

import { utf8 } from '../../protocol/bytes.ts'
import type { PushPayload } from '../../protocol/http-push.ts'
import { declarativePush, pushOriginOf, sealPush, vapidAuthorization, vapidKeyFrom } from '../../protocol/web-push.ts'
import type { SendOutcome, SendPush } from './notifier.ts'

/** What every notification is padded to: longer ones do not come to be. */
const paddedBytes = 3000
const timeoutMs = 15_000
/** A browser that is off for longer is told nothing old. */
const livesSeconds = 24 * 60 * 60
const authorizedSeconds = 12 * 60 * 60
const laterMs = 5000

export interface PushSender {
  /** By which push services know this daemon, 65 bytes. */
  readonly publicKey: Uint8Array
  readonly accepts: (endpoint: string) => boolean
  readonly send: SendPush
}

export interface SenderOptions {
  readonly fetch?: typeof fetch
  readonly random: (length: number) => Uint8Array
}

/** A name that leads nowhere: the push service is not to learn who sends. */
const subject = 'mailto:nobody@warren.invalid'

/** Browsers that know declarative messages show these even where the page's worker fails. */
function encode(payload: PushPayload): Uint8Array {
  if (payload.type === 'read') return utf8(JSON.stringify(payload))
  const { conversation, title, body } = payload
  const navigate = `/#/c/${encodeURIComponent(conversation)}`
  return declarativePush({ title, body, navigate, tag: conversation, data: payload })
}

function readOutcome({ status, headers }: Response): SendOutcome {
  if (status >= 200 && status < 300) return { is: 'sent' }
  if (status === 404 || status === 410) return { is: 'gone' }
  if (status === 429 || status >= 500) {
    const seconds = Number(headers.get('retry-after') ?? '')
    return { is: 'later', afterMs: Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : laterMs }
  }
  return { is: 'refused' }
}

/** `privateKey`: 32 bytes, of P-256. */
export function createSender(privateKey: Uint8Array, options: SenderOptions): PushSender {
  const key = vapidKeyFrom(privateKey)
  const { fetch: ask = fetch, random } = options
  const send: SendPush = async ({ endpoint, p256dh, auth }, payload, signal) => {
    const origin = pushOriginOf(endpoint)
    if (origin === undefined) return { is: 'refused' }
    const expiresAt = Math.floor(Date.now() / 1000) + authorizedSeconds
    const sealed = sealPush({ publicKey: p256dh, secret: auth }, encode(payload), random, paddedBytes)
    try {
      const response = await ask(endpoint, {
        method: 'POST',
        redirect: 'error',
        body: new Uint8Array(sealed),
        headers: {
          authorization: vapidAuthorization(key, { origin, subject, expiresAt }),
          'content-encoding': 'aes128gcm',
          'content-type': 'application/octet-stream',
          ttl: String(livesSeconds),
          urgency: payload.type === 'message' ? 'high' : 'low',
        },
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
      await response.body?.cancel()
      return readOutcome(response)
    } catch {
      return { is: 'later', afterMs: laterMs } // no network, or no answer
    }
  }
  return { publicKey: key.publicKey, accepts: (endpoint) => pushOriginOf(endpoint) !== undefined, send }
}
