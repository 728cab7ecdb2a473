/** Signatures within a person's log by who is named there; remembered, since a log is read again with each of its operations. */

import { isSignedBy } from './device-key.ts'
import { deviceBytes, type PersonId } from './ids.ts'
import type { LoggedOperation } from './logged-operation.ts'
import { beginMessage, counterMessage } from './operation-proofs.ts'
import type { Operation } from './operation.ts'

type AddDevice = Extract<Operation, { readonly kind: 'addDevice' }>
type CreatePerson = Extract<Operation, { readonly kind: 'createPerson' }>

const joined = new WeakMap<LoggedOperation, boolean>()

/** Whether the new device agreed. */
export function joinedItself(person: PersonId, logged: LoggedOperation, addition: AddDevice): boolean {
  let known = joined.get(logged)
  if (known === undefined) {
    const { device } = addition.record
    known = isSignedBy(deviceBytes(device), counterMessage(person, device), addition.counterSignature)
    joined.set(logged, known)
  }
  return known
}

const begun = new WeakMap<LoggedOperation, boolean>()

/** Whether whoever began the person holds the recovery key that is named. */
export function isProven(logged: LoggedOperation, { record, nonce, recoveryKey, proof }: CreatePerson): boolean {
  let known = begun.get(logged)
  if (known === undefined) {
    known = isSignedBy(recoveryKey, beginMessage(record.device, nonce), proof)
    begun.set(logged, known)
  }
  return known
}
