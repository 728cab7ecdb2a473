/** A group on one device, and what others say in it, written by hand: right or wrong. */

import type { Test } from 'tap'
import { encodeOperation } from '../../protocol/operation.ts'
import { kinds, lanes } from '../../protocol/entry.ts'
import type { ConversationId, PersonId } from '../../protocol/ids.ts'
import type { Head } from '../../protocol/operation.ts'
import type { BareOperation } from '../../daemon/conversations/group-writer.ts'
import { neighbourhood, type Device, type World } from './device.ts'
import { Pen, type Written } from './pen.ts'

export interface HandGroup extends World {
  readonly alice: Device
  readonly bob: Device
  readonly carol: Device
  readonly group: ConversationId
  readonly bobs: Hand
  readonly carols: Hand
}

/** What one member says in a group that only Alice holds. */
export class Hand {
  readonly device: Device
  readonly #alice: Device
  readonly group: ConversationId
  readonly #operations: Pen
  #said = 0
  readonly messages: Pen

  constructor(alice: Device, device: Device, group: ConversationId, generation = 'one') {
    this.#alice = alice
    this.device = device
    this.group = group
    const { identity } = device.rooms
    this.#operations = new Pen(identity, group, { lane: lanes.roster, generation })
    this.messages = new Pen(identity, group, { lane: lanes.messages, generation })
  }

  get person(): PersonId {
    return this.device.rooms.identity.person
  }

  /** The newest of every log that Alice holds. */
  heads(): Head[] {
    const { peers } = this.#alice.rooms.conversations
    const { group } = this
    const own = peers
      .vector(group)
      .flatMap(({ lane, head }) => (lane === lanes.roster && head !== undefined ? [{ scope: group, id: head }] : []))
    return [...own, ...peers.personState(this.person).heads]
  }

  /** An operation that has seen what Alice holds, or something else. */
  operation(bare: BareOperation, heads: readonly Head[] = this.heads()): Written {
    const payload = encodeOperation({ ...bare, heads })
    this.#said += 1
    const hlc = { wallMs: this.device.options.timers.now(), count: 1000 + this.#said }
    return this.#operations.write('', { kind: kinds[bare.kind], epoch: undefined, hlc }, payload)
  }

  /** Brings operations to Alice. */
  async say(...bare: BareOperation[]): Promise<Written[]> {
    const said: Written[] = []
    for (const each of bare) {
      const written = this.operation(each)
      await this.bring(written)
      said.push(written)
    }
    return said
  }

  /** Goes on from another operation, as after a fork. */
  goOnFrom(written: Written | undefined): void {
    this.#operations.goOnFrom(written)
  }

  async bring(...written: Written[]): Promise<number> {
    const runs = written.map((each) => this.#operations.run([each]))
    return (await this.#alice.rooms.conversations.peers.accept(this.group, runs, this.device.id)).held.length
  }

  /** Brings messages to Alice, as one run; how many feeds of it she took. */
  async post(written: readonly Written[], signed = true): Promise<number> {
    const { peers } = this.#alice.rooms.conversations
    return (await peers.accept(this.group, [this.messages.run(written, signed)], this.device.id)).held.length
  }
}

/** Alice's group with Bob and Carol, who have accepted. Bob and Carol hold nothing of it. */
export async function handGroup(t: Test): Promise<HandGroup> {
  const world = neighbourhood(t)
  const { start, settle, place } = world
  const [alice, bob, carol] = [await start('alice'), await start('bob'), await start('carol')]
  for (const each of [bob, carol]) {
    await alice.befriend(each, settle)
    place.part(alice, each)
  }
  await settle()
  const { groups } = alice.rooms.conversations
  const others = [bob, carol].map(({ rooms }) => rooms.identity.person)
  const group = await groups.create([['name', 'Gardeners']], others)
  const [bobs, carols] = [new Hand(alice, bob, group), new Hand(alice, carol, group)]
  for (const each of [bobs, carols]) await each.say({ kind: 'accept' })
  return { ...world, alice, bob, carol, group, bobs, carols }
}
