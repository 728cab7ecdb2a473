/** Takes people out of a group and back in, from the devices of those who may. */

import type { GroupMember, OwnStanding } from '../../protocol/http-groups.ts'
import type { Conversation } from '../../protocol/http-conversations.ts'
import { CommandError } from '../../daemon/cli/command-error.ts'
import type { Member } from './member.ts'
import { pass } from './pass.ts'
import { persist } from './passing.ts'

const lookMs = 100
/** Longer than any trouble lasts that keeps two from hearing of each other, and the way back to a peer takes. */
const mostWaitMs = 240_000

export interface MembershipOptions {
  readonly group: string
  /** Who removes and adds whom, always the same: two who did it at once would not know what came of it. */
  readonly keeperOf: (whom: Member) => Member
  readonly personOf: (whom: Member) => string
}

export class Membership {
  /** How often somebody was removed and came back. */
  count = 0
  readonly #options: MembershipOptions

  constructor(options: MembershipOptions) {
    this.#options = options
  }

  /** Resolves once the person belongs again, as both see it. Rejects if that does not come to pass. */
  async without(whom: Member, holdMs: number): Promise<void> {
    const { group, keeperOf, personOf } = this.#options
    const keeper = keeperOf(whom)
    const id = personOf(whom)
    const members = `/conversations/${group}/members`
    await persist(keeper, async () => {
      try {
        await keeper.client.ask('DELETE', `${members}/${id}`)
      } catch (error) {
        // It died after the first attempt was stored.
        if (!(error instanceof CommandError) || error.code !== 'NOT_FOUND') throw error
      }
    })
    await pass(holdMs)
    await persist(keeper, async () => {
      if ((await this.#seenBy(keeper, id)) === undefined) await keeper.client.ask('POST', members, { id })
    })
    await this.#until(whom, `${whom.name} to be asked back`, async () => {
      const standing = await this.#standing(whom)
      if (standing === 'invited') await whom.client.ask('POST', `/conversations/${group}/answer`, { answer: 'accept' })
      return standing === 'joined' && (await this.#seenBy(keeper, id)) === 'joined'
    })
    this.count += 1
  }

  async #standing({ client }: Member): Promise<OwnStanding | undefined> {
    const { group } = await client.ask<Conversation>('GET', `/conversations/${this.#options.group}`)
    return group?.standing
  }

  async #seenBy({ client }: Member, person: string): Promise<GroupMember['state'] | undefined> {
    const members = await client.list<GroupMember>(`/conversations/${this.#options.group}/members`)
    return members.find(({ id }) => id === person)?.state
  }

  async #until(member: Member, what: string, look: () => Promise<boolean>): Promise<void> {
    const end = performance.now() + mostWaitMs
    while (!(await persist(member, look))) {
      if (performance.now() > end) throw new Error(`it did not come to pass: ${what}`)
      await pass(lookMs)
    }
  }
}
