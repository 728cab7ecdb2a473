/** How Alice's phone joins her: the frames in their order, and what both sides compute. docs/protocol.md, section 23. */

import { signBytes } from '../../protocol/crypto.ts'
import { encodeDeviceFrame, type DeviceFrame } from '../../protocol/device-frames.ts'
import { drawScalar } from '../../protocol/cpace.ts'
import { codeProofs, codeSecret, codeShare } from '../../protocol/device-code.ts'
import { nonceCommitment, resumeMessage, wordsToCompare } from '../../protocol/device-words.ts'
import type { Hello } from '../../protocol/hello.ts'
import type { Operation } from '../../protocol/operation.ts'
import { counterMessage } from '../../protocol/operation-proofs.ts'
import { runOf } from './messages.ts'
import { alice, aliceCreate, aliceHead, alicePerson, alicePhone, bob, fill, laneZero, operationAt } from './people.ts'
import { hello } from './wire.ts'

const record = { device: alicePhone.id, deviceClass: 'phone' } as const
const counterSignature = signBytes(alicePhone.key, counterMessage(alicePerson, alicePhone.id))
const place = { key: alice.key, feed: laneZero(alice.id, alicePerson) }
const add: Operation = { kind: 'addDevice', heads: [aliceHead], record, counterSignature, recovery: undefined }
const added = operationAt({ ...place, below: aliceCreate }, add)
const removed = operationAt(
  { ...place, below: added },
  {
    kind: 'removeDevice',
    heads: [{ scope: alicePerson, id: added.sealed.id }],
    device: alicePhone.id,
    recovery: undefined,
  },
)

/** The phone was Bob's device until now. */
const pair = { old: alice.id, asking: bob.id, joining: alicePhone.id }
const code = '1234 5678'
const nonces = { joining: fill(0x31), old: fill(0x32) }
const secret = codeSecret(code)
const commitment = nonceCommitment(pair.joining, nonces.joining)
const session = fill(0x33)
/** Both sides draw 64 bytes. */
const drawn = { joining: fill(0x34, 64), old: fill(0x35, 64) }
const scalars = { joining: drawScalar(drawn.joining), old: drawScalar(drawn.old) }
const ask = {
  record,
  commitment,
  by: 'digits',
  session,
  share: codeShare(secret, pair, session, scalars.joining),
} as const
const share = { share: codeShare(secret, pair, session, scalars.old), nonce: nonces.old }
const proofs = codeProofs(scalars.old, ask.share, ask, share)
const frames: DeviceFrame[] = [
  { is: 'ask', ...ask },
  { is: 'share', ...share },
  { is: 'prove', proof: proofs.asking },
  { is: 'answer', proof: proofs.asked, person: alicePerson },
  { is: 'reveal', nonce: nonces.joining },
  { is: 'agree', counterSignature },
  {
    is: 'welcome',
    person: alicePerson,
    log: [runOf(aliceCreate), runOf(added)],
    card: { name: 'Alice', status: '', color: '#336699' },
  },
  { is: 'kept' },
  {
    is: 'resume',
    joining: alicePhone.id,
    signature: signBytes(alicePhone.key, resumeMessage(alicePerson, { old: alice.id, asking: bob.id })),
  },
  { is: 'refuse', why: 'other-words' },
]

export const joining = {
  person: alicePerson,
  pair,
  code,
  secret,
  nonces,
  commitment,
  session,
  drawn,
  proofs,
  words: wordsToCompare(alicePerson, pair, nonces),
  frames: frames.map((frame) => ({ frame, bytes: encodeDeviceFrame(frame) })),
}

/** What a device says to one that was removed from its person: nothing is wished, and the proof says why. */
export const toRemoved: Hello = {
  ...hello,
  wish: { is: 'nothing' },
  proof: [aliceCreate, added, removed].map((each) => runOf(each)),
}
