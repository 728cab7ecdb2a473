/** Recorded frames, changed, and signed ones of no sense, into a live session: it ends or goes on, and everybody else is served. */

import t from 'tap'
import { errorCode } from '../../protocol/errors.ts'
import { encodeFrame, readFrame } from '../../protocol/frames.ts'
import { encode } from '../../protocol/codec.ts'
import { sha256 } from '../../protocol/crypto.ts'
import { entryVersion, kinds, lanes, sealHeader, signEntry } from '../../protocol/entry.ts'
import { generationOf, type EpochId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { registerKeys, signRegister } from '../../protocol/register.ts'
import type { Run } from '../../protocol/run.ts'
import { linkPair, type MemoryLink } from '../support/link-pair.ts'
import { seededRandom } from '../support/virtual-time.ts'
import { Mutator } from './mutate.ts'
import { record, type Recording } from './recording.ts'

/** Frames fed to the session; `make fuzz` feeds many more. */
const cases = Math.ceil(Number(process.env['WARREN_FUZZ_CASES'] ?? 60_000) / 30)
const seed = Number(process.env['WARREN_FUZZ_SEED'] ?? 1)
t.setTimeout(3_600_000)

const nonsense = (noise: Uint8Array): Uint8Array => encode([[], noise, 1, [], 2])

/** Frames of mallory's own making, signed as they must be, about what makes no sense. */
function signed({ mallory, other, group, operations }: Recording, mutator: Mutator): Uint8Array {
  const { signingKey, device, person } = mallory.rooms.identity
  const scope = mutator.pick([other, person, group, group])
  const noise = mutator.bytes(mutator.pick([0, 1, 16, 48, 112, 304]))
  const wallMs = mutator.pick([0, 1_800_000_000_000, 2 ** 48 - 1])
  if (mutator.below(2) === 0) {
    const key = mutator.pick([...Object.values(registerKeys), 'own/x', 'new', ''])
    const whole = mutator.below(2) === 0 ? noise : mutator.inside(encode([[['x', 1, noise]], 'name', 7, []]))
    const value = whole.subarray(0, limits.registerValueBytes + 1)
    const hlc = { wallMs, count: mutator.below(65_536) }
    return encodeFrame({ is: 'registers', registers: [signRegister(signingKey, { scope, device, key, hlc, value })] })
  }
  const lane = mutator.pick([lanes.messages, lanes.messages, lanes.roster])
  // Half of the operations are such as were said, and changed: those get further.
  const model =
    mutator.below(2) === 0 ? mutator.pick(operations) : { kind: 1 + mutator.below(30), payload: nonsense(noise) }
  const payload = lane === lanes.roster ? mutator.inside(model.payload).subarray(0, limits.operationBytes) : noise
  const epoch = mallory.rooms.conversations.peers.missingKeys(other)[0] ?? (undefined as EpochId | undefined)
  const kind = lane === lanes.roster ? model.kind : 2 + mutator.below(4)
  const sealed = sealHeader({
    version: mutator.pick([entryVersion, entryVersion, 2]),
    lane,
    scope,
    device,
    generation: generationOf(mutator.bytes(8)),
    seq: 1,
    prev: undefined,
    hlc: { wallMs, count: mutator.below(65_536) },
    kind,
    epoch,
    lifetime: 0,
    payloadHash: sha256(payload),
    payloadLength: payload.length,
    extension: [],
  })
  const run: Run = {
    signature: signEntry(signingKey, sealed.id),
    entries: [{ sealed, slot: { is: 'held', payload, seconds: 0 } }],
  }
  return encodeFrame({ is: 'entries', scope, runs: [run], done: mutator.below(2) === 0 })
}

t.test('a live session takes whatever comes', async (t) => {
  const on = await record(t, seed)
  const { time, place, alice, bob, mallory, chat, operations, settle } = on
  const kindsSaid = [...new Set(operations.map(({ kind }) => kind))]
  t.ok(kindsSaid.filter((kind) => kind >= kinds.createGroup).length > 8, `operations of kinds ${kindsSaid.join()}`)
  place.part(alice, mallory)
  const random = seededRandom(seed)
  const mutator = new Mutator(random, on.frames)
  let link: MemoryLink | undefined
  let [links, ended, unreadable] = [0, 0, 0]
  const read = async (from: MemoryLink): Promise<void> => {
    for await (const _ of from.frames) if (link !== from) return
  }
  for (let done = 0; done < cases; done += 1) {
    if (link === undefined || link.closed.aborted) {
      if (link !== undefined) ended += 1
      const [here, there] = linkPair({ timers: time, devices: [mallory.id, alice.id] })
      link = here
      links += 1
      void read(here)
      alice.rooms.sync.addLink(there)
      // What an honest session begins with, so that scopes are open.
      for (const frame of on.frames.slice(0, 40)) here.sendBytes(frame)
    }
    const bytes = mutator.below(3) === 0 ? signed(on, mutator) : mutator.next()
    try {
      readFrame(bytes)
    } catch {
      unreadable += 1
      // Most of these only end the link: enough of them, so that others are taken.
      if (mutator.below(10) > 0) continue
    }
    link.sendBytes(bytes)
    if (done % 16 === 0) await time.pass(30)
  }
  await settle(5000)
  t.comment(`${cases} frames, seed ${seed}: ${links} links, ${ended} ended early, ${unreadable} frames were no frames`)
  t.ok(links > 1 && ended > 0, 'some end the link')
  await alice.say(chat, 'still here')
  await bob.say(chat, 'so am I')
  await settle()
  t.strictSame(await bob.texts(chat), await alice.texts(chat), 'bob is served')
  const inner = alice.complaints.filter((each) => each !== 'a session ends')
  t.strictSame([...new Set(inner)], [])
  t.strictSame(internal, [], 'nothing but codes')
})

const internal: string[] = []
process.on('unhandledRejection', (error) => internal.push(errorCode(error)))
