import t from 'tap'
import { Twins } from '../../../daemon/net/twins.ts'
import { signBoot, type BootWord } from '../../../protocol/boot.ts'
import type { Hello } from '../../../protocol/hello.ts'
import { personIdOf } from '../../../protocol/ids.ts'
import { fakeDevice, type FakeDevice } from '../../support/fake-device.ts'

const alice = fakeDevice(1)
const bob = fakeDevice(2)
const boot = (number: number): Uint8Array => new Uint8Array(8).fill(number)
const word = (device: FakeDevice, number: number, wallMs: number): BootWord =>
  signBoot(device.key, { bootId: boot(number), wallMs })
const hello = (device: FakeDevice, number: number, wallMs: number): Hello => ({
  versions: [1, 1],
  features: [],
  bootId: boot(number),
  linkNumber: 1,
  wallMs,
  person: personIdOf(new Uint8Array(32)),
  wish: { is: 'nothing' },
  name: '',
  proof: [],
  bootSignature: word(device, number, wallMs).signature,
})
const twins = (device: FakeDevice, startedMs = 1000): Twins =>
  new Twins({ device: device.id, bootId: boot(9), startedMs, mostDevices: 2 })

t.test('a restart is no twin; a boot that speaks after a newer one was heard is', async (t) => {
  const seen = twins(bob)
  seen.heard(alice.id, hello(alice, 1, 1), false)
  seen.heard(alice.id, hello(alice, 2, 2), false)
  t.strictSame([seen.of(alice.id, boot(1)), seen.of(alice.id, boot(2))], [undefined, undefined])
  seen.heard(alice.id, hello(alice, 1, 3), true)
  t.match(seen.of(alice.id, boot(1)), { bootId: boot(2), wallMs: 2 })
  t.match(seen.of(alice.id, boot(2)), { bootId: boot(1), wallMs: 3 }, 'the newest word of it')
  t.equal(seen.of(alice.id, boot(3)), undefined, 'a later start of one of them is told nothing')
  t.equal(seen.of(bob.id, boot(1)), undefined)
  seen.heard(fakeDevice(3).id, hello(fakeDevice(3), 1, 1), false)
  seen.heard(fakeDevice(4).id, hello(fakeDevice(4), 1, 1), false)
  t.equal(seen.of(alice.id, boot(1)), undefined, 'and what is remembered is bounded')
})

t.test('proves() believes nobody but the own key, another boot, and a time since the start', async (t) => {
  const own = twins(alice)
  t.ok(own.proves(word(alice, 1, 1001)))
  t.notOk(own.proves(undefined))
  t.notOk(own.proves(word(alice, 1, 1000)), 'said before this boot began: an earlier one')
  t.notOk(own.proves(word(alice, 9, 2000)), 'this boot itself')
  t.notOk(own.proves(word(bob, 1, 2000)), 'another key')
  t.notOk(own.proves({ ...word(alice, 1, 999), wallMs: 2000 }), 'a changed time')
  t.notOk(own.proves({ ...word(alice, 1, 2000), bootId: boot(3) }), 'a changed boot')
})
