/** Opens the registers: what others say in them goes to the room that it is for, and what this device says of itself goes out. */

import { feedOf } from '../protocol/entry.ts'
import { WarrenError } from '../protocol/errors.ts'
import { selfId, type DeviceId, type Scope } from '../protocol/ids.ts'
import { readHeld } from '../protocol/register-values.ts'
import { readAddresses, readReadPosition, registerKeys, type Register } from '../protocol/register.ts'
import type { Bus } from './bus.ts'
import type { Conversations } from './conversations/conversations.ts'
import type { Identity } from './identity/identity.ts'
import { fractions } from './net/fractions.ts'
import type { Carried } from './owner/carried.ts'
import { HeldTops } from './registers/held-tops.ts'
import { ReadPlaces } from './registers/read-places.ts'
import { Registers } from './registers/registers.ts'
import type { RoomsDeps } from './rooms.ts'
import type { Sync } from './sync/sync.ts'

/** Reads the registers of all conversations; they go with a conversation. */
export async function openRegisters(
  { store, bus, timers }: RoomsDeps,
  conversations: Conversations,
  self: Identity,
): Promise<Registers> {
  const { peers } = conversations
  const registers = new Registers({
    store,
    self,
    now: () => timers.now(),
    devicesOf: (scope) => peers.devicesOf(scope),
    maySee: (device, scope) => peers.maySee(device, scope),
    isOwn: (scope) => scope === selfId(self.person),
  })
  await registers.load(conversations.scopes())
  bus.subscribe((event) => {
    if (event.type === 'conversation-gone') registers.forget(event.conversation)
  })
  return registers
}

interface TellerRooms {
  readonly conversations: Conversations
  readonly registers: Registers
  readonly sync: Sync
  readonly self: Identity
}

/** What this device says of itself in each conversation: what it holds, and how far its owner has read. */
export function openTellers(
  { timers, log, random }: RoomsDeps,
  { conversations: { peers, owner }, registers, sync, self }: TellerRooms,
): { readonly readPlaces: ReadPlaces; close(): Promise<void> } {
  const devices = (scope: Scope): number => (owner.has(scope) ? peers.devicesOf(scope).size : 0)
  const readPlaces = new ReadPlaces({ registers, timers, log, devices })
  const heldTops = new HeldTops({
    registers,
    self,
    timers,
    log,
    random: fractions(random),
    devices,
    isLinked: (device) => sync.links().some((link) => link.device === device),
    topOf: (feed) => peers.heldUpTo(feed),
  })
  peers.onAppended(({ scope, runs, from }) => {
    if (from === undefined || !owner.has(scope)) return
    heldTops.arrived(
      scope,
      runs.flatMap(({ entries: [top] }) => (top === undefined ? [] : feedOf(top.sealed))),
    )
  })
  const close = async (): Promise<void> => {
    await heldTops.close()
    await readPlaces.close()
  }
  return { readPlaces, close }
}

interface TakerDeps {
  /** What other devices of the owner's say. */
  readonly carried: Carried
  readonly conversations: Conversations
  readonly bus: Bus
  readonly reach: { learn(device: DeviceId, addresses: readonly string[]): void }
  readonly self: Identity
}

/** Hands a register to the room that it is for. One that cannot be read changes nothing: its device is newer, or faulty. */
export const registerTaker =
  ({ conversations, bus, reach, self, carried }: TakerDeps) =>
  (register: Register): void => {
    const person = conversations.peers.personOf(register.device)
    if (person === undefined || register.device === self.device) return
    try {
      if (register.key === registerKeys.held)
        return conversations.owner.deviceHolds(register.scope, register.device, readHeld(register.value).tops)
      if (person === self.person) {
        if (register.key === registerKeys.addresses) reach.learn(register.device, readAddresses(register.value))
        return carried.ownRegister(register)
      }
      if (register.key === registerKeys.card) bus.publish({ type: 'contact', person })
      if (register.key === registerKeys.addresses) reach.learn(register.device, readAddresses(register.value))
      if (register.key === registerKeys.read) {
        conversations.owner.personRead(register.scope, person, readReadPosition(register.value), register.hlc.wallMs)
      }
    } catch (error) {
      if (!(error instanceof WarrenError)) throw error
    }
  }
