/** Real sessions, recorded byte for byte: two people who chat, go offline, come back, and say who they are. */

import type { Test } from 'tap'
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
  /** Frames of both directions, without their length prefix. */
  readonly frames: readonly Uint8Array[]
  readonly hellos: readonly Uint8Array[]
}

export async function record(t: Test, seed: number): Promise<Recording> {
  const frames: Uint8Array[] = []
  const world = neighbourhood(t, seed)
  const { place, start, settle } = world
  const onFrame = (frame: Frame): void => {
    if (frame.is !== 'unknown') frames.push(encodeFrame(frame))
  }
  place.linkOptions = { onFrame }
  const alice = await start('alice')
  const bob = await start('bob')
  const mallory = await start('mallory')
  const chat = await alice.befriend(bob, settle)
  const other = await alice.befriend(mallory, settle)
  for (let round = 0; round < 3; round += 1) {
    await alice.say(other, `round ${round}`)
    await mallory.say(other, 'long '.repeat(1 + 200 * round), `back ${round}`)
    mallory.rooms.sync.typing(other)
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
  return { ...world, alice, bob, mallory, chat, other, frames, hellos }
}
