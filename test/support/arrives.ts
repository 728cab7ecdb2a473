/** A conversation of which much is on its way, as an owner that is made up tells it. */

import type { Arriving, Conversation } from '../../protocol/http-conversations.ts'
import type { FakeOwner } from './fake-owner.ts'

/** From now on. */
export function arrives(owner: FakeOwner, conversation: string, arriving: Arriving): void {
  const changed = (each: Conversation): Conversation => (each.id === conversation ? { ...each, arriving } : each)
  const [tell, list] = [owner.conversation.bind(owner), owner.conversations.bind(owner)]
  owner.conversation = (id) => changed(tell(id))
  owner.conversations = () => list().map(changed)
}
