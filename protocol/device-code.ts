/**
 * How a new device and an old one of its person prove to each other that the same code was told, without telling it: CPace, over what
 * both say of themselves. docs/protocol.md, section 23.
 */

import { concat, label, sameBytes, utf8 } from './bytes.ts'
import { encode } from './codec.ts'
import { cpaceKey, cpaceProofs, cpaceShare, type CpaceInputs, type CpaceMessages } from './cpace.ts'
import { sha256 } from './crypto.ts'
import { deviceRecordValue, type DeviceRecord } from './device-record.ts'
import { pairBytes, type DevicePair } from './device-words.ts'

/** Digits of a short code. */
export const codeDigits = 8

/** The secret of a short code; what is no digit is ignored. */
export const codeSecret = (code: string): Uint8Array => sha256(label('device-code'), utf8(code.replaceAll(/\D/g, '')))

/** What the new device was told: the digits, or the link with its secret of 32 bytes. */
export type CodeKind = 'digits' | 'link'
export const codeKinds: readonly CodeKind[] = ['digits', 'link']

/** What the new device says first. */
export interface CodeAsk {
  readonly record: DeviceRecord
  /** nonceCommitment() */
  readonly commitment: Uint8Array
  readonly by: CodeKind
  /** Of this exchange: 32 random bytes. */
  readonly session: Uint8Array
  readonly share: Uint8Array
}

/** What the old device answers. */
export interface CodeShare {
  readonly share: Uint8Array
  /** For the words: 32 random bytes. */
  readonly nonce: Uint8Array
}

const inputsOf = (secret: Uint8Array, pair: DevicePair, session: Uint8Array): CpaceInputs => ({
  secret,
  channel: concat(label('device-pake'), pairBytes(pair)),
  session,
})

/** The own share of an exchange; `scalar`: of drawScalar(). */
export const codeShare = (secret: Uint8Array, pair: DevicePair, session: Uint8Array, scalar: bigint): Uint8Array =>
  cpaceShare(inputsOf(secret, pair, session), scalar)

const messagesOf = ({ record, commitment, by, share }: Omit<CodeAsk, 'session'>, answer: CodeShare): CpaceMessages => ({
  initiator: { share, data: encode([deviceRecordValue(record), commitment, codeKinds.indexOf(by)]) },
  responder: { share: answer.share, data: answer.nonce },
})

export interface CodeProofs {
  /** What the new device shows, first. */
  readonly asking: Uint8Array
  /** What the old one shows, once that was right. */
  readonly asked: Uint8Array
}

/** What each side proves with. `scalar`: the own one; `theirs`: the other side's share. Throws BAD_SHAPE for a share that is no point. */
export function codeProofs(scalar: bigint, theirs: Uint8Array, ask: CodeAsk, answer: CodeShare): CodeProofs {
  const messages = messagesOf(ask, answer)
  const { session } = ask
  const { initiator, responder } = cpaceProofs(session, cpaceKey(session, scalar, theirs, messages), messages)
  return { asking: initiator, asked: responder }
}

/** In a time that says nothing of where they differ. */
export const isSameProof = (one: Uint8Array, other: Uint8Array): boolean => sameBytes(sha256(one), sha256(other))
