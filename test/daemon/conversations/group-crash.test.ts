/** kill -9 between any two writes of what is done in a group, there or where it is heard: afterwards it is wholly done, or not at all. */

import t, { type Test } from 'tap'
import { WarrenError } from '../../../protocol/errors.ts'
import type { ConversationId, PersonId } from '../../../protocol/ids.ts'
import { neighbourhood, type Device, type World } from '../../support/device.ts'

const personOf = ({ rooms }: Device): PersonId => rooms.identity.person

interface Stage extends World {
  readonly alice: Device
  readonly bob: Device
  readonly carol: Device
  /** Alice's, if there is one yet. */
  group: ConversationId | undefined
}

/** Alice, with Bob and Carol as contacts; `strangers`: these do not know each other. */
async function stage(t: Test, strangers = false): Promise<Stage> {
  const world = neighbourhood(t)
  const { start, settle } = world
  const [alice, bob, carol] = [await start('alice'), await start('bob'), await start('carol')]
  for (const other of [bob, carol]) await alice.befriend(other, settle)
  if (!strangers) await bob.befriend(carol, settle)
  return { ...world, alice, bob, carol, group: undefined }
}

async function grouped(
  t: Test,
  members: readonly ('bob' | 'carol')[],
  strangers = false,
): Promise<Stage & { group: ConversationId }> {
  const on = await stage(t, strangers)
  const asked = members.map((name) => on[name])
  const group = await on.alice.rooms.conversations.groups.create([['name', 'Garden']], asked.map(personOf))
  await on.settle()
  for (const each of asked) await each.rooms.conversations.groups.accept(group)
  await on.settle(3000)
  return { ...on, group }
}

/** Kills a device when it has written so often; true once it did. */
function killAfter(device: Device, writes: number): () => boolean {
  const { disk } = device
  const apply = disk.apply.bind(disk)
  let made = 0
  let isKilled = false
  disk.apply = (rows) => {
    if (made === writes && !isKilled) {
      isKilled = true
      disk.apply = apply
      device.crash()
    }
    made += 1
    if (!isKilled) apply(rows)
  }
  return () => {
    disk.apply = apply
    return isKilled
  }
}

interface Deed {
  readonly name: string
  readonly arrange: (t: Test) => Promise<Stage>
  /** Who is killed. */
  readonly who: (on: Stage) => Device
  readonly act: (on: Stage) => Promise<unknown>
  /** What holds right after the start, when nobody else was met. */
  readonly alone?: (t: Test, on: Stage) => void
  /** Somebody else does it, and who is killed hears of it. */
  readonly isHeard?: true
  /** Who is asked, and has not answered, in the end. */
  readonly asked?: (on: Stage) => Device
  /** Members of the group in the end. */
  readonly done: (on: Stage) => readonly Device[]
}

const actions = ({ rooms }: Device) => rooms.conversations.groups

const groupIn = (on: Stage): ConversationId => {
  if (on.group === undefined) throw new Error('no group')
  return on.group
}

/** The groups that a device keeps anything of. */
const groupsAt = ({ rooms }: Device): ConversationId[] =>
  rooms.conversations.owner.all().flatMap(({ kind, scope }) => (kind === 'group' ? [scope as ConversationId] : []))

const joinedAt = ({ rooms }: Device, group: ConversationId): PersonId[] =>
  rooms.conversations.ownGroups
    .members(group)
    .flatMap(({ person, state }) => (state === 'joined' ? [person] : []))
    .toSorted()

/** Whoever is out has no place in the newest key, and that key is here. */
function hasKeyForThoseLeft(t: Test, { alice, bob, group }: Stage): void {
  if (group === undefined || joinedAt(alice, group).includes(personOf(bob))) return
  const { peers } = alice.rooms.conversations
  const epochs = alice.rooms.conversations.ownGroups.epochs(group)
  t.strictSame(peers.keysFor(group, epochs.slice(-1), bob.id), [], 'nobody who is out is given a key')
  t.strictSame(peers.missingKeys(group), [])
  t.ok(epochs.length >= 3, 'the key without them came with the removal')
}

