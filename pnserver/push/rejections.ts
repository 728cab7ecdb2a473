/** Why a push service refuses this server itself: a closed set of words, so that the log can name them. */

export const rejections = [
  // Apple's own words
  'BadCollapseId',
  'BadExpirationDate',
  'BadMessageId',
  'BadPriority',
  'BadTopic',
  'DeviceTokenNotForTopic',
  'DuplicateHeaders',
  'InvalidPushType',
  'MissingDeviceToken',
  'MissingTopic',
  'PayloadEmpty',
  'TopicDisallowed',
  'BadCertificate',
  'BadCertificateEnvironment',
  'BadEnvironmentKeyIdInToken',
  'ExpiredProviderToken',
  'Forbidden',
  'InvalidProviderToken',
  'MissingProviderToken',
  'UnrelatedKeyIdInToken',
  'BadPath',
  'MethodNotAllowed',
  'PayloadTooLarge',
  // and ours: not asked at all; an answer that points elsewhere; 401 and 403; anything else
  'not-served',
  'redirected',
  'unauthorized',
  'refused',
] as const

export type Rejection = (typeof rejections)[number]

/** `refused` for a word that is not known. */
export const rejectionOf = (word: unknown): Rejection => rejections.find((each) => each === word) ?? 'refused'
