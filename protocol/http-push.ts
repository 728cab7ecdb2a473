/** Shapes of the local API: notifications that reach the owner's browsers while no page is open (Web Push). */

/** GET /push-subscriptions. */
export interface PushSettings {
  /** Of this daemon, base64url, 65 bytes: what `pushManager.subscribe()` takes (RFC 8292). */
  applicationServerKey: string
  /** Notifications say who wrote, and what; else only that somebody did. */
  previews: boolean
  /** Newest first. */
  subscriptions: PushSubscriptionInfo[]
}

export interface PushSubscriptionInfo {
  id: string
  /** Of the browser session that it belongs to, and ends with. */
  label: string
  /** The push service that carries it, such as `web.push.apple.com`: it learns when, how much, and for which browser; not what. */
  service: string
  createdAt: number
  /** Of the session that asks. */
  current: boolean
}

/** POST /push-subscriptions: from a browser session only; takes the place of that session's earlier one. -> PushSettings */
export interface NewPushSubscription {
  /** https, at a push service that is known; else NOT_ALLOWED. */
  endpoint: string
  /** Of the browser, base64url: 65 bytes. */
  p256dh: string
  /** base64url: 16 bytes. */
  auth: string
  /** Of what notifications without a preview say. */
  language: 'en' | 'de'
}

/** PATCH /push-subscriptions -> PushSettings; DELETE /push-subscriptions/:id -> 204. */
export interface PushPatch {
  previews: boolean
}

/** What a push says, as JSON, sealed to the browser by RFC 8291. */
export type PushPayload =
  | { type: 'message'; conversation: string; title: string; body: string; at: number }
  /** The owner has read it elsewhere. */
  | { type: 'read'; conversation: string }
