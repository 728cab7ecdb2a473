/** What the contacts room needs to know of groups: who belongs to them, and who may come in. */

import type { GroupRoster } from '../../protocol/group-roster.ts'
import { isFresh, type Consent } from '../../protocol/group-consent.ts'
import { consentIn, provesJoin, type Asker, type Join, type JoinVerdict } from '../../protocol/hello-groups.ts'
import type { ConversationId, DeviceId, EntryId, PersonId, Scope } from '../../protocol/ids.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { Core } from './core.ts'
import type { ScopeState } from './scope-state.ts'
import type { Sharing } from './sharing.ts'

/** Who is let in, and by what right. */
export interface Admission {
  readonly person: PersonId
  readonly invite: EntryId
  readonly proof: Uint8Array
  readonly consent: Consent
}

export class GroupAccess {
  readonly #core: Core
  readonly #sharing: Sharing
  /** Writes the admission; set by whoever writes what the owner does in groups. */
  writeAdmission: (group: Scope, admission: Admission) => Promise<void> = () =>
    Promise.reject(new WarrenError('NOT_ALLOWED', 'nobody is let in here'))

  /** Set with it. */
  writeAppearance: (group: Scope) => Promise<void> = () => Promise.resolve()

  constructor(core: Core, sharing: Sharing) {
    this.#core = core
    this.#sharing = sharing
  }

  isCoMember(person: PersonId): boolean {
    return this.#sharing.isCoMember(person)
  }

  names(person: PersonId): boolean {
    return this.#sharing.names(person)
  }

  neighbours(): Map<ConversationId, DeviceId[]> {
    const { self, people } = this.#core
    const found = new Map<ConversationId, DeviceId[]>()
    for (const state of this.#sharing.naming(self.person)) {
      const { members, devices } = people.rosterOf(state)
      if (members.get(self.person)?.state !== 'joined') continue
      const others = [...devices].filter((device) => {
        const person = people.personOf(device)
        return person !== undefined && person !== self.person && !this.#sharing.standings.isBlocked(person)
      })
      found.set(state.record.scope as ConversationId, others)
    }
    return found
  }

  belongs(group: ConversationId): boolean {
    const state = this.#core.scopes.get(group)
    if (state?.record.kind !== 'group') return false
    return this.#core.people.rosterOf(state).members.has(this.#core.self.person)
  }

  judgeJoin(join: Join, asker: Asker): JoinVerdict {
    const { person } = asker
    const { scopes, people, self, now } = this.#core
    const state = scopes.get(join.group)
    if (state?.record.kind !== 'group') return 'unknown'
    const { roster } = people.groupOf(state)
    if (roster.members.get(self.person)?.state !== 'joined') return 'unknown'
    const key = inviteKey(state, roster, join.invite)
    if (key === undefined || !provesJoin(join, asker, key) || !isFresh(join, now())) return 'unknown'
    if (roster.members.get(person)?.state === 'joined') return 'joined'
    // What was wished before they went is a wish no more.
    if (wentAt(state, roster, person) >= join.askedAt) return 'unknown'
    return wasRemoved(state, roster, person) ? 'removed' : standingOf(roster, join.invite, now())
  }

  async admit(join: Join, asker: Asker): Promise<void> {
    const { group, invite, proof } = join
    await this.writeAdmission(group, { person: asker.person, invite, proof, consent: consentIn(join, asker) })
  }

  lastLeft(group: ConversationId): number {
    const { scopes, people, self } = this.#core
    const state = scopes.get(group)
    if (state?.record.kind !== 'group') return 0
    return wentAt(state, people.groupOf(state).roster, self.person)
  }

  async appear(group: ConversationId): Promise<void> {
    await this.writeAppearance(group)
  }
}

/** The key of an invite that counts, whether or not it still lets somebody in. */
function inviteKey(state: ScopeState, roster: GroupRoster, id: EntryId): Uint8Array | undefined {
  const operation = state.durableOperations.find((each) => each.id === id)?.operation
  return operation?.kind === 'invite' && roster.counts(id) ? operation.inviteKey : undefined
}

/** Who was removed comes back only by being added. */
const wasRemoved = ({ durableOperations }: ScopeState, roster: GroupRoster, person: PersonId): boolean =>
  durableOperations.some(
    ({ id, operation }) => operation?.kind === 'remove' && operation.person === person && roster.counts(id),
  )

/** When a person last left or declined, in epoch milliseconds by their clock; 0 for never. */
const wentAt = ({ durableOperations }: ScopeState, roster: GroupRoster, person: PersonId): number =>
  durableOperations
    .filter(({ operation }) => operation?.kind === 'leave' || operation?.kind === 'decline')
    .filter(({ id }) => roster.authorOf(id) === person)
    .reduce((latest, { header }) => Math.max(latest, header.hlc.wallMs), 0)

/** Whether an invite still lets somebody in. */
function standingOf(roster: GroupRoster, id: EntryId, nowMs: number): 'welcome' | 'notValid' | 'expired' {
  const invite = roster.closed ? undefined : roster.invites.find((each) => each.id === id)
  if (invite === undefined) return 'notValid'
  return invite.expiresAt > 0 && invite.expiresAt <= nowMs ? 'expired' : 'welcome'
}
