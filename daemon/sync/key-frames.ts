/** Keys go along with the epochs that they belong to: whoever says to hold a message can read it. */

import { kinds, lanes } from '../../protocol/entry.ts'
import type { DeviceId, EpochId } from '../../protocol/ids.ts'
import { loggedOperation } from '../../protocol/logged-operation.ts'
import type { Run } from '../../protocol/run.ts'
import type { SyncFrame } from './link.ts'
import type { GivenKeys, SyncLog } from './log.ts'

type Entries = Extract<SyncFrame, { is: 'entries' }>

const isRoster = ({ entries }: Run): boolean => entries[0]?.sealed.header.lane === lanes.roster

/** The epochs that operations of these runs begin. */
const epochsIn = (runs: readonly Run[]): EpochId[] =>
  runs.flatMap(({ entries }) =>
    entries.flatMap(({ sealed, slot }) => {
      const isEpoch = sealed.header.lane === lanes.roster && sealed.header.kind === kinds.epoch
      const operation = isEpoch && slot.is === 'held' ? loggedOperation(sealed, slot.payload).operation : undefined
      return operation?.kind === 'epoch' ? [operation.epoch] : []
    }),
  )

/** The frame itself, or where it begins epochs: its operations, their keys as far as `device` may have them, and the rest. */
export function* withKeys(
  frame: SyncFrame,
  log: Pick<SyncLog, 'keysFor'>,
  device: DeviceId,
): Generator<SyncFrame, void> {
  const epochs = frame.is === 'entries' ? epochsIn(frame.runs) : []
  const given = frame.is === 'entries' && epochs.length > 0 ? log.keysFor(frame.scope, epochs, device) : []
  if (frame.is === 'entries' && given.length > 0) yield* around(frame, given)
  else yield frame
}

function* around({ scope, runs, done }: Entries, given: GivenKeys): Generator<SyncFrame, void> {
  const messages = runs.filter((run) => !isRoster(run))
  const isLast = messages.length === 0
  yield { is: 'entries', scope, runs: runs.filter((run) => isRoster(run)), done: done && isLast }
  yield { is: 'keys', scope, asked: [], given }
  if (!isLast) yield { is: 'entries', scope, runs: messages, done }
}
