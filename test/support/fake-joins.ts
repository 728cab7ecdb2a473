/** Joining by link, of an owner in memory: `warren:group-<name>` leads to a group, `warren:old-<name>` has expired. */

import type { Joins } from '../../daemon/api/group-owner.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { GroupGlance, Joining } from '../../protocol/http-groups.ts'
import { conversationIdOf, readConversationId } from '../../protocol/ids.ts'
import { bytesOf, find } from './fake-ids.ts'

export class FakeJoins implements Joins {
  readonly #joining = new Map<string, Joining>()

  look(link: string): GroupGlance {
    const [, , name] = /^warren:(group|old)-(\w+)$/.exec(link) ?? []
    if (name === undefined) throw new WarrenError('BAD_LINK', 'the link is damaged')
    return { conversation: conversationIdOf(bytesOf(`group ${name}`)), name, belongs: false }
  }

  async join(link: string): Promise<Joining> {
    const { conversation, name } = this.look(link)
    if (link.startsWith('warren:old-')) throw new WarrenError('LINK_EXPIRED', 'the link has expired')
    return this.becomes({ conversation, name, since: 1_760_000_000_000, state: 'asking' })
  }

  /** What has become of a link. */
  becomes(joining: Joining): Joining {
    this.#joining.set(joining.conversation, joining)
    return joining
  }

  joining(): Joining[] {
    return [...this.#joining.values()]
  }

  async giveUp(conversation: string): Promise<void> {
    find(this.#joining, readConversationId(conversation), 'link')
    this.#joining.delete(conversation)
  }
}
