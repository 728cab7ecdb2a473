/** What contacts hand over to be woken with, however they hand it over. */

import t from 'tap'
import { Grants } from '../../../daemon/push/grants.ts'
import { encode } from '../../../protocol/codec.ts'
import { deviceIdOf, personIdOf, type PersonId } from '../../../protocol/ids.ts'
import { encodeWake, type WakeGrant } from '../../../protocol/register-values.ts'

const bob = personIdOf(new Uint8Array(32).fill(1))
const phone = deviceIdOf(new Uint8Array(32).fill(2))
const grant = (byte = 3, more: Partial<WakeGrant> = {}): WakeGrant => ({
  server: 'https://push.example',
  grant: new Uint8Array(64).fill(byte),
  expiresAt: 0,
  ...more,
})
const take = (grants: Grants, value: Uint8Array): boolean => grants.take({ device: phone, value }, bob)

function open(isContact: (person: PersonId) => boolean = () => true): Grants {
  return new Grants({ isContact, now: () => 1000 })
}

t.test('the first of a device counts, and the newest word of it', async (t) => {
  const grants = open()
  t.equal(take(grants, encodeWake([grant(3), grant(4)])), true)
  t.match(grants.of(phone), { person: bob, server: 'https://push.example', capability: new Uint8Array(32).fill(3) })
  t.equal(take(grants, encodeWake([grant(5)])), true)
  t.match(grants.of(phone), { capability: new Uint8Array(32).fill(5) })
  t.equal(grants.isOf(bob), true)
  t.equal(take(grants, encodeWake([])), false)
  t.equal(grants.of(phone), undefined)
  t.equal(grants.isOf(bob), false)
})

t.test('ten thousand at once are none, and ten thousand one after the other are one', async (t) => {
  const grants = open()
  const many = Array.from({ length: 10_000 }, () => ['https://push.example', new Uint8Array(64), 0])
  t.equal(take(grants, encode([many])), false)
  t.equal(grants.isEmpty, true)
  for (let each = 0; each < 10_000; each += 1) take(grants, encodeWake([grant(each % 256)]))
  t.strictSame(grants.devices(), [phone])
})

t.test('what leads elsewhere than to a push server, or is of another kind, counts for nothing', async (t) => {
  const grants = open()
  const wrong = [
    new Uint8Array(0),
    encode(['x']),
    encode([[['file:///etc/passwd', new Uint8Array(64), 0]]]),
    encode([[['http://intranet', new Uint8Array(64), 0]]]),
    encode([[['https://push.example/api/v1/stop', new Uint8Array(64), 0]]]),
    encodeWake([grant(3, { grant: new Uint8Array(65) })]),
  ]
  for (const value of wrong) {
    take(grants, encodeWake([grant()]))
    t.equal(take(grants, value), false)
    t.equal(grants.of(phone), undefined)
  }
})

t.test('it ends with its time, and with the contact', async (t) => {
  const contacts = new Set([bob])
  const grants = open((person) => contacts.has(person))
  take(grants, encodeWake([grant(3, { expiresAt: 1000 })]))
  t.equal(grants.of(phone), undefined)
  take(grants, encodeWake([grant(3, { expiresAt: 1001 })]))
  t.ok(grants.of(phone))
  contacts.clear()
  t.equal(grants.of(phone), undefined, 'blocked, or no contact any more')
})
