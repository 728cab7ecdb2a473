/** Wakes devices of contacts that sleep and have something to get: at once, then ever more seldom, then not before they were here. */

import { errorCode, WarrenError } from '../../protocol/errors.ts'
import type { DeviceId, Scope } from '../../protocol/ids.ts'
import type { LinkAddress } from '../../protocol/link-address.ts'
import { limits } from '../../protocol/limits.ts'
import { sealNote } from '../../protocol/wake-note.ts'
import { encodeWakeBody, wakePace, wakeSizes } from '../../protocol/wake.ts'
import type { Log } from '../log.ts'
import type { Timers } from '../timers.ts'
import type { Ask } from './ask.ts'
import type { Grant, Grants } from './grants.ts'
import { afterFailureMs, afterWordMs, mostFailuresAlone, mostUnanswered, nextAllowed, patienceMs } from './pace.ts'
import type { WakeBook } from './wake-book.ts'

export interface WakerDeps {
  readonly self: { readonly device: DeviceId }
  readonly book: Pick<WakeBook, 'wokenAt' | 'woke'>
  readonly grants: Pick<Grants, 'of'>
  readonly ask: Ask
  readonly timers: Timers
  readonly log: Log
  readonly random: (length: number) => Uint8Array
  readonly isLinked: (device: DeviceId) => boolean
  /** No link stands: what failed says little of a server. */
  readonly isAlone: () => boolean
  /** Whether a device lacks what this one wrote in a conversation, as far as it is known here. */
  readonly lacks: (scope: Scope, device: DeviceId) => boolean
  /** Where this device can be reached, the likeliest first. */
  readonly addresses: () => readonly LinkAddress[]
  /** What of() says of these conversations is another thing now. */
  readonly changed: (scopes: Iterable<Scope>) => void
}

/** One device that has something to get. */
interface Course {
  /** Where it lacks what this device wrote. */
  readonly own: Set<Scope>
  /** Where it may lack what others wrote: nothing is known of that until it is linked. */
  readonly others: Set<Scope>
  /** Wakes that the server took, and nobody answered. */
  unanswered: number
  failures: number
  /** When the last of these was, epoch milliseconds. */
  failedAt: number
  /** Called off while a wake is under way. */
  next: { readonly at: number; readonly callOff: () => void } | undefined
  /** Its person is waited for. */
  hasGivenUp: boolean
  isBusy: boolean
}

export class Waker {
  readonly #deps: WakerDeps
  readonly #courses = new Map<DeviceId, Course>()
  readonly #sending = new Set<Promise<void>>()
  #closed = false

  constructor(deps: WakerDeps) {
    this.#deps = deps
  }

  /** This device wrote something in the scope that the device lacks. */
  lacking(device: DeviceId, scope: Scope, afterMs = 0): void {
    this.#wish(device, 'own', scope, afterMs)
  }

  /** Somebody else did, in a group, who perhaps cannot wake it. */
  perhapsLacking(device: DeviceId, scope: Scope, afterMs: number): void {
    this.#wish(device, 'others', scope, afterMs)
  }

  /** It is here, and will be told everything: what follows begins anew. */
  linked(device: DeviceId): void {
    const course = this.#courses.get(device)
    if (course === undefined) return
    this.#end(device, course)
  }

