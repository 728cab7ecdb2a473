/** Warns of people who may be taken for somebody whom the owner knows: by a name that looks alike, or by where they answer. */

import { fingerprint, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import type { Lookalike } from '../../protocol/http-people.ts'
import type { Bus } from '../bus.ts'
import type { ContactBook } from '../contacts/contact-book.ts'
import type { ContactRecord, RecordState } from '../contacts/contact-record.ts'
import type { Standing } from '../contacts/safety.ts'
import { displayLine } from './display-text.ts'
import { skeleton } from './skeleton.ts'

export interface LookalikesDeps {
  readonly self: { readonly device: DeviceId; readonly person: PersonId }
  readonly book: ContactBook
  readonly bus: Bus
  readonly standing: (record: ContactRecord) => Standing
  /** The name that a person gave to themselves; the own one for the owner. */
  readonly chosenName: (person: PersonId) => string
}

/** Somebody to be compared with the people whom the owner knows. */
export interface Subject {
  readonly person: PersonId
  readonly name: string
  /** The owner chose the name: it deceives nobody. */
  readonly isNamed?: boolean
  /** Where the owner looked for them by hand. */
  readonly addresses: readonly string[]
  /** Whom they were until now: nobody is taken for another there. */
  readonly before?: PersonId | undefined
}

interface Known {
  readonly person: PersonId
  readonly name: string
  readonly fingerprint: string
  readonly isVerified: boolean
}

/** Whose name is worth something to the owner. */
const knownStates: ReadonlySet<RecordState> = new Set(['accepted', 'removed', 'ended', 'blocked'])
const isKnown = ({ state, before, former }: ContactRecord): boolean =>
  knownStates.has(state) && (state !== 'blocked' || former || before === 'accepted')

interface Index {
  readonly names: ReadonlyMap<string, readonly Known[]>
  readonly addresses: ReadonlyMap<string, readonly Known[]>
}

export class Lookalikes {
  readonly #deps: LookalikesDeps
  #index: Index | undefined

  constructor(deps: LookalikesDeps) {
    this.#deps = deps
    deps.bus.subscribe(({ type }) => {
      if (type === 'contact' || type === 'contact-gone' || type === 'me') this.#index = undefined
    })
  }

  /** Whom the owner may take this person for; undefined if there is nobody. */
  of({ person, name, isNamed = false, addresses, before }: Subject): Lookalike | undefined {
    const isOther = (each: Known): boolean => each.person !== person && each.person !== before
    const { names, addresses: places } = this.#current()
    const alike = isNamed || name === '' ? [] : (names.get(skeleton(name)) ?? [])
    const byName = alike.filter(isOther)
    const same = byName.find((each) => each.name === name && each.person !== this.#deps.self.person)
    if (same !== undefined) return told(same, 'same-name')
    const place = addresses.flatMap((each) => places.get(each) ?? []).find(isOther)
    if (place !== undefined) return told(place, 'address')
    const [similar] = byName
    if (similar === undefined) return undefined
    return told(similar, similar.person === this.#deps.self.person ? 'your-name' : 'similar-name')
  }

  #current(): Index {
    this.#index ??= this.#build()
    return this.#index
  }

  #build(): Index {
    const { book, self, chosenName, standing } = this.#deps
    const names = new Map<string, Known[]>()
    const addresses = new Map<string, Known[]>()
    // The owner comes last: who looks like a contact is told as that.
    const own: Known = {
      person: self.person,
      name: chosenName(self.person),
      fingerprint: fingerprint(self.device),
      isVerified: false,
    }
    for (const record of book.all().filter((each) => isKnown(each))) {
      const { person, petname, devices } = record
      const first = devices[0]
      const isVerified = standing(record) === 'verified'
      const shown = { person, fingerprint: first === undefined ? '' : fingerprint(first), isVerified }
      for (const name of new Set([displayLine(petname), displayLine(chosenName(person))]))
        if (name !== '') add(names, skeleton(name), { ...shown, name })
      const name = displayLine(petname) || displayLine(chosenName(person))
      for (const address of record.addresses) add(addresses, address, { ...shown, name })
    }
    add(names, skeleton(own.name), own)
    return { names, addresses }
  }
}

function add(map: Map<string, Known[]>, key: string, known: Known): void {
  const all = map.get(key) ?? []
  all.push(known)
  map.set(key, all)
}

const told = ({ person, name, fingerprint: print, isVerified }: Known, how: Lookalike['how']): Lookalike => ({
  id: person,
  name,
  fingerprint: print,
  how,
  ...(isVerified ? { verified: true } : {}),
})
