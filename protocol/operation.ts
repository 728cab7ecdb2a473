/** Roster operations: the plain payloads of lane 0. Every one begins with the heads that its author had seen. */

import { encode, type Value } from './codec.ts'
import { conversationCodecs, type ConversationOperation } from './conversation-operations.ts'
import { kinds, readPlain } from './entry.ts'
import { errorCode } from './errors.ts'
import { headsValue, readHeads, type Head } from './operation-parts.ts'
import { personCodecs, type PersonOperation } from './person-operations.ts'

export type { CutOff, Head, Role, Setting, WrappedKey } from './operation-parts.ts'

export type Operation = { readonly heads: readonly Head[] } & (PersonOperation | ConversationOperation)

/** Operations that may rest on the recovery key. */
export type RecoverableOperation = Extract<
  Operation,
  { readonly kind: 'addDevice' | 'removeDevice' | 'rotateRecovery' }
>

interface AnyCodec {
  readonly write: (operation: Operation) => readonly Value[]
  readonly read: (fields: readonly Value[]) => object
}
// Each codec takes its own kind of operation, which the compiler cannot follow through the lookup.
const codecs = { ...personCodecs, ...conversationCodecs } as unknown as Readonly<Record<Operation['kind'], AnyCodec>>

const kindNames = new Map(
  (Object.keys(codecs) as Operation['kind'][]).map((kind): [number, Operation['kind']] => [kinds[kind], kind]),
)

/** The payload bytes of an operation; its kind goes into the header. */
export const encodeOperation = (operation: Operation): Uint8Array =>
  encode([headsValue(operation.heads), ...codecs[operation.kind].write(operation)])

/**
 * Reads an operation's payload. Undefined for what this version cannot read, be it a new kind or a known one in a new
 * shape: such an operation is stored and relayed, and has no effect.
 */
export function readOperation(number: number, payload: Uint8Array): Operation | undefined {
  const kind = kindNames.get(number)
  if (kind === undefined) return undefined
  try {
    const fields = readPlain(payload)
    return { kind, heads: readHeads(fields[0]), ...codecs[kind].read(fields) } as Operation
  } catch (error) {
    const code = errorCode(error)
    if (code === 'BAD_SHAPE' || code === 'TOO_LARGE') return undefined
    throw error
  }
}
