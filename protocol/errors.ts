/** One error class with a closed set of codes: people, scripts and peers are told by code what went wrong. */

export type ErrorCode =
  // input
  | 'BAD_SHAPE'
  | 'TOO_LARGE'
  | 'BAD_RANGE'
  | 'NOT_FOUND'
  | 'AMBIGUOUS'
  | 'CONFLICT'
  | 'RATE_LIMITED'
  | 'BAD_LINK'
  | 'LINK_EXPIRED'
  | 'UNSUPPORTED_VERSION'
  // exported conversations
  | 'NOT_AN_EXPORT'
  | 'TRUNCATED'
  // signatures and chains
  | 'BAD_SIGNATURE'
  | 'BAD_HASH'
  // rights
  | 'NOT_A_MEMBER'
  | 'NOT_ALLOWED'
  | 'BLOCKED'
  // reaching a peer
  | 'HOST_NOT_FOUND'
  | 'REFUSED'
  | 'TIMED_OUT'
  | 'UNREACHABLE'
  | 'NOT_WARREN'
  | 'IDENTITY_MISMATCH'
  | 'SELF'
  | 'LINK_CLOSED'
  // keys and storage
  | 'NO_KEY'
  | 'CANNOT_DECRYPT'
  | 'STORE_DAMAGED'
  | 'STORE_FULL'
  | 'STORE_FAILED'
  | 'STORE_NEWER'
  | 'STORE_OLDER'
  | 'HOME_IN_USE'
  | 'HOME_UNWRITABLE'
  | 'PORT_IN_USE'
  | 'DUPLICATE_DEVICE'
  // local API
  | 'BAD_HOST'
  | 'BAD_ORIGIN'
  | 'BAD_SITE'
  | 'NO_SESSION'
  | 'BAD_CODE'
  | 'LOCKED'
  | 'WRONG_PASSPHRASE'
  | 'WEAK_PASSPHRASE'
  | 'CLOSING'
  | 'NOT_RUNNING'
  | 'INTERNAL'

/** An error that a person, a script or a peer may be told about by its `code`; `message` is for people, in English. */
export class WarrenError extends Error {
  readonly code: ErrorCode
  /** Machine-readable extras, such as the candidates of an ambiguous name. */
  readonly details: unknown

  constructor(code: ErrorCode, message: string, options?: ErrorOptions & { details?: unknown }) {
    super(message, options)
    this.name = 'WarrenError'
    this.code = code
    this.details = options?.details
  }
}

/** The code of anything thrown: `INTERNAL` for what is not ours. */
export function errorCode(error: unknown): ErrorCode {
  return error instanceof WarrenError ? error.code : 'INTERNAL'
}
