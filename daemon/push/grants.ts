/** What contacts gave this device, to wake theirs with: read from the registers of the conversations with them. */

import { WarrenError } from '../../protocol/errors.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import { readWake } from '../../protocol/register-values.ts'
import type { Register } from '../../protocol/register.ts'
import { readGrant } from '../../protocol/wake-keys.ts'

export interface Grant {
  readonly person: PersonId
  /** Origin of the push server. */
  readonly server: string
  readonly capability: Uint8Array
  readonly noteKey: Uint8Array
  /** Epoch milliseconds; 0 is never. */
  readonly expiresAt: number
}

export interface GrantsDeps {
  /** A contact, who is not blocked. */
  readonly isContact: (person: PersonId) => boolean
  readonly now: () => number
}

export class Grants {
  readonly #deps: GrantsDeps
  readonly #all = new Map<DeviceId, Grant>()
  #persons: ReadonlySet<PersonId> | undefined

  constructor(deps: GrantsDeps) {
    this.#deps = deps
  }

  /** One for each device at most, whatever it hands over. False if it has given nothing that is of use. */
  take({ device, value }: Pick<Register, 'device' | 'value'>, person: PersonId): boolean {
    const grant = readFirst(value, person)
    this.#persons = undefined
    if (grant === undefined) this.#all.delete(device)
    else this.#all.set(device, grant)
    return grant !== undefined
  }

  /** Whether a device of theirs can be woken, perhaps. */
  isOf(person: PersonId): boolean {
    this.#persons ??= new Set([...this.#all.values()].map((grant) => grant.person))
    return this.#persons.has(person)
  }

  /** Devices that can be woken, perhaps. */
  devices(): readonly DeviceId[] {
    return [...this.#all.keys()]
  }

  get isEmpty(): boolean {
    return this.#all.size === 0
  }

  of(device: DeviceId): Grant | undefined {
    const grant = this.#all.get(device)
    if (grant === undefined || !this.#deps.isContact(grant.person)) return undefined
    return grant.expiresAt === 0 || this.#deps.now() < grant.expiresAt ? grant : undefined
  }
}

/** Of several the first that is of this version. */
function readFirst(value: Uint8Array, person: PersonId): Grant | undefined {
  try {
    const [first] = readWake(value).filter(({ grant }) => grant.length === 64)
    if (first === undefined) return undefined
    return { person, server: first.server, expiresAt: first.expiresAt, ...readGrant(first.grant) }
  } catch (error) {
    if (error instanceof WarrenError) return undefined
    throw error
  }
}
