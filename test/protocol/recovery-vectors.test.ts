/** The vectors of coming back with the 24 words, both ways. */

import { readFileSync } from 'node:fs'
import t from 'tap'
import { z } from 'zod'
import { publicBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { encodeDeviceFrame, readDeviceFrame } from '../../protocol/device-frames.ts'
import { isSignedBy } from '../../protocol/device-key.ts'
import { findMessage } from '../../protocol/find-frames.ts'
import { readDeviceId, readPersonId } from '../../protocol/ids.ts'
import { loggedOperation } from '../../protocol/logged-operation.ts'
import { reducePerson } from '../../protocol/roster.ts'
import { phraseOf, seedOfPhrase } from '../../protocol/words.ts'

const file = new URL('../../docs/protocol-vectors.json', import.meta.url)
const hex = z
  .string()
  .regex(/^0x([0-9a-f]{2})*$/)
  .transform((text) => Uint8Array.from(Buffer.from(text.slice(2), 'hex')))
const Vectors = z.object({
  recovery: z.object({
    seed: hex,
    words: z.array(z.string()),
    person: z.string(),
    asked: z.string(),
    asking: z.string(),
    message: hex,
    frames: z.array(z.object({ frame: z.unknown(), bytes: hex })),
    devices: z.array(z.string()),
    removed: z.array(z.string()),
    recoveryKey: hex,
  }),
})
const vectors = Vectors.parse(JSON.parse(readFileSync(file, 'utf8'))).recovery

/** What a value looks like in the file. */
const written = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, each: unknown) =>
      each instanceof Uint8Array ? `0x${Buffer.from(each).toString('hex')}` : each,
    ),
  )

t.test('the words, the frames, and what the recovery key wrote', async (t) => {
  const { seed, words, person, asked, asking, message, frames } = vectors
  t.strictSame(phraseOf(seed), words)
  t.strictSame(seedOfPhrase(words.join(' ')), seed)
  t.strictSame(findMessage(readDeviceId(asked), readDeviceId(asking)), message)
  for (const { frame, bytes } of frames) {
    t.strictSame(written(readDeviceFrame(bytes)), frame)
    t.strictSame(encodeDeviceFrame(readDeviceFrame(bytes)), bytes)
  }
  const [find, , , , recovered] = frames.map(({ bytes }) => readDeviceFrame(bytes))
  if (find?.is !== 'find' || recovered?.is !== 'recovered') throw new Error('what was asked, and what was written')
  t.ok(isSignedBy(publicBytes(signingKeyFromSeed(seed)), message, find.signature))
  const operations = recovered.log.flatMap(({ entries }) =>
    entries.flatMap(({ sealed, slot }) => (slot.is === 'held' ? [loggedOperation(sealed, slot.payload)] : [])),
  )
  const { devices, removed, recoveryKey } = reducePerson(readPersonId(person), operations)
  t.strictSame([...devices.keys()], vectors.devices)
  t.strictSame([...removed], vectors.removed)
  t.strictSame(recoveryKey, vectors.recoveryKey)
})
