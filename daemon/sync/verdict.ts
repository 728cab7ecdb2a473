/** What an error that a peer's frame caused means for its session. */

import { errorCode, type ErrorCode } from '../../protocol/errors.ts'

/** `drop`: the frame is ignored. `closing`: this side cannot go on now; the peer may come back. */
export type Verdict = 'drop' | 'badPeer' | 'duplicateDevice' | 'closing'

const verdicts: Partial<Record<ErrorCode, Verdict>> = {
  BAD_SHAPE: 'badPeer',
  BAD_HASH: 'badPeer',
  BAD_SIGNATURE: 'badPeer',
  TOO_LARGE: 'badPeer',
  DUPLICATE_DEVICE: 'duplicateDevice',
  STORE_DAMAGED: 'closing',
  STORE_FULL: 'closing',
  STORE_FAILED: 'closing',
  STORE_NEWER: 'closing',
  STORE_OLDER: 'closing',
  LOCKED: 'closing',
  CLOSING: 'closing',
  LINK_CLOSED: 'closing',
}

/** An error of unknown cause drops the frame too: one frame must not end everything else that a link carries. */
export const verdictOf = (error: unknown): Verdict => verdicts[errorCode(error)] ?? 'drop'
