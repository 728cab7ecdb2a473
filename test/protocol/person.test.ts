import fc from 'fast-check'
import t from 'tap'
import { causalPast, headsOf } from '../../protocol/causality.ts'
import { publicBytes, signBytes } from '../../protocol/crypto.ts'
import type { DeviceId } from '../../protocol/ids.ts'
import { movedMessage } from '../../protocol/operation-proofs.ts'
import { readOperation, type Operation } from '../../protocol/operation.ts'
import { loggedOperation, type LoggedOperation } from '../../protocol/logged-operation.ts'
import { devicesAt, reducePerson } from '../../protocol/roster.ts'
import { actor, alice, entryOf, fill, PersonLog, recoverySeed, type Actor } from './cast.ts'

const phone = actor(11)
const laptop = actor(12)
const thief = actor(13)
const tablet = actor(14)

const devicesOf = (log: PersonLog, operations: readonly LoggedOperation[] = log.operations): Set<DeviceId> =>
  new Set(reducePerson(log.person, operations).devices.keys())
const setOf = (...actors: readonly Actor[]): Set<DeviceId> => new Set(actors.map(({ device }) => device))
const withDevices = (...actors: readonly Actor[]): PersonLog => {
  const log = new PersonLog(alice)
  for (const each of actors) log.add(alice, each)
  return log
}
/** That the person of `from` goes on as the one of `to`, as this device. */
const moved = (from: PersonLog, { device, key }: Actor, to: PersonLog): Extract<Operation, { kind: 'movedTo' }> => ({
  kind: 'movedTo',
  heads: [],
  person: to.person,
  device,
  signature: signBytes(key, movedMessage(from.person, to.person)),
})
const bare = { heads: [], recovery: undefined } as const

t.test('a person has the devices that were added and not removed', async (t) => {
  const log = withDevices(phone, laptop)
  t.strictSame(devicesOf(log), setOf(alice, phone, laptop))
  const removal = log.remove(phone, laptop)
  const state = reducePerson(log.person, log.operations)
  t.strictSame(new Set(state.devices.keys()), setOf(alice, phone))
  t.strictSame(state.removed, setOf(laptop))
  t.strictSame(state.heads, [{ scope: log.person, id: removal.id }])
  t.equal(state.movedTo, undefined)
})

t.test('devicesAt() knows who belonged at any head', async (t) => {
  const log = withDevices(phone)
  const added = log.heads
  log.remove(alice, phone)
  t.strictSame(devicesAt(log.person, log.operations, added), setOf(alice, phone))
  t.strictSame(devicesAt(log.person, log.operations, log.heads), setOf(alice))
  t.strictSame(devicesAt(log.person, log.operations, []), setOf())
})

t.test('a stranger adds, removes and moves nothing', async (t) => {
  const log = withDevices(phone)
  log.add(thief, tablet)
  log.add(thief, thief)
  log.remove(thief, phone)
  log.post(thief, moved(log, thief, log))
  log.post(thief, { kind: 'rotateRecovery', recoveryKey: fill(1), proof: fill(0, 64), ...bare })
  t.strictSame(devicesOf(log), setOf(alice, phone))
  t.equal(reducePerson(log.person, log.operations).movedTo, undefined)
})

t.test('no device is added that did not agree, and none twice over for another person', async (t) => {
  const log = withDevices()
  const record = { device: phone.device, deviceClass: 'phone' } as const
  log.post(alice, { kind: 'addDevice', record, counterSignature: fill(1, 64), ...bare })
  const other = new PersonLog(alice, 2)
  const elsewhere = other.add(alice, phone).operation
  if (elsewhere?.kind === 'addDevice') log.post(alice, elsewhere)
  t.strictSame(devicesOf(log), setOf(alice))
})

t.test("another person's create and its operations count for nothing here", async (t) => {
  const log = withDevices(phone)
  const other = new PersonLog(thief, 3)
  other.add(thief, tablet)
  t.strictSame(devicesOf(log, [...log.operations, ...other.operations]), setOf(alice, phone))
})

