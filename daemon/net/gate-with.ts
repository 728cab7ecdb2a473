/** The gate of a network that knows where its contacts are. */

import type { DeviceId } from '../../protocol/ids.ts'
import type { AddressBook } from './address-book.ts'
import type { Dialler } from './dialler.ts'
import { Expected } from './expected.ts'
import { Gate } from './gate.ts'
import type { Penalties } from './penalties.ts'

export interface GateWith {
  readonly book: AddressBook
  readonly dialler: Dialler
  readonly links: () => readonly { readonly address: string }[]
  readonly penalties: Penalties
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
}

export function gateWith({ book, dialler, links, penalties, now }: GateWith): Gate {
  const expected = new Expected({ book, kept: () => dialler.devices(), links, now })
  return new Gate({
    isExpected: (host) => expected.has(host),
    isKept: (device) => dialler.keeps(device as DeviceId),
    penalties,
    now,
  })
}
