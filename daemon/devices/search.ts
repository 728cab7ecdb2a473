/** Looks for the person of a recovery key at devices that may know them: what several hold of the log is put together. */

import { publicBytes, signBytes, type SigningKey } from '../../protocol/crypto.ts'
import { sameBytes } from '../../protocol/bytes.ts'
import { findMessage, type Answerer } from '../../protocol/find-frames.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import type { Card } from '../../protocol/register.ts'
import type { PersonState } from '../../protocol/roster.ts'
import type { Run } from '../../protocol/run.ts'
import type { Timers } from '../timers.ts'
import { inTime } from './in-time.ts'
import { LookFailed } from './look-failed.ts'
import type { OpenTalk } from './talk.ts'
import { wholeLog } from './whole-log.ts'

/** What is known of the person whom the words are of. */
export interface FoundPerson {
  readonly state: PersonState
  readonly log: readonly Run[]
  readonly card: Card | undefined
  /** Who answered; undefined if the log was here. */
  readonly from: { readonly device: DeviceId; readonly address: string; readonly by: Known | undefined } | undefined
}

/** Somebody else, whose device it is that answered, as their log shows. */
type Known = Pick<Answerer, 'person' | 'name'>

export interface SearchDeps {
  readonly timers: Timers
  readonly self: { readonly device: DeviceId }
  readonly open: OpenTalk
  readonly preview: (person: PersonId, log: readonly Run[]) => PersonState
  /** One line of what others call themselves, as it may be shown. */
  readonly line: (text: string) => string
}

/** The person whom this home knows itself to be of, and their log as it is here: it may be an old one. */
export interface OwnPerson {
  readonly person: PersonId
  readonly log: readonly Run[]
}

/** As long as somebody types an address and waits for it. */
const answerMs = 30_000

/** Rejects with LookFailed, or with what the way to the one address ended with. */
export async function searchPerson(
  deps: SearchDeps,
  key: SigningKey,
  addresses: readonly string[],
  signal: AbortSignal,
  own?: OwnPerson,
): Promise<FoundPerson> {
  const asked = await Promise.allSettled(addresses.map(async (each) => await ask(deps, key, each, signal)))
  signal.throwIfAborted()
  const all = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  // Who knows whose the words must be is misled by nobody who says otherwise.
  const answers = own === undefined ? all : all.filter((each) => each.person === own.person)
  const [first] = answers
  if (first === undefined) {
    const [only] = asked
    throw addresses.length === 1 && only?.status === 'rejected'
      ? only.reason
      : new LookFailed(all.length > 0 ? 'not-here' : 'nobody')
  }
  const { person } = first
  // Only the words could have begun another: which one is the owner's cannot be told, least of all by who says so.
  if (answers.some((each) => each.person !== person)) throw new LookFailed('several')
  const logs = [...(own === undefined ? [] : [own.log]), ...answers.map((each) => each.log)]
  const { log, state } = wholeLog(deps.preview, person, logs)
  // One that knows a newer key knows more than all who do not, and its log shows it.
  if (!sameBytes(state.recoveryKey, publicBytes(key))) throw new LookFailed('replaced')
  const other = answers.find((each) => state.devices.has(each.device))
  const { device, address, card, by } = other ?? answers.find((each) => each.card !== undefined) ?? first
  return { state, log, card: card === undefined ? undefined : shownCard(deps, card), from: { device, address, by } }
}

/** The log names the key, as it is now or as it was before. */
interface Answer {
  readonly device: DeviceId
  readonly address: string
  readonly person: PersonId
  readonly log: readonly Run[]
  readonly card: Card | undefined
  readonly by: Known | undefined
}

async function ask(deps: SearchDeps, key: SigningKey, address: string, signal: AbortSignal): Promise<Answer> {
  const { timers, self, open, preview } = deps
  return await inTime(timers, answerMs, signal, async (ending) => {
    const talk = await open(address, ending)
    try {
      const { device } = talk
      const signature = signBytes(key, findMessage(device, self.device))
      talk.send({ is: 'find', recoveryKey: publicBytes(key), signature })
      const answer = await talk.next(ending)
      if (answer.is !== 'found' && answer.is !== 'replaced') throw new LookFailed('nobody')
      const { person, log } = answer
      const { recoveryKeys } = preview(person, log)
      // What is said counts for nothing: what the log shows does.
      if (!recoveryKeys.some((each) => sameBytes(each, publicBytes(key)))) throw new LookFailed('nobody')
      if (answer.is === 'replaced') return { device, address, person, log, card: undefined, by: undefined }
      return { device, address, person, log, card: answer.card, by: knownBy(deps, device, answer.by) }
    } finally {
      talk.end()
    }
  })
}

/** Undefined unless the log shows that the device is theirs. Throws IDENTITY_MISMATCH for what is no log of theirs. */
function knownBy({ preview, line }: SearchDeps, device: DeviceId, by: Answerer | undefined): Known | undefined {
  if (by === undefined || !preview(by.person, by.proof).devices.has(device)) return undefined
  return { person: by.person, name: line(by.name) }
}

/** As others are shown, also to oneself: whoever answers wrote it. */
const shownCard = ({ line }: SearchDeps, { name, status, color }: Card): Card => ({
  name: line(name),
  status: line(status),
  color,
})