t.test('a removal voids what its victim did meanwhile, and all that rests on that', async (t) => {
  const log = withDevices(thief, phone)
  const seen = log.operations.slice(-1)
  log.remove(alice, thief, seen)
  const added = log.add(thief, tablet, seen)
  const accomplice = log.add(tablet, laptop, [added])
  log.remove(tablet, phone, [accomplice])
  t.strictSame(devicesOf(log), setOf(alice, phone))
})

t.test('what the victim did before stays, if the remover had seen it', async (t) => {
  const log = withDevices(thief)
  log.add(thief, tablet)
  log.remove(alice, thief)
  t.strictSame(devicesOf(log), setOf(alice, tablet))
})

t.test('among devices mutual removals both hold', async (t) => {
  const log = withDevices(phone, laptop)
  const seen = log.operations.slice(-1)
  log.remove(phone, laptop, seen)
  log.remove(laptop, phone, seen)
  t.strictSame(devicesOf(log), setOf(alice))
})

t.test('a removed device reaches no device that was added later', async (t) => {
  const log = withDevices(thief)
  const seen = log.operations.slice(-1)
  log.remove(alice, thief, seen)
  log.add(alice, phone)
  log.remove(thief, phone, seen)
  t.strictSame(devicesOf(log), setOf(alice, phone))
})

t.test('a device that was added back is heard again, and its old removal does not return', async (t) => {
  const log = withDevices(phone)
  log.remove(alice, phone)
  log.add(alice, phone)
  log.add(phone, laptop)
  t.strictSame(devicesOf(log), setOf(alice, phone, laptop))
  t.strictSame(reducePerson(log.person, log.operations).removed, setOf())
})

t.test('the recovery key adds and removes without any device, and nobody undoes it', async (t) => {
  const log = withDevices(thief)
  const seen = log.operations.slice(-1)
  const joining = log.add(tablet, tablet, seen)
  t.strictSame(devicesOf(log), setOf(alice, thief))
  const { operation } = joining
  if (operation?.kind !== 'addDevice') throw new Error('an addition')
  const back = log.recover(tablet, operation, seen)
  log.recover(tablet, { kind: 'removeDevice', device: thief.device, ...bare }, [back])
  log.remove(thief, tablet, [back])
  log.remove(thief, alice, seen)
  t.strictSame(devicesOf(log), setOf(alice, tablet))
})

t.test('the recovery key is replaced by itself alone', async (t) => {
  const log = withDevices(phone)
  const next = actor(201)
  const remove = { kind: 'removeDevice', device: phone.device, ...bare } as const
  log.rotate(alice, next, undefined, thief.key)
  log.recover(thief, remove, undefined, next.key)
  t.strictSame(devicesOf(log), setOf(alice, phone), 'rotated by another key')
  log.rotate(alice, next)
  log.recover(thief, remove, undefined, recoverySeed.key)
  t.strictSame(devicesOf(log), setOf(alice, phone), 'by the old key')
  log.recover(thief, remove, undefined, next.key)
  t.strictSame(devicesOf(log), setOf(alice))
})

t.test('words that were replaced are worth nothing, not even for what claims to be older', async (t) => {
  const log = withDevices(phone)
  const seen = log.operations.slice(-1)
  const next = actor(201)
  const before = log.recover(alice, { kind: 'removeDevice', device: phone.device, ...bare }, seen)
  log.rotate(alice, next, [before])
  const joining = log.add(thief, thief, seen).operation
  if (joining?.kind !== 'addDevice') throw new Error('an addition')
  log.recover(thief, joining, seen)
  log.recover(thief, { kind: 'removeDevice', device: alice.device, ...bare }, seen)
  const state = reducePerson(log.person, log.operations)
  t.strictSame(new Set(state.devices.keys()), setOf(alice), 'what the old key did before counts, nothing else')
  t.strictSame(state.recoveryKey, publicBytes(next.key))
  t.equal(state.recoveries.length, 2)
})

