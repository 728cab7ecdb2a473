/**
 * What counts in a person's log by the recovery key. The keys make a chain: that of the beginning, and of each the one rotation that
 * replaced it. A key counts for what has seen the rotation that brought it, and has been seen by the one that replaced it: so words
 * that were replaced are worth nothing to whoever finds them, not even for an operation that claims to be older. A rotation counts
 * only with a signature of the key that it names: else anybody could make the public key of another that of their own log.
 */

import type { CausalOrder } from './causality.ts'
import { isSignedBy } from './device-key.ts'
import type { PersonId } from './ids.ts'
import type { LoggedOperation } from './logged-operation.ts'
import { nextKeyMessage, recoveryMessage } from './operation-proofs.ts'
import type { RecoverableOperation } from './operation.ts'

export interface Recoveries {
  /** Numbers of the operations that count by a recovery key, whatever else is true. */
  readonly counting: ReadonlySet<number>
  /** The public half of the key that counts now; empty if the log has no beginning. */
  readonly key: Uint8Array
  /** Every key that ever counted, or would have if another had not been put in its place at the same time. */
  readonly keys: readonly Uint8Array[]
  /** What brought each key that holds, or held: the beginning, and the rotations after it. */
  readonly chain: readonly number[]
  /** Of each of these keys the rotations away from it: the one that holds, and those that lost against it. */
  readonly rotations: readonly (readonly number[])[]
}

const recoverable = new Set<string>(['addDevice', 'removeDevice', 'rotateRecovery'])

type SignedOperation = RecoverableOperation & { readonly recovery: Uint8Array }
type Signed = LoggedOperation & { readonly operation: SignedOperation }

/** Whether an operation says that a recovery key signed it: then it rests on that alone, whatever device wrote it. */
export const isClaim = (logged: LoggedOperation): logged is Signed => {
  const { operation } = logged
  return operation !== undefined && recoverable.has(operation.kind) && 'recovery' in operation && !!operation.recovery
}

const signers = new WeakMap<LoggedOperation, Map<string, boolean>>()

/** Whether a recovery key signed an operation of the person, at the place where it stands; remembered, since a log is read again with each of its operations. */
function isSignedWith(key: Uint8Array, person: PersonId, logged: Signed): boolean {
  const known = signers.get(logged) ?? new Map<string, boolean>()
  signers.set(logged, known)
  const name = String(key)
  let isSigned = known.get(name)
  if (isSigned === undefined) {
    const { header, operation } = logged
    isSigned = isSignedBy(key, recoveryMessage(person, operation, header), operation.recovery)
    known.set(name, isSigned)
  }
  return isSigned
}

const meant = new WeakMap<LoggedOperation, boolean>()

/** Whether the key that a rotation names says so itself; true of what is no rotation. */
function isMeant(person: PersonId, logged: Signed): boolean {
  const { header, operation } = logged
  if (operation.kind !== 'rotateRecovery') return true
  let known = meant.get(logged)
  if (known === undefined) {
    known = isSignedBy(operation.recoveryKey, nextKeyMessage(person, operation, header), operation.proof)
    meant.set(logged, known)
  }
  return known
}

/** Whether one of these recovery keys signed an operation of the person, at the place where it stands. */
export const isByRecovery = (person: PersonId, keys: readonly Uint8Array[], logged: LoggedOperation): boolean =>
  isClaim(logged) && keys.some((key) => isSignedWith(key, person, logged))

/** Checks each operation against one key at most: that of the part of the chain in which it stands. */
export function recoveriesOf(
  person: PersonId,
  order: CausalOrder<LoggedOperation>,
  create: { readonly number: number; readonly recoveryKey: Uint8Array } | undefined,
): Recoveries {
  const counting = new Set<number>()
  const rotations: number[][] = []
  if (create === undefined) return { counting, key: new Uint8Array(0), keys: [], chain: [], rotations }
  const claiming = [...order.operations.entries()].flatMap(([number, each]) =>
    isClaim(each) ? [{ number, logged: each }] : [],
  )
  let { number: since, recoveryKey: key } = create
  const keys = [key]
  const chain = [since]
  for (;;) {
    const isSigned = ({ logged }: { readonly logged: Signed }): boolean =>
      isSignedWith(key, person, logged) && isMeant(person, logged)
    const standing = claiming.filter(({ number }) => order.hasSeen(number, since))
    const found = rotationsOf(order, standing, isSigned)
    const [next] = found
    keys.push(...found.map((each) => each.key))
    rotations.push(found.map(({ number }) => number))
    for (const each of standing) {
      if (next !== undefined && !order.hasSeen(next.number, each.number)) continue
      if (each.logged.operation.kind !== 'rotateRecovery' && isSigned(each)) counting.add(each.number)
    }
    if (next === undefined) return { counting, key, keys, chain, rotations }
    counting.add(next.number)
    since = next.number
    chain.push(since)
    key = next.key
  }
}

/** The rotations away from a key that have not seen each other: the one with the lowest id, which holds, first. */
function rotationsOf(
  order: CausalOrder<LoggedOperation>,
  standing: readonly { readonly number: number; readonly logged: Signed }[],
  isSigned: (each: { readonly logged: Signed }) => boolean,
): { readonly number: number; readonly key: Uint8Array }[] {
  const found: { number: number; id: string; key: Uint8Array }[] = []
  for (const { number, logged } of standing) {
    if (logged.operation.kind !== 'rotateRecovery') continue
    if (found.some((each) => order.hasSeen(number, each.number)) || !isSigned({ logged })) continue
    found.push({ number, id: logged.id, key: logged.operation.recoveryKey })
  }
  return found.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
