/** What only browsers have, tried by a marked person. */

import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import type { Described } from './api-words.ts'
import type { MarkedPerson, Markers } from './marked-person.ts'

/** What belongs to browsers: a shell has none of it, and is refused. */
export async function browse(t: Test, api: Described, markers: Markers, alice: MarkedPerson): Promise<void> {
  const key = (name: string, length: number): string => {
    const bytes = new Uint8Array(randomBytes(length))
    markers.bytes(name, bytes)
    return Buffer.from(bytes).toString('base64url')
  }
  const endpoint = `https://fcm.googleapis.com/${markers.word('address at a push service')}`
  const keys = { p256dh: key('point of a browser', 65), auth: key('secret of a browser', 16) }
  const refused = async (method: 'POST' | 'DELETE', path: string, body?: object): Promise<void> => {
    await t.rejects(alice.ask(api, method, path, body), { code: /NOT_ALLOWED|NOT_FOUND/ }, path)
  }
  await refused('POST', '/push-subscriptions', { endpoint, ...keys, language: 'en' })
  await refused('DELETE', `/push-subscriptions/${markers.word('subscription')}`)
  await refused('POST', '/sessions/links', {})
  await alice.ask(api, 'PATCH', '/push-subscriptions', { previews: false })
  const server = `https://${markers.word('push server').toLowerCase()}.invalid`
  await t.rejects(alice.ask(api, 'PATCH', '/push-server', { server }), { code: /HOST_NOT_FOUND|TIMED_OUT/ })
}