t.test('of two recoveries at once one holds, the same wherever it is computed', async (t) => {
  const log = withDevices(phone)
  const seen = log.operations.slice(-1)
  const recovered = [laptop, tablet].map((device, at) => {
    const joining = log.add(thief, device, seen).operation
    if (joining?.kind !== 'addDevice') throw new Error('an addition')
    const added = log.recover(device, joining, seen)
    const next = actor(210 + at)
    const rotated = log.rotate(device, next, [added])
    return { device, key: publicBytes(next.key), id: rotated.id }
  })
  const [winner] = recovered.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  for (const operations of [log.operations, log.operations.toReversed()]) {
    const state = reducePerson(log.person, operations)
    t.strictSame(new Set(state.devices.keys()), new Set([alice.device, phone.device, winner?.device.device]))
    t.strictSame(state.recoveryKey, winner?.key)
  }
})

t.test('a recovery signature cannot be posted again elsewhere', async (t) => {
  const log = withDevices(phone)
  const seen = log.operations.slice(-1)
  const removal = log.recover(alice, { kind: 'removeDevice', device: phone.device, ...bare }, seen)
  log.add(alice, phone)
  if (removal.operation === undefined) throw new Error('an operation')
  log.post(thief, removal.operation, seen)
  log.post(laptop, removal.operation, seen)
  t.strictSame(devicesOf(log), setOf(alice, phone))
})

t.test('keys of small order in a log verify nothing and break nothing', async (t) => {
  const log = withDevices(phone)
  log.recover(alice, { kind: 'rotateRecovery', recoveryKey: fill(0), proof: fill(0, 64), ...bare })
  const record = { device: actor(1).device, deviceClass: 'phone' } as const
  log.post(thief, { kind: 'addDevice', heads: [], record, counterSignature: fill(0, 64), recovery: fill(0, 64) })
  t.strictSame(devicesOf(log), setOf(alice, phone))
})

t.test('a person moves on once, the same wherever it is computed', async (t) => {
  const log = withDevices(phone)
  const seen = log.operations.slice(-1)
  const [a, b] = [new PersonLog(phone, 5), new PersonLog(laptop, 6)]
  const one = log.post(alice, moved(log, phone, a), seen)
  const two = log.post(phone, moved(log, laptop, b), seen)
  const expected =
    one.id < two.id
      ? { by: alice.device, person: a.person, device: phone.device }
      : { by: phone.device, person: b.person, device: laptop.device }
  t.strictSame(reducePerson(log.person, log.operations).movedTo, expected)
  t.strictSame(reducePerson(log.person, log.operations.toReversed()).movedTo, expected)
})

t.test('nobody moves to a device that does not say so itself, of these two persons', async (t) => {
  const [a, b] = [new PersonLog(phone, 5), new PersonLog(laptop, 6)]
  const log = withDevices()
  const right = moved(log, phone, a)
  for (const wrong of [
    { ...right, device: laptop.device },
    { ...right, person: b.person },
    { ...right, signature: moved(b, phone, a).signature },
    { ...right, signature: fill(0, 64) },
  ])
    log.post(alice, wrong)
  t.equal(reducePerson(log.person, log.operations).movedTo, undefined)
  log.post(alice, right)
  t.strictSame(reducePerson(log.person, log.operations).movedTo, {
    by: alice.device,
    person: a.person,
    device: phone.device,
  })
})

t.test(
  'a device that was removed since moves nobody, whoever removed it, and whatever its removal had seen',
  async (t) => {
    for (const isByRecovery of [false, true]) {
      const [a, b] = [new PersonLog(laptop, 5), new PersonLog(thief, 6)]
      const log = withDevices(phone)
      log.post(phone, moved(log, thief, b))
      t.match(reducePerson(log.person, log.operations).movedTo, { by: phone.device, person: b.person })
      if (isByRecovery) log.recover(alice, { kind: 'removeDevice', device: phone.device, ...bare })
      else log.remove(alice, phone)
      t.strictSame(devicesOf(log), setOf(alice))
      t.equal(reducePerson(log.person, log.operations).movedTo, undefined)
      log.add(alice, phone)
      t.equal(reducePerson(log.person, log.operations).movedTo, undefined, 'not even when it came back')
      log.post(alice, moved(log, laptop, a))
      t.match(reducePerson(log.person, log.operations).movedTo, { by: alice.device, person: a.person })
    }
  },
)

