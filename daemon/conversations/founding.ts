/** The operation that a group begins with: its id is the group's. */

import { sha256 } from '../../protocol/crypto.ts'
import { entryVersion, kinds, lanes, sealHeader, signEntry } from '../../protocol/entry.ts'
import { generationOf } from '../../protocol/ids.ts'
import { encodeOperation, type Setting } from '../../protocol/operation.ts'
import type { Core } from './core.ts'
import type { StoredEntry } from './rows.ts'

/** Made by this device, with the policy that the group begins with. */
export function foundingEntry({ self, people, author, random, now }: Core, policy: readonly Setting[]): StoredEntry {
  const { heads } = people.stateOf(self.person)
  const nonce = random(32)
  const founding = {
    kind: 'createGroup',
    heads,
    nonce,
    founder: self.person,
    policy,
    minVersion: entryVersion,
  } as const
  const payload = encodeOperation(founding)
  const sealed = sealHeader({
    version: entryVersion,
    lane: lanes.roster,
    scope: undefined,
    device: self.device,
    generation: generationOf(random(8)),
    seq: 1,
    prev: undefined,
    hlc: author.tick(),
    kind: kinds.createGroup,
    epoch: undefined,
    lifetime: 0,
    payloadHash: sha256(payload),
    payloadLength: payload.length,
    extension: [],
  })
  const signature = signEntry(self.signingKey, sealed.id)
  return { sealed, payload, signature, storedAt: now() }
}
