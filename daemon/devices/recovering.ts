/** Coming back with the 24 words: finds the person's log, adds this device to it, removes those that are lost, and replaces the words. */

import { publicBytes, signingKeyFromSeed, type SigningKey } from '../../protocol/crypto.ts'
import type { DeviceClass } from '../../protocol/device-record.ts'
import { sameBytes } from '../../protocol/bytes.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import type { LostDevice, Recovery, RecoveryProblem } from '../../protocol/http-recovery.ts'
import { deviceIdOf, fingerprint, type DeviceId, type PersonId } from '../../protocol/ids.ts'
import { limits } from '../../protocol/limits.ts'
import { loggedOperation, operationsOf } from '../../protocol/logged-operation.ts'
import type { Card } from '../../protocol/register.ts'
import type { Run } from '../../protocol/run.ts'
import { seedOfPhrase } from '../../protocol/words.ts'
import { inTime } from './in-time.ts'
import type { Welcome } from './resuming.ts'
import { LookFailed } from './look-failed.ts'
import { recoveryRuns } from './recovery-runs.ts'
import { personHeads } from '../../protocol/roster.ts'
import { agreedIn } from './whole-log.ts'
import { searchPerson, type FoundPerson, type OwnPerson, type SearchDeps } from './search.ts'

/** What this home becomes. */
export interface Recovered extends Welcome {
  /** Of the recovery key that counts from now on. */
  readonly recoverySeed: Uint8Array
  /** Somebody else's device that knew the person: its owner is asked to be a contact, if this one's owner wished it. */
  readonly helper: { readonly person: PersonId; readonly device: DeviceId } | undefined
}

export interface RecoveringDeps extends SearchDeps {
  /** What this device is; a desktop, if it is not said. */
  readonly deviceClass?: DeviceClass | undefined
  readonly self: { readonly device: DeviceId; readonly person: PersonId }
  readonly random: (length: number) => Uint8Array
  readonly nearby: (signal: AbortSignal) => Promise<readonly string[]>
  /** The card of this home: for a person of whom nobody told one. */
  readonly card: () => Card
  /** The log of the own person, if this home cannot speak for them any more: it was restored, or this device was removed. */
  readonly ownLog: () => Promise<readonly Run[] | undefined>
  readonly nameOf: (device: DeviceId) => string
  /** Durable when it resolves. */
  readonly recover: (recovered: Recovered) => Promise<void>
  /** The house opens anew as what it has become. */
  readonly moved: () => void
  readonly changed: () => void
}

export interface WantedPerson {
  readonly words: string
  readonly address: string | undefined
}

/** Devices nearby that are asked. */
const mostAsked = 32
const tellMs = 10_000

const problems: Readonly<Record<string, RecoveryProblem>> = {
  TIMED_OUT: 'unreachable',
  REFUSED: 'unreachable',
  UNREACHABLE: 'unreachable',
  HOST_NOT_FOUND: 'unreachable',
  NOT_WARREN: 'unreachable',
  LINK_CLOSED: 'nobody',
}

export class Recovering {
  readonly #deps: RecoveringDeps
  readonly #isTyped: boolean
  readonly #ending = new AbortController()
  readonly #callOff: () => void
  #shown: Recovery = { state: 'looking' }
  /** With the key of the words, of which nothing stays when this is over. */
  #found: (FoundPerson & { readonly key: SigningKey }) | undefined

  /** Throws BAD_SHAPE with a PhraseProblem, TOO_LARGE. */
  constructor(deps: RecoveringDeps, { words, address }: WantedPerson) {
    this.#deps = deps
    const key = signingKeyFromSeed(seedOfPhrase(words))
    this.#isTyped = address !== undefined
    this.#callOff = deps.timers.after(limits.deviceOfferMs, () => this.fail('expired'))
    this.#look(key, address).catch((error: unknown) => this.#failed(error))
    deps.changed()
  }

  get shown(): Recovery {
    return this.#shown
  }

  /** What is being written cannot be taken back. */
  get isBinding(): boolean {
    return this.#shown.state === 'writing'
  }

  fail(problem: RecoveryProblem): void {
    if (this.isBinding || this.#isOver) return
    this.#end({ state: 'failed', problem })
  }

  /**
   * Writes it. Throws CONFLICT unless a person was found, if nobody who answered can be asked, and if nobody answered and the owner does
   * not say `alone`; NOT_FOUND for a device that is not theirs.
   */
  finish(remove: readonly DeviceId[], askHelper: boolean, alone: boolean): Recovery {
    const found = this.#found
    if (found === undefined || this.#shown.state !== 'found')
      throw new WarrenError('CONFLICT', 'nobody was found yet whom these words are of')
    if (remove.some((each) => !found.state.devices.has(each)))
      throw new WarrenError('NOT_FOUND', 'that is no device of theirs')
    if (remove.some((each) => each === found.from?.device))
      throw new WarrenError('CONFLICT', 'that device answers: remove it with this one afterwards')
    if (found.from === undefined && !alone)
      throw new WarrenError('CONFLICT', 'nobody was there who knows whether these words still count')
    const helper = askHelper ? this.#askable(found) : undefined
    if (askHelper && helper === undefined) throw new WarrenError('CONFLICT', 'nobody answered who can be asked')
    this.#show({ ...this.#shown, state: 'writing' })
    this.#write(found, [...new Set(remove)], helper).catch((error: unknown) => {
      this.#end({ state: 'failed', problem: error instanceof LookFailed ? error.problem : 'failed' })
    })
    return this.#shown
  }