  /** Somebody holds more of this conversation than before. */
  delivered(scope: Scope): void {
    for (const [device, course] of this.#courses) {
      if (!course.own.has(scope) || this.#deps.lacks(scope, device)) continue
      course.own.delete(scope)
      if (this.#isIdle(course)) this.#end(device, course)
      this.#deps.changed([scope])
    }
  }

  /** Nothing more is said of this conversation. */
  forget(scope: Scope): void {
    for (const [device, course] of this.#courses) {
      course.own.delete(scope)
      course.others.delete(scope)
      if (this.#isIdle(course)) this.#end(device, course)
    }
  }

  /** Devices that were woken for what is in this conversation and have not answered, and are not given up. */
  of(scope: Scope): DeviceId[] {
    return [...this.#courses].flatMap(([device, course]) =>
      course.own.has(scope) && this.#isShown(course) ? [device] : [],
    )
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const { next } of this.#courses.values()) next?.callOff()
    this.#courses.clear()
    await Promise.all(this.#sending)
  }

  /** Woken, or about to be. */
  #isShown({ unanswered, failures, hasGivenUp, isBusy, next }: Course): boolean {
    const isDue = failures === 0 && next !== undefined && next.at <= this.#deps.timers.now()
    return !hasGivenUp && (unanswered > 0 || isBusy || isDue)
  }

  #isIdle({ own, others }: Course): boolean {
    return own.size === 0 && others.size === 0
  }

  #wish(device: DeviceId, why: 'own' | 'others', scope: Scope, afterMs: number): void {
    const { grants, isLinked, timers, changed } = this.#deps
    if (this.#closed || isLinked(device) || grants.of(device) === undefined) return
    const course = this.#courses.get(device) ?? this.#begin(device)
    const isNew = !course[why].has(scope)
    course[why].add(scope)
    if (isNew && this.#isShown(course)) changed([scope])
    // What went out already is for this, too: the device gets everything once it is awake.
    if (course.hasGivenUp || course.isBusy || (course.unanswered > 0 && course.failures === 0)) return
    const now = timers.now()
    // No later than now, whatever the clock was then.
    const failedAt = Math.min(course.failedAt, now)
    const at = Math.max(now + afterMs, course.failures > 0 ? failedAt + afterWordMs : 0)
    if (course.next === undefined || at < course.next.at) this.#schedule(device, course, at)
  }

  #begin(device: DeviceId): Course {
    const course: Course = {
      own: new Set(),
      others: new Set(),
      unanswered: 0,
      failures: 0,
      failedAt: 0,
      next: undefined,
      hasGivenUp: false,
      isBusy: false,
    }
    this.#courses.set(device, course)
    return course
  }

  #end(device: DeviceId, course: Course): void {
    course.next?.callOff()
    course.next = undefined
    if (this.#courses.get(device) === course) this.#courses.delete(device)
    if (this.#isShown(course)) this.#deps.changed(course.own)
  }

  #schedule(device: DeviceId, course: Course, at: number): void {
    course.next?.callOff()
    const { timers } = this.#deps
    const callOff = timers.after(Math.max(0, at - timers.now()), () => {
      course.next = undefined
      const sending: Promise<void> = this.#fire(device, course).finally(() => this.#sending.delete(sending))
      this.#sending.add(sending)
    })
    course.next = { at, callOff }
  }

  async #fire(device: DeviceId, course: Course): Promise<void> {
    const { grants, timers, book, log, lacks, isLinked } = this.#deps
    for (const scope of course.own) if (!lacks(scope, device)) course.own.delete(scope)
    const grant = grants.of(device)
    if (grant === undefined || this.#isIdle(course) || isLinked(device)) return this.#end(device, course)
    if (course.unanswered >= mostUnanswered) {
      course.hasGivenUp = true
      return this.#deps.changed(course.own)
    }
    const now = timers.now()
    const times = book.wokenAt(device).filter((each) => each <= now)
    const allowed = nextAllowed(times, now)
    if (allowed > now) {
      this.#schedule(device, course, allowed)
      return this.#deps.changed(course.own)
    }
    course.isBusy = true
    this.#deps.changed(course.own)
    try {
      await book.woke(device, [...times, now].slice(-wakePace.aDay))
      await this.#send(grant, now)
      course.unanswered += 1
      course.failures = 0
    } catch (error) {
      course.failures = Math.min(course.failures + 1, this.#deps.isAlone() ? mostFailuresAlone : Infinity)
      course.failedAt = timers.now()
      if (!this.#closed) log('warn', 'a device that sleeps could not be woken', { code: errorCode(error) })
    }
    course.isBusy = false
    if (this.#closed || this.#courses.get(device) !== course) return
    const pauseMs = course.failures > 0 ? afterFailureMs(course.failures) : patienceMs(course.unanswered)
    this.#schedule(device, course, timers.now() + pauseMs)
    if (course.failures > 0) this.#deps.changed(course.own)
  }

  /** Rejects with UNREACHABLE for any answer but the one, and as Ask does. */
  async #send({ server, capability, noteKey }: Grant, sentAt: number): Promise<void> {
    const { self, addresses, ask, random } = this.#deps
    const note = { device: self.device, sentAt, addresses: addresses().slice(0, limits.wakeAddresses) }
    const body = encodeWakeBody({
      capability,
      class: 'message',
      sentAt,
      nonce: random(wakeSizes.nonce),
      note: sealNote(noteKey, note, random(12)),
    })
    const { status } = await ask(server, {
      method: 'POST',
      path: '/v1/wake',
      type: 'application/octet-stream',
      body,
      timeoutMs: limits.wakeAnswerMs,
      statusAlone: true,
    })
    if (status !== 202) throw new WarrenError('UNREACHABLE', 'the push server did not take a wake')
  }
}
