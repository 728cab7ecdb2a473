/** Markers go through all that links a device to another one. */

import type { Test } from 'tap'
import type { Linking } from '../../protocol/http-devices.ts'
import type { Described } from './api-words.ts'
import type { MarkedPerson, Markers } from './marked-person.ts'

/** Somebody gives their device a name, shows a code and thinks better of it; another one looks for a device that is not there. */
export async function linkDevices(
  t: Test,
  api: Described,
  markers: Markers,
  person: MarkedPerson,
  other: MarkedPerson,
): Promise<void> {
  const path = `/devices/${(await person.seat.me()).deviceId}`
  await person.ask(api, 'PATCH', path, { name: markers.word('device name') })
  await t.rejects(person.ask(api, 'DELETE', path), { code: 'SELF' })
  const { code = '', link = '' } = await person.ask<Linking>(api, 'POST', '/devices/linking', {})
  markers.text('code for a device', code)
  markers.text('link for a device', link.replace('warren:', '').slice(0, 60))
  // Behind the version and the person's id lies the secret.
  markers.bytes('link for a device', Buffer.from(link.replace('warren:', ''), 'base64url').subarray(0, 40))
  await t.rejects(person.ask(api, 'POST', '/devices/linking/confirm', {}), { code: 'CONFLICT' })
  await person.ask(api, 'POST', '/devices/linking/end', { differ: true })
  const address = `${markers.word('device host')}.invalid:1`
  await other.ask(api, 'POST', '/devices/linking', { code, address })
  await t.rejects(other.ask(api, 'POST', '/devices/linking', { code: `warren:${markers.word('broken link')}` }), {
    code: 'BAD_LINK',
  })
  await other.ask(api, 'POST', '/devices/linking/end', { differ: false })
}
