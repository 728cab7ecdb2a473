/** Who writes to whom: posts until the daemon acknowledges them, however often it dies meanwhile. */

import { CommandError } from '../../daemon/cli/command-error.ts'
import type { Message } from '../../protocol/http-conversations.ts'
import type { Member } from './member.ts'
import type { Random } from './random.ts'

/** One person's side of one conversation. */
export interface Side {
  readonly member: Member
  readonly conversation: string
}

export interface Said {
  readonly text: string
  /** The author and the lane that posted it; a lane posts the next once the last was acknowledged. */
  readonly lane: string
}

/** What these say comes from a daemon that is not up, or not up yet. */
const passing = new Set(['NOT_RUNNING', 'CLOSING'])

export interface LoadOptions {
  /** Mean pause of one lane between two posts. */
  readonly pauseMs: number
  readonly lanes: number
}

export class Load {
  /** In the order in which they were acknowledged. */
  readonly said = new Map<string, Said[]>()
  readonly failures: string[] = []
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
      await this.say(side, lane, `${side.member.name} ${lane} ${each}`, '.'.repeat(this.#random.below(200)))
      const pauseMs = 2 * this.#options.pauseMs * this.#random.fraction()
      await new Promise((resolve) => {
        setTimeout(resolve, pauseMs)
      })
    }
  }

  /** Resolves once it is acknowledged. */
  async say({ member, conversation }: Side, lane: string, clientId: string, rest = ''): Promise<void> {
    const text = `${clientId} ${rest}`.trimEnd()
    for (;;) {
      await member.whenUp()
      try {
        const path = `/conversations/${conversation}/messages`
        const { text: stored } = await member.client.ask<Message>('POST', path, { text, clientId })
        if (stored !== text) this.failures.push('another text was stored')
        break
      } catch (error) {
        if (error instanceof CommandError && passing.has(error.code)) {
          await new Promise((resolve) => {
            setTimeout(resolve, 50)
          })
          continue
        }
        this.failures.push(String(error))
        return
      }
    }
    const said = this.said.get(conversation) ?? []
    said.push({ text, lane: `${member.name} ${lane}` })
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
