/** Real sessions, recorded byte for byte: people who chat, alone and in a group, go offline, come back, and say who they are. */

import type { Test } from 'tap'
import { publicBytes, signingKeyFromSeed } from '../../protocol/crypto.ts'
import { lanes } from '../../protocol/entry.ts'
import { encodeHello } from '../../protocol/hello.ts'
import { encodeFrame, type Frame } from '../../protocol/frames.ts'
import type { ConversationId } from '../../protocol/ids.ts'
import { neighbourhood, type Device, type World } from '../support/device.ts'

export interface Recording extends World {
  readonly alice: Device
  readonly bob: Device
  readonly mallory: Device
  /** Alice with bob, alice with mallory. */
  readonly chat: ConversationId
  readonly other: ConversationId
  /** Of all three; alice is its owner, mallory an admin. */
  readonly group: ConversationId
  /** Of all kinds that were said there and by anybody of themselves. */
  readonly operations: readonly { readonly kind: number; readonly payload: Uint8Array }[]
  /** Frames of both directions, without their length prefix. */
  readonly frames: readonly Uint8Array[]
  readonly hellos: readonly Uint8Array[]
}

export async function record(t: Test, seed: number): Promise<Recording> {
  const frames: Uint8Array[] = []
  const world = neighbourhood(t, seed)
  const { place, start, settle } = world
  const operations: { kind: number; payload: Uint8Array }[] = []
  const onFrame = (frame: Frame): void => {
    if (frame.is === 'unknown') return
    frames.push(encodeFrame(frame))
    if (frame.is !== 'entries') return
    for (const { sealed, slot } of frame.runs.flatMap(({ entries }) => entries))
      if (sealed.header.lane === lanes.roster && slot.is === 'held')
        operations.push({ kind: sealed.header.kind, payload: slot.payload })
  }
  place.linkOptions = { onFrame }
  const alice = await start('alice')
  const bob = await start('bob')
  const mallory = await start('mallory')
  const chat = await alice.befriend(bob, settle)
  const other = await alice.befriend(mallory, settle)
  const group = await gathered(alice, [bob, mallory], settle)
  for (let round = 0; round < 3; round += 1) {
    await alice.say(other, `round ${round}`)
    await mallory.say(other, 'long '.repeat(1 + 200 * round), `back ${round}`)
    mallory.rooms.sync.typing(other)
    await says(settle, alice, group, `to all ${round}`)
    await says(settle, mallory, group, `from me ${round}`)
    await settle()
    place.part(alice, mallory)
    await settle()
    await alice.say(other, `while away ${round}`)
    await mallory.say(other, `away too ${round}`)
    place.heal(alice, mallory)
    await settle(3000)
  }
  place.linkOptions = {}
  const hellos = [mallory, bob].map((each) => encodeHello(each.sayHello(alice)))
  return { ...world, alice, bob, mallory, chat, other, group, operations, frames, hellos }
}

type Settle = World['settle']

/** A key may have to be made first. */
async function says(settle: Settle, who: Device, group: ConversationId, text: string): Promise<void> {
  const said = who.say(group, text)
  await settle(2000)
  await said
}

/** With all kinds of operations that leave everybody in it. */
async function gathered(alice: Device, others: readonly Device[], settle: Settle): Promise<ConversationId> {
  const { groups } = alice.rooms.conversations
  const persons = others.map(({ rooms }) => rooms.identity.person)
  const group = await groups.create([['name', 'Garden']], persons)
  await settle(3000)
  for (const { rooms } of others) await rooms.conversations.groups.accept(group)
  await settle(3000)
  const done = async (doing: Promise<unknown>): Promise<void> => {
    await settle(3000)
    await doing
  }
  for (const person of persons) await done(groups.setRole(group, person, 'admin'))
  const { groups: theirs } = (others.at(-1) as Device).rooms.conversations
  const [bob] = persons
  if (bob !== undefined) await done(groups.setRole(group, bob, 'reader'))
  if (bob !== undefined) await done(groups.setRole(group, bob, 'member'))
  await done(theirs.settings(group, [['description', 'of ours']]))
  const seed = new Uint8Array(32).fill(3)
  const inviteKey = publicBytes(signingKeyFromSeed(seed))
  const invite = await theirs.invite(group, { inviteKey, role: 'member', uses: 1, expiresAt: 0, secret: seed })
  await done(theirs.revoke(group, invite))
  if (bob !== undefined) {
    await done(groups.remove(group, bob))
    await done(groups.add(group, bob, 'member'))
    await done((others[0] as Device).rooms.conversations.groups.accept(group))
  }
  return group
}
