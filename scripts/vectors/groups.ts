/** Histories of a group in which people act without knowledge of each other, and what they come to. */

import { signBytes } from '../../protocol/crypto.ts'
import { signConsent } from '../../protocol/group-consent.ts'
import { GroupRoster } from '../../protocol/group-roster.ts'
import * as ids from '../../protocol/ids.ts'
import { loggedOperation } from '../../protocol/logged-operation.ts'
import { inviteMessage } from '../../protocol/operation-proofs.ts'
import type { Operation } from '../../protocol/operation.ts'
import {
  alice,
  aliceCreate,
  bob,
  bobCreate,
  deviceOf,
  fill,
  invite,
  laneZero,
  operationAt,
  personOf,
  wallMs,
  type Entry,
} from './people.ts'

type Bare = Operation extends infer Each ? (Each extends unknown ? Omit<Each, 'heads'> : never) : never

const carol = deviceOf(0xc1)
const dave = deviceOf(0xd1)
const people = {
  alice: { device: alice, create: aliceCreate },
  bob: { device: bob, create: bobCreate },
  carol: { device: carol, create: personOf(carol, 3) },
  dave: { device: dave, create: personOf(dave, 4) },
}
type Name = keyof typeof people
const personIn = (name: Name): ids.PersonId => people[name].create.sealed.id as string as ids.PersonId

/** What somebody did, having seen which of the operations before, by their place. */
type Deed = readonly [by: Name, operation: Bare | ((before: readonly Entry[]) => Bare), seen: readonly number[]]

const cutOffs = [{ device: dave.id, generation: ids.generationOf(fill(1, 8)), last: ids.entryIdOf(fill(0x5a)) }]
const joined: readonly Deed[] = [
  [
    'alice',
    {
      kind: 'createGroup',
      nonce: fill(0x66),
      founder: personIn('alice'),
      policy: [['name', 'Gardeners']],
      minVersion: 1,
    },
    [],
  ],
  ['alice', { kind: 'add', person: personIn('bob'), role: 'owner' }, [0]],
  ['bob', { kind: 'accept' }, [1]],
  ['bob', { kind: 'add', person: personIn('carol'), role: 'admin' }, [2]],
  ['carol', { kind: 'accept' }, [3]],
  ['carol', { kind: 'add', person: personIn('dave'), role: 'member' }, [4]],
  ['dave', { kind: 'accept' }, [5]],
]
const remove = (name: Name): Bare => ({ kind: 'remove', person: personIn(name), cutOffs: [] })
const setRole = (name: Name, role: 'owner' | 'reader'): Bare => ({
  kind: 'setRole',
  person: personIn(name),
  role,
  cutOffs: [],
})

/** Lets Dave in by the invite at a place, as he asked from a device and at a time. */
const admit =
  (place: number, { device, askedAt }: { device: typeof dave; askedAt: number }) =>
  (before: readonly Entry[]): Bare => {
    const [group, made] = [before[0]?.sealed.id, before[place]?.sealed.id]
    if (group === undefined || made === undefined) throw new Error('no invite')
    const wanted = { group: group as string as ids.ConversationId, invite: made, person: personIn('dave') }
    const proof = signBytes(invite.key, inviteMessage(made, wanted.person))
    const consent = signConsent(wanted, device.id, askedAt, device.key)
    return { kind: 'admit', person: wanted.person, invite: made, proof, consent }
  }
const day = 86_400_000

