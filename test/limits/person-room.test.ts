/** How much has room in the log of a person, exactly. */

import t from 'tap'
import { logValue, readLog } from '../../protocol/device-frame-parts.ts'
import { lanes } from '../../protocol/entry.ts'
import { limits } from '../../protocol/limits.ts'
import type { LoggedOperation } from '../../protocol/logged-operation.ts'
import { roomFor } from '../../protocol/person-room.ts'
import { partOf } from '../../protocol/person-support.ts'
import { entrySize, type Run } from '../../protocol/run.ts'
import { personHeads } from '../../protocol/roster.ts'
import { actor, alice, entryOf, PersonLog, recoverySeed, runOf } from '../protocol/cast.ts'
import { boundary, upTo } from './boundary.ts'

const phone = actor(11)
const laptop = actor(12)
const nobody = actor(13)
const keys = [recoverySeed, ...Array.from({ length: 12 }, (_, at) => actor(210 + at))]
const bare = { heads: [], recovery: undefined } as const

/** Whether all of these are taken, one after the other or at once. */
function takes(log: PersonLog, brought: readonly LoggedOperation[], atOnce = brought.length): boolean {
  const held: LoggedOperation[] = []
  for (let at = 0; at < brought.length; at += atOnce) {
    const some = brought.slice(at, at + atOnce)
    const { taken } = roomFor(log.person, held, some)
    held.push(...some.filter(({ id }) => taken.has(id)))
  }
  return held.length === brought.length
}

const isTaken = (log: PersonLog): boolean => takes(log, log.operations)

/** So many operations in each era; with a new key after each. */
const written = (...eras: readonly number[]): PersonLog => {
  const log = new PersonLog(alice)
  log.add(alice, phone)
  log.add(alice, laptop)
  for (const [era, count] of eras.entries()) {
    const before = era === 0 ? 2 : 0
    for (let each = before; each < count; each += 1) log.remove([alice, phone, laptop][each % 3] ?? alice, nobody)
    if (era < eras.length - 1) log.rotate(actor(30 + era), keys[era + 1] ?? recoverySeed, undefined, keys[era]?.key)
  }
  return log
}

t.test('by one device, by all of them, in all', async (t) => {
  await upTo(
    t,
    'personDeviceOperations',
    (count) => {
      const log = new PersonLog(alice)
      for (let each = 0; each < count; each += 1) log.remove(alice, nobody)
      return takes(log, log.operations)
    },
    'no',
  )
  const { personEraOperations: era, personDevicesOperations: all } = limits
  await upTo(t, 'personEraOperations', (count) => isTaken(written(count)), 'no')
  t.ok(all <= 4 * era)
  await upTo(t, 'personDevicesOperations', (count) => isTaken(written(era, era, era, count - 3 * era)), 'no')
})

t.test('removals of those who are there, where nothing else has room', async (t) => {
  const { personEraOperations: era, personDeviceOperations: own, personDevicesOperations: all } = limits
  const removing = (count: number): boolean => {
    const log = new PersonLog(alice)
    const victims = Array.from({ length: 2 * own - 1 }, (_, at) => actor(20 + at))
    log.add(alice, phone)
    for (const [at, each] of victims.entries()) log.add(at < own - 1 ? alice : phone, each)
    for (let step = 0; step < 3; step += 1) {
      log.rotate(actor(200 + step), keys[step + 1] ?? recoverySeed, undefined, keys[step]?.key)
      const left = Math.min(era, all - (step + 1) * era)
      for (let each = 0; each < left; each += 1) log.remove(each % 2 === 0 ? alice : phone, nobody)
    }
    const removed = [...victims, phone].slice(0, count - all)
    for (const each of removed) log.remove(alice, each)
    return removed.length === count - all && takes(log, log.operations)
  }
  await boundary(
    t,
    'personRemovals',
    () => removing(limits.personRemovals),
    () => removing(limits.personRemovals + 1),
    'no',
  )
})

t.test('by the recovery key that counts', async (t) => {
  await upTo(
    t,
    'personRecoveries',
    (count) => {
      const log = new PersonLog(alice)
      for (let each = 0; each < count; each += 1)
        log.recover(nobody, { kind: 'removeDevice', device: alice.device, ...bare })
      return takes(log, log.operations)
    },
    'no',
  )
})

t.test('by keys that were replaced', async (t) => {
  const log = new PersonLog(alice)
  const create = log.operations.slice()
  const rotations = Array.from({ length: 40 }, (_, at) => log.rotate(actor(20 + at), actor(210), create))
  const ascending = rotations.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const inTurn = (some: readonly LoggedOperation[]): boolean => takes(log, [...create, ...some], 1)
  await upTo(t, 'personRotations', (count) => inTurn(ascending.toReversed().slice(0, count)), 'no')
  await upTo(t, 'personRivals', (count) => inTurn(ascending.slice(0, count)), 'no')
  const late = Array.from({ length: limits.personOutdated + 1 }, (_, at) =>
    log.recover(actor(60 + at), { kind: 'removeDevice', device: alice.device, ...bare }, create),
  )
  await upTo(t, 'personOutdated', (count) => inTurn([...ascending.slice(0, 1), ...late.slice(0, count)]), 'no')
})

t.test('one operation, what it names, and a log in a frame', async (t) => {
  const log = new PersonLog(alice)
  const [create] = log.operations
  const removal = log.remove(alice, nobody)
  const sized = (payloadLength: number): LoggedOperation => ({
    ...removal,
    header: { ...removal.header, payloadLength },
  })
  const hasRoom = (bytes: number): boolean => create !== undefined && takes(log, [create, sized(bytes)])
  await upTo(t, 'personOperationBytes', hasRoom, 'no')
  const naming = (count: number): boolean => {
    const many = new PersonLog(alice)
    const first = many.operations.slice()
    for (let at = 0; at < count - 1; at += 1)
      many.recover(actor(20 + at), { kind: 'removeDevice', device: nobody.device, ...bare }, first)
    return personHeads(many.person, many.operations, undefined).length === count
  }
  await upTo(t, 'personHeads', naming, 'no')
  const run = runOf(log.entries.slice(0, 1))
  await upTo(t, 'personOperations', (count) => readLog(logValue(Array.from({ length: count }, () => run)), log.person))
})

const sizeOf = ({ entries }: Run): number => entries.reduce((sum, { sealed, slot }) => sum + entrySize(sealed, slot), 0)

t.test('of a log that is too long for a hello a part is shown', async (t) => {
  const log = new PersonLog(alice)
  const [create] = log.entries
  const begin = runOf(create === undefined ? [] : [create])
  const place = { lane: lanes.roster, scope: log.person, kind: 15, epoch: undefined }
  const other = (bytes: number): Run => runOf([entryOf(place, new Uint8Array(bytes))])
  const rest = sizeOf(begin) + sizeOf(other(1000)) - 1000
  const isWhole = (bytes: number): boolean => {
    const whole = [begin, other(bytes - rest)]
    const bounds = { operations: limits.helloOperations, bytes: limits.helloMovedBytes }
    return whole.length === partOf(log.person, whole, [alice.device], bounds).length
  }
  await upTo(t, 'helloMovedBytes', isWhole, 'no')
})