const deeds: readonly Deed[] = [
  {
    name: 'a group is made',
    asked: ({ bob }) => bob,
    arrange: async (t) => await stage(t),
    who: ({ alice }) => alice,
    act: async (on) => {
      on.group = await actions(on.alice).create([['name', 'Garden']], [personOf(on.bob)])
    },
    done: ({ alice }) => [alice],
  },
  {
    name: 'an invitation comes, into a group with somebody unknown',
    isHeard: true,
    asked: ({ bob }) => bob,
    arrange: async (t) => await grouped(t, ['carol'], true),
    who: ({ bob }) => bob,
    act: async (on) => await actions(on.alice).add(groupIn(on), personOf(on.bob), 'member'),
    done: ({ alice, carol }) => [alice, carol],
  },
  {
    name: 'somebody is added',
    asked: ({ bob }) => bob,
    arrange: async (t) => await grouped(t, ['carol']),
    who: ({ alice }) => alice,
    act: async (on) => await actions(on.alice).add(groupIn(on), personOf(on.bob), 'member'),
    done: ({ alice, carol }) => [alice, carol],
  },
  {
    name: 'an invitation is accepted',
    arrange: async (t) => {
      const on = await grouped(t, ['carol'])
      await actions(on.alice).add(on.group, personOf(on.bob), 'member')
      await on.settle(3000)
      return on
    },
    who: ({ bob }) => bob,
    act: async (on) => await actions(on.bob).accept(groupIn(on)),
    done: ({ alice, bob, carol }) => [alice, bob, carol],
  },
  {
    name: 'somebody is removed',
    arrange: async (t) => await grouped(t, ['bob', 'carol']),
    who: ({ alice }) => alice,
    act: async (on) => await actions(on.alice).remove(groupIn(on), personOf(on.bob)),
    alone: hasKeyForThoseLeft,
    done: ({ alice, carol }) => [alice, carol],
  },
  {
    name: 'a removal is heard',
    isHeard: true,
    arrange: async (t) => await grouped(t, ['bob', 'carol']),
    who: ({ carol }) => carol,
    act: async (on) => await actions(on.alice).remove(groupIn(on), personOf(on.bob)),
    done: ({ alice, carol }) => [alice, carol],
  },
  {
    name: 'somebody leaves',
    arrange: async (t) => await grouped(t, ['bob', 'carol']),
    who: ({ bob }) => bob,
    act: async (on) => await actions(on.bob).leave(groupIn(on)),
    done: ({ alice, carol }) => [alice, carol],
  },
]

const isRefusal = (error: unknown): boolean => error instanceof WarrenError

/** What was not done is done once more; it is refused where it was. */
async function again(on: Stage, act: Deed['act']): Promise<void> {
  const [made] = groupsAt(on.alice)
  if (on.group === undefined && made !== undefined) return
  const acting = act(on).catch((error: unknown) => {
    if (!isRefusal(error)) throw error
  })
  await on.settle(3000)
  await acting
}

/** After the start: everybody meets, what was not done is done once more, and all is as if nothing had been. */
async function checkAll(t: Test, on: Stage, { act, done, alone, asked, isHeard }: Deed, killed: Device): Promise<void> {
  const { place, settle, alice, bob, carol } = on
  await killed.start()
  alone?.(t, on)
  const meet = async (): Promise<void> => {
    for (let round = 0; round < 3; round += 1) {
      place.greetAll()
      await settle(3000)
    }
  }
  await meet()
  if (isHeard !== true) await again(on, act)
  const [group] = groupsAt(alice)
  if (group === undefined) throw new Error('there is a group now')
  await meet()
  const members = done(on)
  if (asked !== undefined)
    t.equal(asked(on).rooms.conversations.ownGroups.group(group).standing, 'invited', 'who is asked knows it')
  for (const each of members)
    t.strictSame(joinedAt(each, group), members.map(personOf).toSorted(), `${each.name} holds`)
  for (const each of [alice, bob, carol])
    t.ok(groupsAt(each).length <= 1, `${each.name}: nothing is left of what was not done`)
  for (const each of members) {
    const said = each.say(group, `from ${each.name}`)
    await settle(3000)
    await said
  }
  const words = members.map(({ name }) => `from ${name}`)
  for (const each of members) {
    const texts = await each.texts(group)
    t.strictSame(
      texts.filter((text) => text.startsWith('from ')),
      words,
      `${each.name} reads all, with the keys`,
    )
  }
  for (const each of [alice, bob, carol]) t.strictSame(each.complaints, [], each.name)
}

for (const deed of deeds) {
  t.test(deed.name, async (t) => {
    let cuts = 0
    for (let writes = 0; ; writes += 1) {
      const on = await deed.arrange(t)
      const killed = deed.who(on)
      const isKilled = killAfter(killed, writes)
      const acting = deed.act(on).catch((error: unknown) => {
        if (!isRefusal(error)) throw error
      })
      await on.settle(3000)
      if (!isKilled()) {
        await acting
        break
      }
      cuts += 1
      await checkAll(t, on, deed, killed)
    }
    t.ok(cuts > 0, `killed ${cuts} times`)
  })
}
