/** Who may talk to the owner: requests, answers, blocks. What every hello says and hears goes through here. */

import type { ContactLink } from '../../protocol/contact-link.ts'
import type { HelloGroups } from '../../protocol/hello-groups.ts'
import type { Hello } from '../../protocol/hello.ts'
import type { DeviceId, PersonId, Scope } from '../../protocol/ids.ts'
import type { PersonState } from '../../protocol/roster.ts'
import type { Run } from '../../protocol/run.ts'
import type { Log } from '../log.ts'
import { Answers } from './answers.ts'
import { Asking } from './asking.ts'
import { Blocking } from './blocking.ts'
import type { ContactBook } from './contact-book.ts'
import type { ContactRecord } from './contact-record.ts'
import type { GroupTalk } from './group-talk.ts'
import { Hearing } from './hearing.ts'
import { Moves } from './moves.ts'
import { OwnDevices } from './own-devices.ts'
import { Safety } from './safety.ts'
import { Touch } from './touch.ts'
import { wishOf } from './wish.ts'

/** What contacts need of the log. */
export interface PersonLogs {
  /** The person as a log from a hello, with what is here of it, says; nothing is stored. Throws IDENTITY_MISMATCH. */
  previewPerson(person: PersonId, log: readonly Run[]): PersonState
  learnPerson(person: PersonId, log: readonly Run[]): Promise<PersonState>
  /** Each operation behind all that it has seen. Throws NOT_A_MEMBER if there is none here. */
  personLog(person: PersonId): Promise<readonly Run[]>
  personState(person: PersonId): PersonState
  personOf(device: DeviceId): PersonId | undefined
  openDirect(person: PersonId): Promise<unknown>
  /** From now on nothing that they write is taken, until it ends; the same again changes nothing. */
  silence(person: PersonId): Promise<void>
  endSilence(person: PersonId): Promise<void>
  proof(): Promise<readonly Run[]>
  scopesChanged(): void
  /** Hears of every scope whose log says more. */
  onAppended(listener: (appended: { readonly scope: Scope }) => void): unknown
}

/** A device that answered a look. */
export interface Met {
  readonly device: DeviceId
  readonly hello: Hello
  /** Where the owner found it by hand: multiaddrs without PeerId. */
  readonly addresses?: readonly string[]
}

/** What contacts need of the network. */
export interface Reach {
  keep(devices: readonly DeviceId[]): void
  greet(device: DeviceId): Promise<void>
  look(address: string, signal: AbortSignal): Promise<Met>
  disconnect(device: DeviceId): void
  /** Looks whether the device answers at this address; what is found is told to Mismatches. Rejects if it does not. */
  check(device: DeviceId, address: string): Promise<void>
}

export interface ContactsDeps {
  readonly book: ContactBook
  readonly logs: PersonLogs
  readonly reach: Reach
  readonly groups: Pick<GroupTalk, 'hello' | 'heard' | 'kept' | 'isCoMember' | 'names'>
  readonly self: { readonly device: DeviceId; readonly person: PersonId }
  readonly profile: () => { readonly name: string; readonly visibleNearby: boolean }
  readonly log: Log
  readonly now: () => number
}

export interface HelloTo {
  readonly device: DeviceId
  readonly privateAddress: boolean
}
export interface HelloFrom extends HelloTo {
  readonly inbound: boolean
}

export class Contacts {
  readonly safety: Safety
  readonly moves: Moves
  readonly #deps: ContactsDeps
  readonly #touch: Touch
  readonly #hearing: Hearing
  readonly #blocking: Blocking
  readonly #asking: Asking
  readonly #answers: Answers
  readonly #own: OwnDevices
  #proof: readonly Run[] = []

