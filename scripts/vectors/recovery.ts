/** How Alice comes back with her 24 words, through Bob: what the words are, the frames, and what the recovery key writes. docs/protocol.md, section 25. */

import { recoveryRuns } from '../../daemon/devices/recovery-runs.ts'
import { signBytes } from '../../protocol/crypto.ts'
import { encodeDeviceFrame, type DeviceFrame } from '../../protocol/device-frames.ts'
import { findMessage } from '../../protocol/find-frames.ts'
import { operationsOf } from '../../protocol/logged-operation.ts'
import { personHeads, reducePerson } from '../../protocol/roster.ts'
import { phraseOf } from '../../protocol/words.ts'
import { runOf } from './messages.ts'
import {
  alice,
  aliceCreate,
  alicePerson,
  alicePhone,
  bob,
  bobCreate,
  bobPerson,
  fill,
  invite,
  recovery,
  wallMs,
} from './people.ts'

const log = [runOf(aliceCreate)]
const written = recoveryRuns({
  person: alicePerson,
  heads: personHeads(alicePerson, operationsOf(log), undefined),
  recoveryKey: recovery.key,
  deviceSeed: alicePhone.seed,
  nextSeed: invite.seed,
  remove: [alice.id],
  keep: [],
  generation: fill(3, 8),
  now: wallMs,
})
const after = [...log, ...written]

/** The new phone is, until then, a device of a person of its own: the key of the invite stands for it. */
const message = findMessage(bob.id, invite.id)
const frames: DeviceFrame[] = [
  { is: 'find', recoveryKey: recovery.publicKey, signature: signBytes(recovery.key, message) },
  {
    is: 'found',
    person: alicePerson,
    log,
    card: { name: 'Alice', status: '', color: '#336699' },
    by: { person: bobPerson, proof: [runOf(bobCreate)], name: 'Bob' },
  },
  { is: 'found', person: alicePerson, log, card: undefined, by: undefined },
  { is: 'replaced', person: alicePerson, log: after },
  { is: 'recovered', person: alicePerson, log: after },
]
const { devices, removed, recoveryKey } = reducePerson(alicePerson, operationsOf(after))

export const comingBack = {
  seed: recovery.seed,
  words: phraseOf(recovery.seed),
  person: alicePerson,
  asked: bob.id,
  asking: invite.id,
  message,
  frames: frames.map((frame) => ({ frame, bytes: encodeDeviceFrame(frame) })),
  devices: [...devices.keys()],
  removed: [...removed],
  recoveryKey,
}