const histories: Readonly<Record<string, readonly Deed[]>> = {
  'a removal voids what its victim did meanwhile': [
    ...joined,
    ['alice', remove('carol'), [6]],
    ['carol', { kind: 'remove', person: personIn('dave'), cutOffs }, [6]],
    ['carol', { kind: 'settings', settings: [['name', 'Mine']], cutOffs: [] }, [8]],
  ],
  'of mutual removals that of the longer-standing owner holds': [
    ...joined,
    ['alice', setRole('carol', 'owner'), [6]],
    ['carol', remove('bob'), [7]],
    ['bob', remove('carol'), [7]],
  ],
  'a demotion holds against a promotion, and ends a feed': [
    ...joined,
    ['alice', { kind: 'setRole', person: personIn('dave'), role: 'reader', cutOffs }, [6]],
    ['bob', setRole('dave', 'owner'), [6]],
  ],
  'an addition from old heads lowers nobody': [
    ...joined,
    ['alice', { kind: 'settings', settings: [['invite', 'member']], cutOffs: [] }, [2]],
    ['carol', { kind: 'add', person: personIn('dave'), role: 'reader' }, [4]],
    ['alice', setRole('dave', 'owner'), [6]],
    ['carol', { kind: 'add', person: personIn('dave'), role: 'reader' }, [4, 7]],
  ],
  'who comes in by a link has asked for it, from a device of theirs, since they last left and within a day': [
    ...joined.slice(0, 5),
    ['alice', { kind: 'invite', inviteKey: invite.publicKey, role: 'member', uses: 0, expiresAt: 0 }, [4]],
    ['carol', admit(5, { device: carol, askedAt: wallMs }), [5]],
    ['carol', admit(5, { device: dave, askedAt: wallMs - day - 1 }), [6]],
    ['carol', admit(5, { device: dave, askedAt: wallMs - day }), [7]],
    ['dave', { kind: 'leave', cutOffs: [] }, [8]],
    ['carol', admit(5, { device: dave, askedAt: wallMs }), [9]],
    ['carol', admit(5, { device: dave, askedAt: wallMs + 1 }), [10]],
  ],
  'a transfer shields its heir': [
    ...joined,
    ['alice', { kind: 'transfer', person: personIn('carol') }, [6]],
    ['bob', remove('carol'), [6]],
  ],
}

/** The entries of a history. Each begins a generation of its own, so that an author need not have seen their last. */
function entriesOf(deeds: readonly Deed[]): Entry[] {
  const entries: Entry[] = []
  for (const [at, [by, deed, seen]] of deeds.entries()) {
    const bare = typeof deed === 'function' ? deed(entries) : deed
    const names = new Set([by, ...(bare.kind === 'admit' ? ['dave' as const] : [])])
    const scope = entries[0]?.sealed.id as string as ids.ConversationId | undefined
    const named = seen.flatMap((place) => entries[place]?.sealed.id ?? [])
    const heads = [
      ...named.map((id) => ({ scope: scope ?? personIn(by), id })),
      ...[...names].map((name) => ({ scope: personIn(name), id: people[name].create.sealed.id })),
    ]
    const { device } = people[by]
    entries.push(operationAt({ key: device.key, feed: laneZero(device.id, scope, at + 1) }, { ...bare, heads }))
  }
  return entries
}

const plain = ({ sealed, payload }: Entry) => ({ bytes: sealed.bytes, payload })

function groupVector([about, deeds]: readonly [string, readonly Deed[]]) {
  const entries = entriesOf(deeds)
  const scope = (entries[0]?.sealed.id ?? '') as string as ids.ConversationId
  const roster = new GroupRoster(scope)
  for (const { create } of Object.values(people)) {
    roster.learn(create.sealed.id as string as ids.PersonId, [loggedOperation(create.sealed, create.payload)])
  }
  roster.take(entries.map(({ sealed, payload }) => loggedOperation(sealed, payload)))
  return {
    about,
    persons: Object.values(people).map(({ create }) => [plain(create)]),
    operations: entries.map((each) => ({ ...plain(each), counts: roster.counts(each.sealed.id) })),
    members: [...roster.members.values()].toSorted((a, b) => (a.person < b.person ? -1 : 1)),
    root: roster.root,
    name: roster.settings.name,
    cutOffs: roster.cutOffs,
  }
}

export const groups = Object.entries(histories).map(groupVector)
