/** What the owner asks of notifications: see http-push.ts. */

import { WarrenError } from '../../protocol/errors.ts'
import type { NewPushSubscription, PushPatch, PushSettings } from '../../protocol/http-push.ts'
import type { Subscription, Subscriptions } from '../notify/subscriptions.ts'

export interface PushDeskDeps {
  readonly subscriptions: Subscriptions
  /** Of this daemon, an uncompressed P-256 point. */
  readonly publicKey: Uint8Array
  /** Whether anything is ever sent to such an address. */
  readonly accepts: (endpoint: string) => boolean
  readonly now: () => number
  /** All pages are to look again. */
  readonly changed: () => void
}

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64url'))

export class PushDesk {
  readonly #deps: PushDeskDeps

  constructor(deps: PushDeskDeps) {
    this.#deps = deps
  }

  settings(session: string | undefined): PushSettings {
    const { subscriptions, publicKey } = this.#deps
    return {
      applicationServerKey: Buffer.from(publicKey).toString('base64url'),
      previews: subscriptions.previews,
      subscriptions: subscriptions.list().map((each) => ({
        id: each.session,
        label: each.label,
        service: new URL(each.endpoint).hostname,
        createdAt: each.createdAt,
        current: each.session === session,
      })),
    }
  }

  /** Durable when it resolves. Throws NOT_ALLOWED for a push service that is not known, BAD_SHAPE, TOO_LARGE. */
  async subscribe(session: { id: string; label: string }, wish: NewPushSubscription): Promise<void> {
    const { subscriptions, accepts, now } = this.#deps
    if (!accepts(wish.endpoint)) throw new WarrenError('NOT_ALLOWED', 'this push service is not known')
    const made: Subscription = {
      session: session.id,
      label: session.label,
      endpoint: wish.endpoint,
      p256dh: bytes(wish.p256dh),
      auth: bytes(wish.auth),
      language: wish.language,
      createdAt: now(),
    }
    if (made.p256dh[0] !== 4) throw new WarrenError('BAD_SHAPE', 'p256dh is no point of the curve')
    await subscriptions.put(made)
  }

  async patch({ previews }: PushPatch): Promise<void> {
    await this.#deps.subscriptions.setPreviews(previews)
    this.#deps.changed()
  }

  /** Throws NOT_FOUND. */
  async remove(id: string): Promise<void> {
    const { subscriptions } = this.#deps
    if (!subscriptions.list().some(({ session }) => session === id))
      throw new WarrenError('NOT_FOUND', 'no such browser has notifications')
    await subscriptions.remove(id)
  }

  /** Those of other sessions end: they were signed out. */
  async keep(sessions: ReadonlySet<string>): Promise<void> {
    const { subscriptions } = this.#deps
    for (const { session } of subscriptions.list()) if (!sessions.has(session)) await subscriptions.remove(session)
  }
}
