/** Who says that a token is their own is sent a code there, and shows it. */

import type { Hono } from 'hono'
import { toBase64url } from '../../protocol/base64url.ts'
import { WarrenError } from '../../protocol/errors.ts'
import { checkTarget, checkTokenClaim, readSubscription, wakeSizes, type PushTarget } from '../../protocol/wake.ts'
import { hashTarget } from '../attest.ts'
import { pnLimits } from '../limits.ts'
import { readJson } from './body.ts'
import type { Environment, ServerDeps } from './deps.ts'
import { bytesOf, placeOf, type Fields } from './fields.ts'

const keyBytes = 32
const signatureBytes = 64

function readTarget(fields: Fields): PushTarget {
  const target = checkTarget({ ...placeOf(fields), token: bytesOf(fields, 'token') })
  if (target.platform === 'webpush') {
    readSubscription(target.token)
    if (target.topic !== '' || target.environment !== 'production')
      throw new WarrenError('BAD_SHAPE', 'not a target of Web Push')
  }
  return target
}

/** A code is pushed to the token, unless that was asked too often, by all or for this token, or this very request before: which is not told. */
async function begin(fields: Fields, { attestor, pusher, store, now, origin }: ServerDeps): Promise<Uint8Array> {
  const target = readTarget(fields)
  const devicePk = bytesOf(fields, 'devicePk', keyBytes)
  const nonce = bytesOf(fields, 'nonce', wakeSizes.nonce)
  checkTokenClaim(devicePk, { ...target, origin, nonce }, bytesOf(fields, 'sig', signatureBytes))
  if (!pusher.accepts(target)) throw new WarrenError('NOT_ALLOWED', 'this server does not push there')
  const nowMs = now()
  const hashed = hashTarget(target)
  const { pendingId, code } = attestor.begin(hashed, devicePk, nowMs)
  // Before its nonce is kept: else made-up tokens could leave no room for the nonces of wakes.
  if (!pusher.admitsCode()) return pendingId
  const subject = hashed.tokenHash
  const claims = [
    { name: 'code', subject },
    { name: 'token', subject },
  ] as const
  const admission = await store.limits.admit(claims, Buffer.concat([devicePk, nonce]), nowMs)
  if (admission.is === 'admitted') pusher.push({ message: { ...target, class: 'verify', note: code } })
  return pendingId
}

export function addTokens(app: Hono<Environment>, deps: ServerDeps): void {
  const { attestor, metrics, now } = deps

  app.post('/v1/tokens', async (c) => {
    metrics.count('tokens')
    const pendingId = await begin(await readJson(c, pnLimits.jsonBytes), deps)
    return c.json({ pendingId: toBase64url(pendingId) }, 202)
  })

  app.post('/v1/tokens/verify', async (c) => {
    const fields = await readJson(c, pnLimits.jsonBytes)
    const claim = { pendingId: bytesOf(fields, 'pendingId'), code: bytesOf(fields, 'code', wakeSizes.code) }
    const { bytes, expiresDay } = attestor.finish(claim, bytesOf(fields, 'sig', signatureBytes), now())
    metrics.count('tokens_verified')
    return c.json({ attestation: toBase64url(bytes), expiresDay })
  })
}
