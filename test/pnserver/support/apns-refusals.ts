/** Every reason with which Apple's push server refuses a request, and its status ("Handling notification responses from APNs"). */

const statuses = {
  BadCollapseId: 400,
  BadDeviceToken: 400,
  BadExpirationDate: 400,
  BadMessageId: 400,
  BadPriority: 400,
  BadTopic: 400,
  DeviceTokenNotForTopic: 400,
  DuplicateHeaders: 400,
  IdleTimeout: 400,
  InvalidPushType: 400,
  MissingDeviceToken: 400,
  MissingTopic: 400,
  PayloadEmpty: 400,
  TopicDisallowed: 400,
  BadCertificate: 403,
  BadCertificateEnvironment: 403,
  BadEnvironmentKeyIdInToken: 403,
  ExpiredProviderToken: 403,
  Forbidden: 403,
  InvalidProviderToken: 403,
  MissingProviderToken: 403,
  UnrelatedKeyIdInToken: 403,
  BadPath: 404,
  MethodNotAllowed: 405,
  ExpiredToken: 410,
  Unregistered: 410,
  PayloadTooLarge: 413,
  TooManyProviderTokenUpdates: 429,
  TooManyRequests: 429,
  InternalServerError: 500,
  ServiceUnavailable: 503,
  Shutdown: 503,
} as const

export type Reason = keyof typeof statuses

export interface Refusal {
  readonly status: number
  readonly reason: Reason
  /** With 410: since when the token is no longer valid, epoch milliseconds. */
  readonly timestamp?: number
  /** Seconds. */
  readonly retryAfter?: number
}

export const reasons = Object.keys(statuses) as Reason[]

export const refusals = Object.fromEntries(
  reasons.map((reason) => [reason, { status: statuses[reason], reason }]),
) as unknown as Readonly<Record<Reason, Refusal>>
