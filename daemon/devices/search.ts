/** Looks for the person of a recovery key at devices that may know them: what several hold of the log is put together. */

import { publicBytes, signBytes, type SigningKey } from '../../protocol/crypto.ts'
import { sameBytes } from '../../protocol/bytes.ts'
import { findMessage, type FindFrame } from '../../protocol/find-frames.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import type { Card } from '../../protocol/register.ts'
import type { PersonState } from '../../protocol/roster.ts'
import type { Run } from '../../protocol/run.ts'
import type { Timers } from '../timers.ts'
import { inTime } from './in-time.ts'
import { LookFailed } from './look-failed.ts'
import type { OpenTalk } from './talk.ts'

/** What is known of the person whom the words are of. */
export interface FoundPerson {
  readonly state: PersonState
  readonly log: readonly Run[]
  readonly card: Card | undefined
  /** Who answered; undefined if the log was here. */
  readonly from: { readonly device: DeviceId; readonly person: PersonId; readonly address: string } | undefined
}

export interface SearchDeps {
  readonly timers: Timers
  readonly self: { readonly device: DeviceId }
  readonly open: OpenTalk
  readonly preview: (person: PersonId, log: readonly Run[]) => PersonState
}

/** As long as somebody types an address and waits for it. */
const answerMs = 30_000

/** Rejects with LookFailed, or with what the way to the one address ended with. */
export async function searchPerson(
  deps: SearchDeps,
  key: SigningKey,
  addresses: readonly string[],
  signal: AbortSignal,
): Promise<FoundPerson> {
  const asked = await Promise.allSettled(addresses.map(async (each) => await ask(deps, key, each, signal)))
  signal.throwIfAborted()
  const answers = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const found = answers.filter((each) => each !== 'replaced')
  // One that knows a newer key knows more than all who do not.
  if (found.length < answers.length) throw new LookFailed('replaced')
  const [first] = found.toSorted((a, b) => Number(b.isOwn) - Number(a.isOwn))
  if (first === undefined) {
    const [only] = asked
    throw addresses.length === 1 && only?.status === 'rejected' ? only.reason : new LookFailed('nobody')
  }
  const person = first.answer.person
  const logs = found.flatMap(({ answer }) => (answer.person === person ? [answer.log] : []))
  const log = together(logs)
  const state = deps.preview(person, log)
  if (!sameBytes(state.recoveryKey, publicBytes(key))) throw new LookFailed('replaced')
  const { device, address } = first
  return { state, log, card: first.answer.card, from: { device, person: first.answer.by, address } }
}

interface Answer {
  readonly device: DeviceId
  readonly address: string
  readonly isOwn: boolean
  readonly answer: Extract<FindFrame, { is: 'found' }>
}

async function ask(
  { timers, self, open, preview }: SearchDeps,
  key: SigningKey,
  address: string,
  signal: AbortSignal,
): Promise<Answer | 'replaced'> {
  return await inTime(timers, answerMs, signal, async (ending) => {
    const talk = await open(address, ending)
    try {
      const { device } = talk
      const signature = signBytes(key, findMessage(device, self.device))
      talk.send({ is: 'find', recoveryKey: publicBytes(key), signature })
      const answer = await talk.next(ending)
      if (answer.is === 'replaced') return 'replaced'
      if (answer.is !== 'found') throw new LookFailed('nobody')
      const { devices, recoveryKey } = preview(answer.person, answer.log)
      if (!sameBytes(recoveryKey, publicBytes(key))) throw new LookFailed('nobody')
      return { device, address, isOwn: devices.has(device), answer }
    } finally {
      talk.end()
    }
  })
}

/** Causes first within each: the beginning comes first of all. */
function together(logs: readonly (readonly Run[])[]): Run[] {
  const byId = new Map(logs.flat().map((run) => [run.entries[0]?.sealed.id, run]))
  return [...byId.values()]
}
