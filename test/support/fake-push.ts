/** Notifications, of an owner in memory: `https://push.example/…` is the one push service that there is. */

import type { OwnPush } from '../../daemon/api/owner.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { NewPushSubscription, PushPatch, PushSettings, PushSubscriptionInfo } from '../../protocol/http-push.ts'

export class FakePush implements OwnPush {
  previews = true
  #all: Omit<PushSubscriptionInfo, 'current'>[] = []

  settings(session: string | undefined): PushSettings {
    return {
      applicationServerKey: Buffer.alloc(65, 4).toString('base64url'),
      previews: this.previews,
      subscriptions: this.#all.map((each) => ({ ...each, current: each.id === session })),
    }
  }

  async subscribe({ id, label }: { id: string; label: string }, { endpoint }: NewPushSubscription): Promise<void> {
    const { hostname } = new URL(endpoint)
    if (hostname !== 'push.example') throw new WarrenError('NOT_ALLOWED', 'this push service is not known')
    const made = { id, label, service: hostname, createdAt: 1_760_000_000_000 }
    this.#all = [made, ...this.#all.filter((each) => each.id !== id)]
  }

  async patch({ previews }: PushPatch): Promise<void> {
    this.previews = previews
  }

  async remove(id: string): Promise<void> {
    if (!this.#all.some((each) => each.id === id))
      throw new WarrenError('NOT_FOUND', 'no such browser has notifications')
    this.#all = this.#all.filter((each) => each.id !== id)
  }

  async keep(sessions: ReadonlySet<string>): Promise<void> {
    this.#all = this.#all.filter(({ id }) => sessions.has(id))
  }
}