  get #isOver(): boolean {
    return this.#shown.state === 'done' || this.#shown.state === 'failed'
  }

  #show(shown: Recovery): void {
    this.#shown = shown
    this.#deps.changed()
  }

  #end(shown: Recovery): void {
    this.#callOff()
    this.#found = undefined
    this.#ending.abort(new LookFailed(shown.problem ?? 'failed'))
    this.#show(shown)
  }

  #failed(error: unknown): void {
    this.fail(error instanceof LookFailed ? error.problem : (problems[errorCode(error)] ?? 'failed'))
  }

  async #look(key: SigningKey, address: string | undefined): Promise<void> {
    const found = await this.#find(key, address)
    this.#ending.signal.throwIfAborted()
    const { state, card, from } = found
    const { self, ownLog } = this.#deps
    if (state.person === self.person && (await ownLog()) === undefined) throw new LookFailed('same-person')
    this.#found = { ...found, key }
    this.#show({
      state: 'found',
      name: card?.name ?? '',
      personId: state.person,
      devices: this.#devicesOf(found),
      ...(from === undefined
        ? { alone: true }
        : {
            from: {
              fingerprint: fingerprint(from.device),
              own: state.devices.has(from.device),
              name: from.by?.name ?? '',
              askable: this.#askable(found) !== undefined,
            },
          }),
    })
  }

  async #find(key: SigningKey, address: string | undefined): Promise<FoundPerson> {
    const { self, ownLog, nearby } = this.#deps
    const { signal } = this.#ending
    const log = await ownLog()
    const own = log === undefined ? undefined : { person: self.person, log }
    const addresses = address === undefined ? (await nearby(signal)).slice(0, mostAsked) : [address]
    try {
      return await searchPerson(this.#deps, key, addresses, signal, own)
    } catch (error) {
      const isTelling = error instanceof LookFailed && error.problem !== 'nobody'
      // What became of the address that was typed is what its owner wants to know.
      if (own === undefined || address !== undefined || signal.aborted || isTelling) throw error
      return this.#findAlone(own, key)
    }
  }

  /** As of the day of what is here: nobody answered who may know more. Throws LookFailed. */
  #findAlone({ person, log }: OwnPerson, key: SigningKey): FoundPerson {
    const { preview, card } = this.#deps
    const state = preview(person, log)
    const isKey = (each: Uint8Array): boolean => sameBytes(each, publicBytes(key))
    if (!isKey(state.recoveryKey)) throw new LookFailed(state.recoveryKeys.some(isKey) ? 'replaced' : 'not-here')
    return { state, log, card: card(), from: undefined }
  }

  /** Who is at the address that the owner typed: whoever else is near may be anybody, even somebody who was blocked. */
  #askable({ state, from }: FoundPerson): Recovered['helper'] {
    if (!this.#isTyped || from?.by === undefined || from.by.person === state.person) return undefined
    // A home that comes back has its contacts.
    if (state.person === this.#deps.self.person) return undefined
    return { person: from.by.person, device: from.device }
  }

  #devicesOf({ state, log, from }: FoundPerson): LostDevice[] {
    const added = new Map<DeviceId, number>()
    for (const { sealed, slot } of log.flatMap(({ entries }) => entries)) {
      if (slot.is !== 'held') continue
      const { operation, header } = loggedOperation(sealed, slot.payload)
      if (operation?.kind === 'createPerson' || operation?.kind === 'addDevice')
        added.set(operation.record.device, header.hlc.wallMs)
    }
    const devices = Array.from(state.devices.keys(), (device): LostDevice => {
      const here = device === from?.device
      const name = this.#deps.nameOf(device)
      return { deviceId: device, fingerprint: fingerprint(device), name, addedAt: added.get(device) ?? 0, here }
    })
    return devices.toSorted((a, b) => a.addedAt - b.addedAt)
  }

  async #write(
    found: FoundPerson & { readonly key: SigningKey },
    remove: readonly DeviceId[],
    helper: Recovered['helper'],
  ): Promise<void> {
    const { timers, random, deviceClass, preview, recover, moved } = this.#deps
    const { state, from } = found
    const [seed, recoverySeed] = [random(32), random(32)]
    const kept = [...state.devices.keys()].filter((each) => !remove.includes(each))
    const added = recoveryRuns({
      person: state.person,
      heads: personHeads(state.person, operationsOf(found.log), undefined),
      recoveryKey: found.key,
      deviceClass,
      deviceSeed: seed,
      nextSeed: recoverySeed,
      remove,
      keep: agreedIn(state.person, found.log, kept),
      generation: random(8),
      now: timers.now(),
    })
    const log = [...found.log, ...added]
    const { devices } = preview(state.person, log)
    if (!devices.has(deviceIdOf(publicBytes(signingKeyFromSeed(seed)))) || remove.some((each) => devices.has(each)))
      throw new LookFailed('full')
    await recover({ seed, person: state.person, log, card: this.#cardOf(found), recoverySeed, helper })
    if (from !== undefined) await this.#tell(from.address, state.person, log)
    this.#end({ state: 'done' })
    moved()
  }

  #cardOf({ card }: FoundPerson): Card {
    const own = this.#deps.card()
    return card === undefined || card.name.trim() === '' ? own : card
  }

  /** Who helped is told at once; everybody else learns it from hellos and from each other. */
  async #tell(address: string, person: PersonId, log: readonly Run[]): Promise<void> {
    const { timers, open } = this.#deps
    try {
      await inTime(timers, tellMs, this.#ending.signal, async (signal) => {
        const talk = await open(address, signal)
        talk.send({ is: 'recovered', person, log })
        talk.end()
      })
    } catch {
      // It learns it from the next hello.
    }
  }
}
