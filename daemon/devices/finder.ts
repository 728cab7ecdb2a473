/** Answers those who look for a person with a recovery key, and takes in what they wrote with it. */

import { sameBytes } from '../../protocol/bytes.ts'
import { isSignedBy } from '../../protocol/device-key.ts'
import { findMessage, type Answerer, type FindFrame } from '../../protocol/find-frames.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import type { Card } from '../../protocol/register.ts'
import type { PersonState } from '../../protocol/roster.ts'
import type { Run } from '../../protocol/run.ts'
import type { DeviceTalk } from './talk.ts'

export interface FinderDeps {
  readonly self: { readonly device: DeviceId; readonly person: PersonId }
  /** The own person, as somebody hears of them who comes back as `person`. */
  readonly answerer: (person: PersonId) => Promise<Answerer>
  /** Everybody whose log is here, but who is blocked. */
  readonly known: () => readonly PersonState[]
  readonly logOf: (person: PersonId) => Promise<readonly Run[]>
  readonly cardOf: (person: PersonId) => Card | undefined
  /** What a log says of a person; nothing is stored. Throws IDENTITY_MISMATCH. */
  readonly preview: (person: PersonId, log: readonly Run[]) => PersonState
  readonly learn: (person: PersonId, log: readonly Run[]) => Promise<unknown>
}

export class Finder {
  readonly #deps: FinderDeps

  constructor(deps: FinderDeps) {
    this.#deps = deps
  }

  /** Rejects if the peer is gone, or brings what is no log. */
  async answer(talk: DeviceTalk, frame: FindFrame): Promise<void> {
    if (frame.is === 'find') return await this.#find(talk, frame)
    if (frame.is === 'recovered') return await this.#learn(frame)
    talk.send({ is: 'refuse', why: 'unknown' })
  }

  async #find(talk: DeviceTalk, { recoveryKey, signature }: Extract<FindFrame, { is: 'find' }>): Promise<void> {
    const { self, known, logOf, cardOf, answerer } = this.#deps
    const isTheirs = isSignedBy(recoveryKey, findMessage(self.device, talk.device), signature)
    const persons = isTheirs ? known() : []
    const isSame = (key: Uint8Array): boolean => sameBytes(key, recoveryKey)
    const naming = persons.filter(({ recoveryKeys }) => recoveryKeys.some(isSame))
    // Whoever found words that were replaced may have begun a person with them: nobody is led there.
    const former = naming.find((each) => !isSame(each.recoveryKey))
    if (former !== undefined) {
      talk.send({ is: 'replaced', person: former.person, log: await logOf(former.person) })
      return
    }
    const [found, ...others] = naming
    if (found === undefined || others.length > 0) {
      talk.send({ is: 'refuse', why: 'unknown' })
      return
    }
    const { person } = found
    const by = person === self.person ? undefined : await answerer(person)
    talk.send({ is: 'found', person, log: await logOf(person), card: cardOf(person), by })
  }

  /** Of persons who are known, and only what brings a device: nobody fills the log of another with what does not count. */
  async #learn({ person, log }: Extract<FindFrame, { is: 'recovered' }>): Promise<void> {
    const { known, preview, learn } = this.#deps
    const before = known().find((each) => each.person === person)
    if (before === undefined) return
    const { devices } = preview(person, log)
    if ([...devices.keys()].some((each) => !before.devices.has(each))) await learn(person, log)
  }
}
