/** Links into groups as their owner meets them: looked at, followed, given up. */

import { readGroupLink } from '../../protocol/group-link.ts'
import type { GroupGlance, Joining } from '../../protocol/http-groups.ts'
import { readConversationId } from '../../protocol/ids.ts'
import type { Joins } from '../contacts/joins.ts'
import type { Log } from '../log.ts'
import { displayLine } from './display-text.ts'

export interface JoinDeskDeps {
  readonly joins: Joins
  readonly belongs: (group: ReturnType<typeof readConversationId>) => boolean
  readonly log: Log
}

type Following = ReturnType<Joins['all']>[number]

const joiningOf = ({ target, since, state }: Following): Joining => ({
  conversation: target.conversation,
  name: displayLine(target.name),
  since,
  state,
})

export class JoinDesk {
  readonly #deps: JoinDeskDeps

  constructor(deps: JoinDeskDeps) {
    this.#deps = deps
  }

  /** What a link says of itself. Throws BAD_LINK. */
  look(link: string): GroupGlance {
    const { conversation, name } = readGroupLink(link)
    return { conversation, name: displayLine(name), belongs: this.#deps.belongs(conversation) }
  }

  /** Members are looked for from now on. Throws BAD_LINK, LINK_EXPIRED, CONFLICT, RATE_LIMITED. */
  async join(link: string): Promise<Joining> {
    const { joins, log } = this.#deps
    const following = await joins.follow(link)
    joins.round(new AbortController().signal).catch(() => log('warn', 'links into groups could not be followed'))
    return joiningOf(following)
  }

  joining(): Joining[] {
    return this.#deps.joins.all().map(joiningOf)
  }

  /** Throws NOT_FOUND, BAD_SHAPE. */
  async giveUp(conversation: string): Promise<void> {
    await this.#deps.joins.giveUp(readConversationId(conversation))
  }
}
