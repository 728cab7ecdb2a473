/** A subscription of a browser that nobody has. */

import type { Subscription } from '../../../daemon/notify/subscriptions.ts'

export const subscriptionOf = (session: string, change: Partial<Subscription> = {}): Subscription => ({
  session,
  label: 'Firefox, Linux',
  endpoint: 'https://push.example/1',
  p256dh: new Uint8Array(65).fill(4),
  auth: new Uint8Array(16),
  language: 'en',
  createdAt: 1_800_000_000_000,
  ...change,
})