  constructor(deps: ContactsDeps) {
    this.#deps = deps
    this.#touch = new Touch(deps)
    this.#hearing = new Hearing(deps, this.#touch)
    this.#blocking = new Blocking(deps, this.#touch)
    this.#asking = new Asking(deps, this.#touch, async (person) => await this.accept(person))
    this.safety = new Safety(deps)
    this.moves = new Moves(deps, this.#touch)
    const { moves } = this
    this.#answers = new Answers({
      ...deps,
      touch: this.#touch,
      hearing: this.#hearing,
      blocking: this.#blocking,
      moves,
    })
    this.#own = new OwnDevices(deps, this.#touch, async () => await this.#ownLogChanged())
  }

  /** Reads the own log's proof; call again when the own devices change. */
  async start(): Promise<void> {
    const { book, logs } = this.#deps
    this.#proof = await logs.proof()
    await this.moves.start()
    // A damaged disk may have lost a conversation, or a crash come before it was made.
    for (const { person, state } of book.all()) {
      if (state === 'accepted') await logs.openDirect(person)
      if (state === 'blocked') await logs.silence(person)
    }
    await this.showDue()
  }

  async #ownLogChanged(): Promise<void> {
    const { logs } = this.#deps
    this.#proof = await logs.proof()
    this.refreshKept()
    // Contacts hear of a new device by sync, or by its own hello.
    logs.scopesChanged()
  }

  isAccepted(person: PersonId): boolean {
    return this.#deps.book.get(person)?.state === 'accepted'
  }

  /** Nothing of theirs is shown, in whatever conversation. */
  isBlocked(person: PersonId): boolean {
    return this.#blocking.isBlocked(person)
  }

  /** Another device of the owner's changed what this contact is: links follow. */
  followed(person: PersonId): void {
    const record = this.#deps.book.get(person)
    if (record?.state === 'accepted' || record?.state === 'outgoing') {
      this.#deps.logs.scopesChanged()
      this.refreshKept()
      this.#touch.greet(record)
    } else if (record !== undefined) this.#touch.cut(record)
  }

  refreshKept(turns = false): void {
    this.#touch.refreshKept(turns)
  }

  /** To be called now and then: what comes due with time alone. */
  async showDue(): Promise<void> {
    await this.#hearing.showDue()
    this.refreshKept(true)
  }

  /** They asked again after the owner said no, which is not shown as a request yet. */
  asksAgain(record: ContactRecord): boolean {
    return record.state === 'declined' && this.#hearing.newestOf(record) > record.answered
  }

  /** What is said to a device now. */
  hello({
    device,
    privateAddress,
  }: HelloTo): Pick<Hello, 'person' | 'wish' | 'name' | 'proof' | 'moved'> & HelloGroups {
    const { book, logs, self, groups } = this.#deps
    const own = this.#own.wish(device)
    if (own !== undefined)
      return { person: self.person, wish: own, name: this.#deps.profile().name, proof: this.#proof }
    const person = logs.personOf(device)
    // A contact's newer device is known from their log alone.
    const record = book.ofDevice(device) ?? (person === undefined ? undefined : book.get(person))
    const wish = wishOf(record)
    const { name, visibleNearby } = this.#deps.profile()
    const isBlocked = record?.state === 'blocked'
    const said = groups.hello(device)
    const moved = wish.is === 'contact' ? this.moves.said(record) : undefined
    const showsName = wish.is === 'contact' || said.shares || (visibleNearby && privateAddress && !isBlocked)
    return {
      person: this.#deps.self.person,
      wish,
      name: showsName ? name : '',
      proof: wish.is === 'contact' || said.shares || said.joins.length > 0 ? this.#proof : [],
      ...said,
      ...(moved === undefined ? {} : { moved }),
    }
  }

  /** `link`: both want contact, or hold that they share a group, and the device is known to be that person's. */
  heard(from: HelloFrom, hello: Hello): 'link' | 'stranger' {
    if (hello.person === this.#deps.self.person) return this.#own.heard(from.device, hello)
    const asContact = this.#hearing.heard(from, hello)
    this.moves.heard(from.device, hello)
    const asCoMember = this.#deps.groups.heard(from, hello)
    return asContact === 'link' ? asContact : asCoMember
  }

  /** See Asking.met(). */
  async request(met: Met, note: string, link?: ContactLink): Promise<ContactRecord> {
    return await this.#asking.met(met, note, link)
  }

  /** See Asking.later(). */
  async requestLater(text: string, note: string, name = ''): Promise<ContactRecord> {
    return await this.#asking.later(text, note, name)
  }

  /** See Asking.known(). */
  async requestAgain(person: PersonId, note: string, name = ''): Promise<ContactRecord> {
    return await this.#asking.known(person, note, name)
  }

  /** See Answers.accept(). */
  async accept(person: PersonId): Promise<ContactRecord> {
    return await this.#answers.accept(person)
  }

  /** See Answers.follow(). */
  async follow(person: PersonId, follows: boolean): Promise<void> {
    await this.#answers.follow(person, follows)
  }

  /** See Answers.decline(). */
  async decline(person: PersonId): Promise<ContactRecord> {
    return await this.#answers.decline(person)
  }

  /** See Blocking.block(). */
  async block(person: PersonId, name = ''): Promise<ContactRecord> {
    const blocked = await this.#blocking.block(person, name)
    await this.moves.answered(person, 'declined')
    return blocked
  }

  /** Throws NOT_FOUND, CONFLICT. */
  async unblock(person: PersonId): Promise<void> {
    await this.#blocking.unblock(person)
  }

  /** See Answers.remove(). */
  async remove(person: PersonId): Promise<void> {
    await this.#answers.remove(person)
  }
}
