/** A group's operations, each with its place in the order of causes and the person whom it speaks for. Nothing here is judged. */

import { CausalIndex } from './causal-index.ts'
import { GroupPeople } from './group-people.ts'
import type { ConversationId, DeviceId, EntryId, PersonId } from './ids.ts'
import { limits } from './limits.ts'
import type { LoggedOperation } from './logged-operation.ts'
import type { Head, Operation } from './operation.ts'

export interface Placed extends LoggedOperation {
  /** Above those of all operations that it has seen. */
  readonly number: number
  /** Whom its device spoke for in what it had seen; undefined for a stranger, who may do nothing. */
  readonly author: PersonId | undefined
  /** Its device has made as many operations as one may. */
  readonly isSpent: boolean
}

/** Numbers by a key; none is the empty list. */
class Lists<Key> {
  readonly #lists = new Map<Key, number[]>()

  add(key: Key, number: number): void {
    const list = this.#lists.get(key)
    if (list === undefined) this.#lists.set(key, [number])
    else list.push(number)
  }

  of(key: Key): readonly number[] {
    return this.#lists.get(key) ?? []
  }

  get size(): number {
    return this.#lists.size
  }

  keys(): Iterable<Key> {
    return this.#lists.keys()
  }
}

/** What an operation names as seen, its own feed included. */
export const causesOf = ({ scope, header, operation }: LoggedOperation): Head[] => [
  ...(header.prev === undefined ? [] : [{ scope, id: header.prev }]),
  ...(operation?.heads ?? []),
]

const aboutAuthor: ReadonlySet<string> = new Set(['accept', 'decline', 'leave'])
const aboutPerson = ['add', 'admit', 'setRole', 'remove', 'transfer'] as const

type AboutPerson = Extract<Operation, { readonly kind: (typeof aboutPerson)[number] }>
const isAboutPerson = (operation: Operation): operation is AboutPerson =>
  aboutPerson.some((kind) => kind === operation.kind)

/** The person whose membership an operation changes, if it counts. */
export function subjectOf({ operation, author }: Pick<Placed, 'operation' | 'author'>): PersonId | undefined {
  if (operation === undefined) return undefined
  if (aboutAuthor.has(operation.kind)) return author
  if (isAboutPerson(operation)) return operation.person
  return operation.kind === 'createGroup' ? operation.founder : undefined
}

export class GroupLog {
  readonly scope: ConversationId
  readonly index = new CausalIndex()
  readonly people = new GroupPeople(this.index)
  readonly all: Placed[] = []
  /** Operations that change the membership of a person. */
  readonly about = new Lists<PersonId>()
  readonly byPerson = new Lists<PersonId>()
  readonly byDevice = new Lists<DeviceId>()
  /** By the name of a setting; a group's creation says settings too. */
  readonly settings = new Lists<string>()
  readonly admits = new Lists<EntryId>()
  readonly revokes = new Lists<EntryId>()
  /** Operations that say where feeds of a device end. */
  readonly ends = new Lists<DeviceId>()
  readonly ofKind = new Lists<Operation['kind']>()
  readonly #numbers = new Map<EntryId, number>()
  readonly #tips = new Set<EntryId>()

  constructor(scope: ConversationId) {
    this.scope = scope
  }

  has(id: EntryId): boolean {
    return this.#numbers.has(id)
  }

  /** Throws for a number that was not given. */
  at(number: number): Placed {
    const found = this.all[number]
    if (found === undefined) throw new RangeError('no such operation')
    return found
  }

  numberOf(id: EntryId): number | undefined {
    return this.#numbers.get(id)
  }

  /** The operations that no other has seen. */
  get tips(): Head[] {
    return [...this.#tips].map((id) => ({ scope: this.scope, id }))
  }

  /** A cause that is not here: an operation waits for it. */
  missingOf(logged: LoggedOperation): Head | undefined {
    return causesOf(logged).find((head) => !(head.scope === this.scope ? this.has(head.id) : this.people.knows(head)))
  }

  /** Gives an operation its place. All that it names is here. */
  place(logged: LoggedOperation): Placed {
    const causes = causesOf(logged).flatMap(({ id }) => this.#numbers.get(id) ?? [])
    const number = this.index.add([...new Set(causes)])
    this.people.mention(number, logged.operation?.heads ?? [])
    const { device } = logged.header
    const author = this.people.personAt(device, number)
    const placed: Placed = { ...logged, number, author, isSpent: this.#isSpent(device, number) }
    this.all.push(placed)
    this.#numbers.set(logged.id, number)
    for (const { id } of causesOf(logged)) this.#tips.delete(id)
    this.#tips.add(logged.id)
    this.#list(placed)
    return placed
  }

  #isSpent(device: DeviceId, number: number): boolean {
    const own = this.byDevice.of(device)
    if (own.length < limits.groupOperations) return false
    return own.filter((each) => this.index.hasSeen(number, each)).length >= limits.groupOperations
  }

  #list(placed: Placed): void {
    const { number, operation, author, header } = placed
    this.byDevice.add(header.device, number)
    if (author !== undefined) this.byPerson.add(author, number)
    const subject = subjectOf(placed)
    if (subject !== undefined) this.about.add(subject, number)
    if (operation === undefined) return
    this.ofKind.add(operation.kind, number)
    if (operation.kind === 'admit') this.admits.add(operation.invite, number)
    if (operation.kind === 'revokeInvite') this.revokes.add(operation.invite, number)
    if (operation.kind === 'cutOff') {
      for (const device of new Set(operation.cutOffs.map((each) => each.device))) this.ends.add(device, number)
    }
    const said = operation.kind === 'createGroup' ? operation.policy : []
    const names = (operation.kind === 'settings' ? operation.settings : said).map(([name]) => name)
    for (const name of new Set(names)) this.settings.add(name, number)
  }
}
