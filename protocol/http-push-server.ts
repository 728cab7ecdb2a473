/** Shapes of the local API: the push server through which this device is woken while it sleeps. */

/** GET /push-server. */
export interface PushServerSettings {
  /** Its origin; empty if none is used. */
  server: string
  /**
   * `unregistered`: this device has not said where pushes reach it, as only an app on a phone does. `unproven`: the code that
   * proves it has not come. `expired`: nobody can wake it before it registers again.
   */
  state: 'off' | 'unregistered' | 'unproven' | 'registered' | 'expired'
  platform?: 'apns' | 'webpush'
  registeredAt?: number
  expiresAt?: number
  /** Persons whose devices can wake this one. */
  wakers: number
  /** Groups in which members are named who wake this device for what others write there. */
  groups: number
  /** Groups in which nobody can wake this device: none of its owner's contacts is a member. */
  groupsWithout: number
  /** Why the server does not know all of that yet, or could not be asked to renew: an error code. It is tried again, ever more seldom, once a day in the end. */
  problem?: string
  /** Nothing came right at the server since. */
  problemSince?: number
  /** Before that it is not asked by itself; PATCH with the same server asks at once. */
  nextTryAt?: number
  /** Push servers that were used before and have not taken back yet what was left there. */
  former: FormerPushServer[]
}

export interface FormerPushServer {
  server: string
  /** Persons whose right to wake through it could not be taken back there. They have been told; three months later it is worth nothing in any case, and given up. */
  rows: number
  problemSince?: number
  nextTryAt?: number
}

/** PATCH /push-server -> PushServerSettings; the server that is used already is tried again. BAD_SHAPE, NOT_WARREN, NOT_ALLOWED and what goes wrong on the way say why it is as it was. */
export interface PushServerPatch {
  /** `https://…`, or `http://` with an address of one's own network; empty for none. */
  server: string
}
