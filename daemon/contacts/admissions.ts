/** People who hold a link into a group and ask to be let in: judged as they say hello, let in by any member. */

import { WarrenError } from '../../protocol/errors.ts'
import type { Answered, Join } from '../../protocol/hello-groups.ts'
import type { Hello } from '../../protocol/hello.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import type { HelloFrom, PersonLogs } from './contacts.ts'
import type { GroupLogs } from './group-logs.ts'

export interface AdmissionsDeps {
  readonly logs: Pick<PersonLogs, 'previewPerson' | 'learnPerson' | 'scopesChanged'>
  readonly groups: GroupLogs
  readonly self: { readonly person: PersonId }
  readonly isBlocked: (person: PersonId) => boolean
  readonly greet: (device: DeviceId) => Promise<void>
  readonly background: (work: Promise<unknown>) => void
  readonly now: () => number
}

/** Who asks again within this hears an answer, and no hello of our own: each would be another question. */
const greetEveryMs = 10_000

export class Admissions {
  readonly #deps: AdmissionsDeps
  /** What is said to a device that asked, in the next hello to it; the oldest first. */
  readonly #answers = new Map<DeviceId, readonly Answered[]>()
  /** Who is being let in, so that a repeated question writes nothing twice. */
  readonly #underWay = new Set<string>()
  /** When devices that were let in were last greeted; the oldest first. */
  readonly #greeted = new Map<DeviceId, number>()

  constructor(deps: AdmissionsDeps) {
    this.#deps = deps
  }

  answers(device: DeviceId): readonly Answered[] {
    return this.#answers.get(device) ?? []
  }

  heard({ device }: Pick<HelloFrom, 'device'>, hello: Hello): void {
    const { groups, self, isBlocked, background } = this.#deps
    this.#answers.delete(device)
    const { person, joins = [] } = hello
    if (joins.length === 0 || person === self.person || isBlocked(person)) return
    const answers = joins.flatMap((join): Answered[] => {
      const verdict = groups.judgeJoin(join, { device, person })
      if (verdict === 'unknown') return []
      const isComing = verdict === 'welcome' || verdict === 'joined'
      if (isComing && this.#isTime(device)) background(this.#admit(device, join, hello))
      return [{ group: join.group, answer: isComing ? 'coming' : verdict }]
    })
    if (answers.length === 0) return
    this.#answers.set(device, answers)
    const [oldest] = this.#answers.keys()
    if (this.#answers.size > limits.strangerLinks && oldest !== undefined) this.#answers.delete(oldest)
  }

  async #admit(device: DeviceId, join: Join, { person, proof }: Hello): Promise<void> {
    const { logs, groups, greet } = this.#deps
    const name = `${join.group}/${person}`
    if (this.#underWay.has(name)) return
    this.#underWay.add(name)
    try {
      // Whoever repeats somebody else's proof does not have a device that the log of that person names.
      if (!logs.previewPerson(person, proof).devices.has(device))
        throw new WarrenError('IDENTITY_MISMATCH', 'a device claims a person that does not know it')
      await logs.learnPerson(person, proof)
      const asker = { device, person }
      if (groups.judgeJoin(join, asker) === 'welcome') await groups.admit(join, asker)
      logs.scopesChanged()
    } finally {
      this.#underWay.delete(name)
    }
    await greet(device)
  }

  #isTime(device: DeviceId): boolean {
    const now = this.#deps.now()
    if (now - (this.#greeted.get(device) ?? -Infinity) < greetEveryMs) return false
    this.#greeted.delete(device)
    this.#greeted.set(device, now)
    const [oldest] = this.#greeted.keys()
    if (this.#greeted.size > limits.strangerLinks && oldest !== undefined) this.#greeted.delete(oldest)
    return true
  }
}
