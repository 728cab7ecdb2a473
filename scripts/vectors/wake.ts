/** How Bob wakes Alice's phone: what she derives for him, her row, his wake, what she signs to the server. docs/protocol.md, section 24. */

import { publicBytes } from '../../protocol/crypto.ts'
import { encodeGrant, serverKeyFor, wakeKeysFor } from '../../protocol/wake-keys.ts'
import { sealNote, type WakeNote } from '../../protocol/wake-note.ts'
import * as wake from '../../protocol/wake.ts'
import { bob, bobPerson, fill, wallMs } from './people.ts'

const secret = fill(0x5e)
const origin = 'https://push.example.org'
const keys = wakeKeysFor(secret, bobPerson, 1)
const apple: wake.WakeTarget = {
  platform: 'apns',
  environment: 'sandbox',
  topic: 'org.example.warren',
  token: fill(0x70),
  attestation: fill(0x71, wake.wakeSizes.attestation),
}
const subscription: wake.PushSubscription = {
  endpoint: 'https://updates.push.services.mozilla.com/wpush/v2/abc',
  publicKey: fill(4, 65),
  secret: fill(0x72, 16),
}
const browser: wake.WakeTarget = {
  ...apple,
  platform: 'webpush',
  environment: 'production',
  topic: '',
  token: wake.encodeSubscription(subscription),
}
const note: WakeNote = {
  device: bob.id,
  sentAt: wallMs,
  addresses: [
    { kind: 'ip4', host: '100.101.102.103', port: 7718 },
    { kind: 'ip6', host: 'fd7a:115c:a1e0::1', port: 7718 },
  ],
}
const sealedNote = sealNote(keys.noteKey, note, fill(0x73, 12))
const sent: wake.Wake = {
  capability: keys.capability,
  class: 'message',
  sentAt: wallMs,
  nonce: fill(0x74, wake.wakeSizes.nonce),
  note: sealedNote,
}
const serverKey = serverKeyFor(secret, origin)
const { attestation: _, ...target } = apple
const tokenClaim: wake.TokenClaim = { ...target, origin, nonce: fill(0x75, 16) }
const codeClaim: wake.CodeClaim = { origin, pendingId: fill(0x76), code: fill(0x77, wake.wakeSizes.code) }

export const waking = {
  secret,
  contact: bobPerson,
  revision: 1,
  keys,
  grant: encodeGrant(keys),
  rowId: wake.rowIdOf(keys.capability),
  revokeHash: wake.revokeHashOf(keys.revokeSecret),
  rows: [apple, browser].map((target) => ({ target, sealed: wake.sealTarget(keys.capability, target, fill(0x78)) })),
  subscription: { subscription, token: browser.token },
  note: { note, sealed: sealedNote },
  wake: { wake: sent, bytes: wake.encodeWakeBody(sent) },
  server: { origin, publicKey: publicBytes(serverKey) },
  tokenClaim: { claim: tokenClaim, signature: wake.signTokenClaim(serverKey, tokenClaim) },
  codeClaim: { claim: codeClaim, signature: wake.signCodeClaim(serverKey, codeClaim) },
}
