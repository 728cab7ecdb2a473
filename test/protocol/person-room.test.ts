/** Nobody fills the log of a person: what has room in it, whoever else writes, and in whatever order it comes. */

import fc from 'fast-check'
import t from 'tap'
import type { DeviceId, EntryId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import { roomFor } from '../../protocol/person-room.ts'
import { supportOf } from '../../protocol/person-support.ts'
import { personHeads, reducePerson } from '../../protocol/roster.ts'
import { actor, alice, entryOf, PersonLog, recoverySeed, type Actor } from './cast.ts'

const phone = actor(11)
const laptop = actor(12)
const fresh = actor(15)
const words = [recoverySeed, actor(201), actor(202), actor(203)] as const
const bare = { heads: [], recovery: undefined } as const

/** A device that takes in what it is brought, in frames of so many operations. */
class Holder {
  readonly held: LoggedOperation[] = []
  readonly log: PersonLog

  constructor(log: PersonLog) {
    this.log = log
  }

  hear(brought: readonly LoggedOperation[], atOnce = brought.length): this {
    for (let at = 0; at < brought.length; at += atOnce) {
      const { taken } = roomFor(this.log.person, this.held, brought.slice(at, at + atOnce))
      this.held.push(...brought.slice(at, at + atOnce).filter(({ id }) => taken.has(id)))
    }
    return this
  }

  get devices(): Set<DeviceId> {
    return new Set(reducePerson(this.log.person, this.held).devices.keys())
  }
}

/** What `log` names now, as operations of it. */
const seenBy = (log: PersonLog, by: Actor | undefined): LoggedOperation[] => {
  const ids = new Set(personHeads(log.person, log.operations, by?.device).map(({ id }) => id))
  return log.operations.filter(({ id }) => ids.has(id))
}

/** Alice's phone is in the hands of a thief, who adds devices that add devices, as many as possible, beside each other. */
function flooded(count: number): { log: PersonLog; flood: LoggedOperation[]; thieves: Actor[] } {
  const log = new PersonLog(alice)
  log.add(alice, phone)
  log.add(alice, laptop)
  const thieves = [phone]
  const before = log.operations.length
  const additions = new Map<Actor, LoggedOperation>()
  while (log.operations.length - before < count) {
    const by = thieves[(log.operations.length * 7) % thieves.length] ?? phone
    const next = actor(20 + (thieves.length % 150))
    const seen = additions.get(by)
    if (thieves.length < 40) {
      additions.set(next, log.add(by, next, seen === undefined ? log.operations.slice(1, 2) : [seen]))
      thieves.push(next)
    } else log.remove(by, actor(199), seen === undefined ? log.operations.slice(1, 2) : [seen])
  }
  return { log, flood: log.operations.slice(before), thieves }
}

/** The words in the hands of their owner: as recovery-runs.ts writes them. */
function recover(
  log: PersonLog,
  from: number,
  lost: readonly Actor[],
  kept: readonly Actor[],
  seen = seenBy(log, undefined),
): LoggedOperation[] {
  const before = log.operations.length
  const key = words[from] ?? recoverySeed
  const next = words[from + 1] ?? recoverySeed
  log.rotate(fresh, next, seen, key.key)
  for (const each of [fresh, ...kept]) {
    const added = log.addition(each)
    log.recover(fresh, added, undefined, next.key)
  }
  for (const { device } of lost) log.recover(fresh, { kind: 'removeDevice', device, ...bare }, undefined, next.key)
  return log.operations.slice(before)
}

t.test('a thief who fills the log is removed by another device, and by the words, which make room anew', (t) => {
  const { log, flood, thieves } = flooded(240)
  const holder = new Holder(log).hear(log.operations.slice(0, 3)).hear(flood)
  t.equal(holder.held.length, 3 + limits.personEraOperations - 2, 'so much and no more, with two additions of Alice')
  const standing = holder.devices
  for (const each of thieves.filter(({ device }) => standing.has(device)))
    holder.hear([log.remove(laptop, each, seenBy(log, laptop))])
  t.strictSame(holder.devices, new Set([alice.device, laptop.device]))
  const tablet = actor(16)
  holder.hear([log.add(laptop, tablet, seenBy(log, laptop))])
  t.notOk(holder.devices.has(tablet.device), 'there is no room for it')
  holder.hear(recover(log, 0, [alice], [laptop]))
  t.strictSame(holder.devices, new Set([laptop.device, fresh.device]))
  holder.hear([log.add(laptop, tablet, seenBy(log, laptop))])
  t.strictSame(holder.devices, new Set([laptop.device, fresh.device, tablet.device]))
  t.end()
})

t.test('whoever finds words that were replaced fills nothing with them', (t) => {
  const log = new PersonLog(alice)
  log.add(alice, phone)
  const before = log.operations.slice()
  recover(log, 0, [alice], [phone])
  const honest = log.operations.slice()
  const junk = Array.from({ length: 300 }, (_, at) => {
    const by = actor(20 + (at % 150))
    return log.recover(by, log.addition(by), before.slice(-1))
  })
  const holder = new Holder(log).hear(honest).hear(junk, 7)
  t.ok(holder.held.length <= honest.length + limits.personOutdated)
  const rivals = Array.from({ length: 40 }, (_, at) => log.rotate(actor(20 + at), actor(203), before.slice(-1)))
  const held = new Set(
    new Holder(log)
      .hear(honest)
      .hear(rivals, 1)
      .held.map(({ id }) => id),
  )
  const [first, ...others] = rivals.filter(({ id }) => held.has(id))
  t.ok(first !== undefined && others.length < limits.personRotations, 'some of them, for all must find the same one')
  const added = [log.add(phone, laptop, honest.slice(-1))]
  t.ok(holder.hear(added).devices.has(laptop.device))
  const other = actor(17)
  log.rotate(other, words[2], added, words[1].key)
  log.recover(other, log.addition(other), undefined, words[2].key)
  t.ok(holder.hear(log.operations.slice(-2)).devices.has(other.device), 'and the words that count do as ever')
  t.end()
})

t.test(
  'what the words bring back counts wherever it is heard, whatever was taken of a flood, and in whatever order',
  (t) => {
    const { log, flood, thieves } = flooded(160)
    const honest = log.operations.slice(0, 3)
    const whole = new Holder(log).hear(honest).hear(flood)
    const seen = new Set(personHeads(log.person, whole.held, undefined).map(({ id }) => id))
    const standing = whole.devices
    const written = recover(
      log,
      0,
      [alice, ...thieves.filter(({ device }) => standing.has(device))],
      [laptop],
      log.operations.filter(({ id }) => seen.has(id)),
    )
    const expected = new Set([laptop.device, fresh.device])
    const shuffled = fc.shuffledSubarray([...flood.keys()], { minLength: 0 })
    const property = fc.property(shuffled, fc.integer({ min: 15, max: 90 }), fc.boolean(), (places, atOnce, isLate) => {
      const some = places.flatMap((at) => flood[at] ?? [])
      const holder = new Holder(log).hear(honest)
      // Who is there now and then is offered all that is lacking, until nothing more is taken.
      const rounds = isLate ? [some, written, flood] : [written, some, flood]
      for (const each of rounds) holder.hear(each, atOnce)
      const again = reducePerson(log.person, holder.held.toReversed())
      t.ok(holder.held.length <= limits.personOperations)
      t.strictSame(holder.devices, expected)
      t.strictSame(new Set(again.devices.keys()), expected)
    })
    fc.assert(property, { numRuns: 5 })
    t.end()
  },
)

t.test('without a flood everything is taken, in whatever order and frames it comes', (t) => {
  const log = new PersonLog(alice)
  for (let each = 0; each < 12; each += 1) {
    log.add(alice, actor(20 + each))
    if (each % 2 === 0) log.remove(alice, actor(20 + each))
  }
  recover(log, 0, [alice], [actor(21)])
  const all = log.operations
  const state = reducePerson(log.person, all)
  const orders = fc.shuffledSubarray([...all.keys()], { minLength: all.length, maxLength: all.length })
  const property = fc.property(orders, fc.integer({ min: 5, max: 40 }), (order, atOnce) => {
    const holder = new Holder(log)
    for (let before = -1; holder.held.length > before;) {
      before = holder.held.length
      const lacking = order.flatMap((at) => all[at] ?? []).filter((each) => !holder.held.includes(each))
      holder.hear(lacking, atOnce)
    }
    const { devices, heads } = reducePerson(log.person, holder.held)
    t.equal(holder.held.length, all.length)
    t.strictSame(new Set(devices.keys()), new Set(state.devices.keys()))
    t.strictSame(heads, state.heads)
  })
  fc.assert(property, { numRuns: 5 })
  t.end()
})

t.test('an operation that is too large, and one by nobody, have no room', (t) => {
  const log = new PersonLog(alice)
  log.add(alice, phone)
  const { person } = log
  t.ok(roomFor(person, [], log.operations).taken.size === 2)
  const stranger = log.add(actor(13), actor(14))
  t.match(roomFor(person, log.operations.slice(0, 2), [stranger]), { taken: new Set(), isForeign: true })
  const many = Array.from({ length: 40 }, (_, at) => log.remove(alice, actor(100 + at), log.operations.slice(0, 1)))
  const large = log.remove(alice, phone, many)
  t.ok(large.header.payloadLength > limits.personOperationBytes)
  t.strictSame(roomFor(person, log.operations.slice(0, 2), [large]).taken, new Set<EntryId>())
  t.ok(entryOf().sealed.id)
  t.end()
})

t.test('of a long log as much is shown as is needed for a device to belong', (t) => {
  const log = new PersonLog(alice)
  for (let each = 0; each < 30; each += 1) {
    log.add(alice, actor(20 + each), seenBy(log, alice))
    log.remove(alice, actor(20 + each), seenBy(log, alice))
  }
  log.add(alice, phone, seenBy(log, alice))
  log.add(phone, laptop, seenBy(log, phone))
  const shown = (device: Actor, operations: number): boolean => {
    const ids = new Set(
      supportOf(log.person, log.operations, [device.device], { operations, bytes: 1e6, sizeOf: () => 1 }),
    )
    const part = log.operations.filter(({ id }) => ids.has(id))
    t.ok(part.length <= operations)
    return reducePerson(log.person, part).devices.has(device.device)
  }
  t.ok(shown(laptop, 3), 'the beginning, who added, and who was added')
  t.ok(shown(laptop, 32))
  t.notOk(shown(laptop, 2))
  recover(log, 0, [alice], [phone, laptop])
  t.ok(shown(fresh, 3), 'the beginning, the rotation, the addition')
  t.ok(shown(laptop, 5))
  t.ok(shown(fresh, 32))
  t.end()
})
