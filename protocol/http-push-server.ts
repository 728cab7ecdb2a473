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
  /** Why the server does not know all of that yet: an error code. It is tried again. */
  problem?: string
}

/** PATCH /push-server -> PushServerSettings. BAD_SHAPE, NOT_WARREN, NOT_ALLOWED and what goes wrong on the way say why it is as it was. */
export interface PushServerPatch {
  /** `https://…`, or `http://` with an address of one's own network; empty for none. */
  server: string
}
