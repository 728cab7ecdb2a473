/** A recovery key is named by whoever holds it: the public half of another's is put into no log. */

import t from 'tap'
import { publicBytes } from '../../protocol/crypto.ts'
import { kinds, lanes } from '../../protocol/entry.ts'
import type { PersonId } from '../../protocol/ids.ts'
import { loggedOperation } from '../../protocol/logged-operation.ts'
import { encodeOperation } from '../../protocol/operation.ts'
import { reducePerson } from '../../protocol/roster.ts'
import { actor, alice, entryOf, fill, PersonLog, recoverySeed } from './cast.ts'

const phone = actor(11)
const thief = actor(13)
const bare = { heads: [], recovery: undefined } as const
const keysOf = (log: PersonLog): number => reducePerson(log.person, log.operations).recoveryKeys.length

t.test('nobody begins a person with the recovery key of another', async (t) => {
  const log = new PersonLog(thief, 1, thief.key)
  log.add(thief, phone)
  log.recover(thief, { kind: 'removeDevice', device: phone.device, ...bare })
  const state = reducePerson(log.person, log.operations)
  t.strictSame(state.devices.size, 0)
  t.strictSame(state.recoveryKeys, [])
  t.strictSame(state.recoveryKey, new Uint8Array(0))
  const honest = new PersonLog(alice)
  const [create] = honest.operations
  if (create?.operation?.kind !== 'createPerson') throw new Error('a beginning')
  const { record } = create.operation
  for (const copied of [create.operation, { ...create.operation, record: { ...record, device: thief.device } }]) {
    const place = { lane: lanes.roster, scope: undefined, kind: kinds.createPerson, epoch: undefined }
    const entry = entryOf(place, encodeOperation(copied), thief)
    const person = entry.sealed.id as string as PersonId
    const { recoveryKeys } = reducePerson(person, [loggedOperation(entry.sealed, entry.payload)])
    t.strictSame(recoveryKeys, [], 'nor with a proof that was copied')
  }
})

t.test('nobody makes the recovery key of another that of their own log', async (t) => {
  const owner = actor(202)
  const recoveryKey = publicBytes(owner.key)
  const other = new PersonLog(alice, 2)
  const rotated = other.rotate(alice, owner)
  t.strictSame(reducePerson(other.person, other.operations).recoveryKey, recoveryKey)
  if (rotated.operation?.kind !== 'rotateRecovery') throw new Error('a rotation')
  const log = new PersonLog(alice)
  log.add(alice, phone)
  const seen = log.operations.slice(-1)
  const { proof } = rotated.operation
  log.recover(alice, { kind: 'rotateRecovery', recoveryKey, proof: fill(0, 64), ...bare }, seen)
  log.recover(alice, { kind: 'rotateRecovery', recoveryKey, proof, ...bare }, seen)
  log.recover(thief, { kind: 'rotateRecovery', recoveryKey, proof, ...bare }, seen)
  log.recover(alice, { kind: 'removeDevice', device: phone.device, ...bare })
  const state = reducePerson(log.person, log.operations)
  t.strictSame(state.recoveryKeys, [publicBytes(recoverySeed.key)])
  t.strictSame([...state.devices.keys()], [alice.device], 'the key that it has still counts')
})

t.test('a proof is of one place in one feed', async (t) => {
  const log = new PersonLog(alice)
  const rotation = log.rotate(alice, actor(202)).operation
  if (rotation?.kind !== 'rotateRecovery') throw new Error('a rotation')
  t.equal(keysOf(log), 2)
  const again = new PersonLog(alice)
  t.equal(again.person, log.person)
  const seen = again.operations.slice(-1)
  again.recover(thief, rotation, seen)
  again.add(alice, phone, seen)
  again.recover(alice, rotation, seen)
  t.equal(keysOf(again), 1)
})
