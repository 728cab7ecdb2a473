/** What `warren doctor` and the page are told of a look through all data of a device. */

/**
 * `database`: LevelDB itself; `identity`: the key of this device; `row`: something beside the messages; `entry-damaged` and `entry-missing`:
 * messages or operations; `order`, `client-id`, `position`: what lists them; `key`: the keys of some messages; `file`:
 * what came with messages.
 */
export type FindingKind =
  | 'database'
  | 'identity'
  | 'row'
  | 'entry-damaged'
  | 'entry-missing'
  | 'order'
  | 'client-id'
  | 'position'
  | 'key'
  | 'file'

export interface Finding {
  kind: FindingKind
  count: number
  /** `mended` here, `wanted` from peers, or still `open`. */
  outcome: 'mended' | 'wanted' | 'open'
  /** Absent where it belongs to no conversation. */
  conversation?: string
}

/** GET /examination; POST /examination begins one. */
export interface Examination {
  state: 'none' | 'running' | 'done' | 'failed'
  repair: boolean
  /** Epoch milliseconds; 0: not yet. */
  startedAt: number
  finishedAt: number
  /** Entries looked at, of those there are. */
  checked: number
  total: number
  /** Entries that peers are asked for, for they were lost here or have not come yet. */
  waiting: number
  findings: Finding[]
}

/** POST /examination. */
export interface NewExamination {
  repair: boolean
}
