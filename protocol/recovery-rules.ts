/**
 * What counts in a person's log by the recovery key. The keys make a chain: that of the beginning, and of each the one rotation that
 * replaced it. A key counts for what has seen the rotation that brought it, and has been seen by the one that replaced it: so words
 * that were replaced are worth nothing to whoever finds them, not even for an operation that claims to be older. A rotation counts
 * only with a signature of the key that it names: else anybody could make the public key of another that of their own log.
 */

import type { CausalOrder } from './causality.ts'
import { isSignedBy } from './device-key.ts'
import type { PersonId } from './ids.ts'
import { limits } from './limits.ts'
import type { LoggedOperation } from './logged-operation.ts'
import { nextKeyMessage, recoveryMessage } from './operation-proofs.ts'
import type { Operation, RecoverableOperation } from './operation.ts'

export interface Recoveries {
  /** Numbers of the operations that count by a recovery key, whatever else is true. */
  readonly counting: ReadonlySet<number>
  /** The public half of the key that counts now; empty if the log has no beginning. */
  readonly key: Uint8Array
  /** Every key that ever counted, or would have if another had not been put in its place at the same time. */
  readonly keys: readonly Uint8Array[]
}

const recoverable = new Set<string>(['addDevice', 'removeDevice', 'rotateRecovery'])

type SignedOperation = RecoverableOperation & { readonly recovery: Uint8Array }
type Signed = LoggedOperation & { readonly operation: SignedOperation }

const isClaim = (operation: Operation | undefined): operation is SignedOperation =>
  operation !== undefined && recoverable.has(operation.kind) && 'recovery' in operation && !!operation.recovery

/** Whether one of these recovery keys signed an operation of the person, at the place where it stands. */
export const isByRecovery = (
  { person, recoveryKeys }: { readonly person: PersonId; readonly recoveryKeys: readonly Uint8Array[] },
  header: LoggedOperation['header'],
  operation: Operation,
): boolean =>
  isClaim(operation) &&
  recoveryKeys.some((key) => isSignedBy(key, recoveryMessage(person, operation, header), operation.recovery))

/** Checks each operation against one key at most: that of the part of the chain in which it stands. */
export function recoveriesOf(
  person: PersonId,
  order: CausalOrder<LoggedOperation>,
  create: { readonly number: number; readonly recoveryKey: Uint8Array } | undefined,
): Recoveries {
  const counting = new Set<number>()
  if (create === undefined) return { counting, key: new Uint8Array(0), keys: [] }
  const claiming = [...order.operations.entries()].flatMap(([number, each]) =>
    isClaim(each.operation) && order.past(number).size < limits.personOperations
      ? [{ number, ...each, operation: each.operation }]
      : [],
  )
  let { number: since, recoveryKey: key } = create
  const keys = [key]
  for (;;) {
    const isSigned = ({ operation, header }: Signed): boolean =>
      isSignedBy(key, recoveryMessage(person, operation, header), operation.recovery) &&
      (operation.kind !== 'rotateRecovery' ||
        isSignedBy(operation.recoveryKey, nextKeyMessage(person, operation, header), operation.proof))
    const standing = claiming.filter(({ number }) => order.past(number).has(since))
    const rotations = rotationsOf(order, standing, isSigned)
    const [next] = rotations
    keys.push(...rotations.map((each) => each.key))
    for (const each of standing) {
      if (next !== undefined && !order.past(next.number).has(each.number)) continue
      if (each.operation.kind !== 'rotateRecovery' && isSigned(each)) counting.add(each.number)
    }
    if (next === undefined) return { counting, key, keys }
    counting.add(next.number)
    since = next.number
    key = next.key
  }
}

/** The rotations away from a key that have not seen each other: the one with the lowest id, which holds, first. */
function rotationsOf(
  order: CausalOrder<LoggedOperation>,
  standing: readonly (Signed & { readonly number: number })[],
  isSigned: (each: Signed) => boolean,
): { readonly number: number; readonly key: Uint8Array }[] {
  const found: { number: number; id: string; key: Uint8Array }[] = []
  for (const each of standing) {
    if (each.operation.kind !== 'rotateRecovery') continue
    const past = order.past(each.number)
    if (found.some(({ number }) => past.has(number)) || !isSigned(each)) continue
    found.push({ number: each.number, id: each.id, key: each.operation.recoveryKey })
  }
  return found.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