type Doing = (log: PersonLog, by: Actor, other: Actor, past: LoggedOperation[]) => unknown
const doings = {
  add: (log, by, other, past) => log.add(by, other, past),
  remove: (log, by, other, past) => log.remove(by, other, past),
  recover: (log, by, { device }, past) => log.recover(by, { kind: 'removeDevice', device, ...bare }, past),
  rotate: (log, by, other, past) => log.rotate(by, other, past),
} satisfies Record<string, Doing>

const actors = [alice, phone, laptop, thief, tablet]
const step = fc.record({
  by: fc.nat(actors.length - 1),
  whom: fc.nat(actors.length - 1),
  what: fc.constantFrom('add' as const, 'remove' as const, 'recover' as const, 'rotate' as const),
  seen: fc.array(fc.nat(30), { minLength: 1, maxLength: 3 }),
})

t.test('the state follows from the set of operations, in whatever order they came', async (t) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), fc.infiniteStream(fc.nat(1000)), fc.nat(1000), (steps, mix, cut) => {
      const log = new PersonLog(alice)
      for (const { by, whom, what, seen } of steps) {
        const [author, other] = [actors[by], actors[whom]]
        const past = seen.flatMap((at) => log.operations[at % log.operations.length] ?? [])
        if (author === undefined || other === undefined) continue
        doings[what](log, author, other, past)
      }
      const keys = new Map(log.operations.map(({ id }) => [id, mix.next().value]))
      const shuffled = log.operations.toSorted((a, b) => (keys.get(a.id) ?? 0) - (keys.get(b.id) ?? 0))
      const repeated = [...shuffled, ...shuffled]
      const [one, two] = [log.operations, repeated].map((list) => reducePerson(log.person, list))
      t.strictSame([...(one?.devices.keys() ?? [])].toSorted(), [...(two?.devices.keys() ?? [])].toSorted())
      t.strictSame([...(one?.removed ?? [])].toSorted(), [...(two?.removed ?? [])].toSorted())
      // A part of a log is a log too: what some heads have seen gives the same wherever more is known.
      const head = log.operations[cut % log.operations.length]
      if (head === undefined) return false
      const past = causalPast(new Map(log.operations.map((each) => [each.id, each])), [head.id])
      const part = log.operations.filter(({ id }) => past.has(id))
      const heads = [{ scope: log.person, id: head.id }]
      t.strictSame([...devicesAt(log.person, shuffled, heads)].toSorted(), [...devicesOf(log, part)].toSorted())
      return true
    }),
    { seed: 1, numRuns: 150 },
  )
})

t.test('headsOf() names what no other operation has seen', async (t) => {
  const log = withDevices()
  const [create] = log.operations
  const a = log.add(alice, phone, create === undefined ? [] : [create])
  const b = log.add(tablet, tablet, create === undefined ? [] : [create])
  t.strictSame(new Set(headsOf(log.operations).map(({ id }) => id)), new Set([a.id, b.id]))
})

t.test('operations that this version cannot read are kept without effect', async (t) => {
  t.equal(readOperation(60, fill(1)), undefined)
  t.equal(readOperation(2, fill(1)), undefined)
  const log = withDevices(phone)
  const [create] = log.entries
  if (create === undefined) throw new Error('an entry')
  const { payloadHash: _, ...header } = create.sealed.header
  const newer = entryOf({ ...header, version: 2 }, create.payload)
  t.equal(loggedOperation(newer.sealed, create.payload).operation, undefined)
  t.equal(loggedOperation(create.sealed, create.payload).operation?.kind, 'createPerson')
})
