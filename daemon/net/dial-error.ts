/** Why a peer could not be reached, in the few words that people get. */

import { WarrenError, type ErrorCode } from '../../protocol/errors.ts'

const systemCodes: Readonly<Record<string, ErrorCode>> = {
  ECONNREFUSED: 'REFUSED',
  ETIMEDOUT: 'TIMED_OUT',
  EHOSTUNREACH: 'UNREACHABLE',
  EHOSTDOWN: 'UNREACHABLE',
  ENETUNREACH: 'UNREACHABLE',
  ENETDOWN: 'UNREACHABLE',
  EADDRNOTAVAIL: 'UNREACHABLE',
  EAFNOSUPPORT: 'UNREACHABLE',
  EINVAL: 'UNREACHABLE',
  EACCES: 'UNREACHABLE',
  EPERM: 'UNREACHABLE',
}

const messages: Partial<Record<ErrorCode, string>> = {
  REFUSED: 'the host is there, but nothing listens on that port',
  TIMED_OUT: 'no answer came in time',
  UNREACHABLE: 'there is no way to that address from here',
  NOT_WARREN: 'something answers there, but it is not Warren',
  IDENTITY_MISMATCH: 'another device than expected answers there',
  SELF: 'that is this device itself',
}

/** Of several failures the one that says most; later ones in this list say less. */
const telling: readonly ErrorCode[] = [
  'SELF',
  'IDENTITY_MISMATCH',
  'UNSUPPORTED_VERSION',
  'NOT_WARREN',
  'REFUSED',
  'TIMED_OUT',
  'UNREACHABLE',
  'HOST_NOT_FOUND',
]

function codeOf(error: Error & { code?: unknown }): ErrorCode {
  const system = typeof error.code === 'string' ? systemCodes[error.code] : undefined
  if (system !== undefined) return system
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'TIMED_OUT'
  if (error.name === 'InvalidPeerIdError') return 'SELF'
  // The upgrader keeps the text of what Noise threw and loses its type.
  if (/does not match expected/.test(error.message)) return 'IDENTITY_MISMATCH'
  if (/abort/i.test(error.message)) return 'TIMED_OUT'
  return 'NOT_WARREN'
}

/** A WarrenError for anything that dialling or hello can throw. */
export function dialError(error: unknown): WarrenError {
  if (error instanceof WarrenError) return error
  // libp2p rejects with the bare close event where a stream closes while its protocol is negotiated.
  if (!(error instanceof Error)) return new WarrenError('LINK_CLOSED', 'the connection closed')
  const code = codeOf(error)
  // A gate that is crowded, of a Warren perhaps, or a firewall.
  if ('code' in error && error.code === 'ECONNRESET') {
    return new WarrenError('REFUSED', 'the host is there, but cut the connection off', { cause: error })
  }
  return new WarrenError(code, messages[code] ?? 'the dial failed', { cause: error })
}

/** Somebody is there, and had no room for another handshake. */
export const isCutOff = (error: unknown): boolean =>
  error instanceof WarrenError &&
  error.code === 'REFUSED' &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === 'ECONNRESET'

const rank = (error: WarrenError): number => {
  const at = telling.indexOf(error.code)
  if (at < 0) return -1
  // Where one address refuses and another cuts off, the device is more likely at the latter.
  return isCutOff(error) ? at - 0.5 : at
}

/** The failure that says most. */
export function mostTelling(errors: readonly unknown[]): WarrenError {
  const all = errors.map((each) => dialError(each)).toSorted((a, b) => rank(a) - rank(b))
  return all[0] ?? new WarrenError('UNREACHABLE', 'no address is known')
}

/** The same for a person who asked who is there. */
export function lookError(error: unknown): WarrenError {
  const why = dialError(error)
  if (why.code !== 'NOT_ALLOWED' && why.code !== 'LINK_CLOSED') return why
  const text = 'Warren answers there, but does not want to talk to this device'
  return new WarrenError('REFUSED', text, { cause: error })
}
