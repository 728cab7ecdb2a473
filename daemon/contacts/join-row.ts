/** A link into a group that the owner follows, as it is kept. */

import { decode, encode, readArray, readText, readUint } from '../../protocol/codec.ts'
import { limits } from '../../protocol/limits.ts'

/** See Joining in protocol/http-groups.ts. */
export type JoinState = 'asking' | 'not-valid' | 'expired' | 'removed'
const states: readonly JoinState[] = ['asking', 'not-valid', 'expired', 'removed']

export interface JoinRecord {
  /** `warren:…`, with the invite's secret. */
  readonly link: string
  /** Epoch milliseconds. */
  readonly since: number
  readonly state: JoinState
}

export const joinRow = ({ link, since, state }: JoinRecord): Uint8Array => encode([link, since, states.indexOf(state)])

/** Throws BAD_SHAPE. */
export function readJoinRow(row: Uint8Array): JoinRecord {
  const f = readArray(decode(row), 3)
  return {
    link: readText(f[0], limits.groupLinkBytes),
    since: readUint(f[1]),
    state: states[readUint(f[2], states.length - 1)] ?? 'asking',
  }
}
