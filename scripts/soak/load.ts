/** Who writes to whom: posts until the daemon acknowledges them, however often it dies meanwhile. */

import type { Message } from '../../protocol/http-conversations.ts'
import type { Enclosed, SoakFiles } from './files.ts'
import type { Member } from './member.ts'
import { pass } from './pass.ts'
import { isRefusal, persist } from './passing.ts'
import type { Random } from './random.ts'

/** One device's side of one conversation. */
export interface Side {
  readonly member: Member
  readonly conversation: string
  /** Its person is removed at times: then a post may be refused, and one that was taken may be outside. */
  readonly comesAndGoes?: true
}

export interface Said {
  readonly text: string
  /** The author and the lane that posted it; a lane posts the next once the last was acknowledged. */
  readonly lane: string
  readonly comesAndGoes?: true
}

export interface LoadOptions {
  /** Mean pause of one lane between two posts. */
  readonly pauseMs: number
  readonly lanes: number
  readonly files: SoakFiles
}

/** One message of so many brings a file, and the first of each lane: a short soak has some, too. */
const messagesPerFile = 30

export class Load {
  /** In the order in which they were acknowledged. */
  readonly said = new Map<string, Said[]>()
  /** Refused after an attempt of which nobody knows what came of it: they may be there. */
  readonly unsure = new Set<string>()
  readonly failures: string[] = []
  /** Posts that were refused because their author did not belong at that moment. */
  refused = 0
  readonly #random: Random
  readonly #options: LoadOptions
  readonly #running: Promise<void>[] = []
  #isOver = false

  constructor(random: Random, options: LoadOptions) {
    this.#random = random
    this.#options = options
  }

  /** Begins to post to the conversations of one member. */
  add(sides: readonly Side[]): void {
    for (let lane = 0; lane < this.#options.lanes; lane += 1) this.#running.push(this.#post(sides, `${lane}`))
  }

  async #post(sides: readonly Side[], lane: string): Promise<void> {
    for (let each = 0; !this.#isOver; each += 1) {
      const side = this.#random.pick(sides)
      const { files } = this.#options
      const isWithFile = each === 0 || this.#random.below(messagesPerFile) === 0
      const enclosed = isWithFile ? files.enclose(side) : undefined
      await this.say(side, lane, `${side.member.name} ${lane} ${each}`, '.'.repeat(this.#random.below(200)), enclosed)
      await pass(2 * this.#options.pauseMs * this.#random.fraction())
    }
  }

  /** Resolves once it is acknowledged, or refused. */
  async say(side: Side, lane: string, clientId: string, rest = '', enclosed?: Enclosed): Promise<void> {
    const { member, conversation, comesAndGoes } = side
    const text = `${clientId} ${rest}`.trimEnd()
    const path = `/conversations/${conversation}/messages`
    let attempts = 1
    try {
      const again = (): void => {
        attempts += 1
      }
      const post = async (): Promise<Message> => await member.client.ask<Message>('POST', path, { text, clientId })
      const { text: stored } =
        enclosed === undefined
          ? await persist(member, post, again)
          : await this.#options.files.post(side, { text, clientId }, enclosed, again)
      if (stored !== text) this.failures.push('another text was stored')
    } catch (error) {
      if (comesAndGoes !== true || !isRefusal(error)) this.failures.push(String(error))
      else this.refused += 1
      if (attempts > 1) this.unsure.add(text)
      return
    }
    const said = this.said.get(conversation) ?? []
    said.push({ text, lane: `${member.name} ${lane}`, ...(comesAndGoes === true ? { comesAndGoes } : {}) })
    this.said.set(conversation, said)
  }

  /** Resolves once all that was begun is acknowledged. */
  async end(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#running)
  }

  get count(): number {
    return [...this.said.values()].reduce((sum, each) => sum + each.length, 0)
  }
}
