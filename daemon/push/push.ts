/** How this device is woken: at which push server it is registered, and who may wake it. */

import { fromBase64url, toBase64url } from '../../protocol/base64url.ts'
import { deriveBytes } from '../../protocol/crypto.ts'
import { errorCode, WarrenError } from '../../protocol/errors.ts'
import type { PushServerSettings } from '../../protocol/http-push-server.ts'
import type { DeviceId, PersonId } from '../../protocol/ids.ts'
import { readPushServer } from '../../protocol/push-server.ts'
import { utf8 } from '../../protocol/bytes.ts'
import { openNote, type WakeNote } from '../../protocol/wake-note.ts'
import { serverKeyFor, wakeKeysFor } from '../../protocol/wake-keys.ts'
import { checkTarget, wakeSizes, type PushTarget } from '../../protocol/wake.ts'
import { dayMs, Granting, type GrantingDeps } from './granting.ts'
import { ServerClient } from './server-client.ts'
import type { Trouble } from './troubles.ts'
import { noRegistration } from './wake-rows.ts'

export interface PushDeps extends Omit<GrantingDeps, 'secret'> {
  /** Of the device; what only this device can derive follows from it. */
  readonly seed: Uint8Array
  readonly personOf: (device: DeviceId) => PersonId | undefined
}

/** The secret of section 24: it follows from the device's, so that a home that was put back can still revoke. 32 bytes. */
const wakeSecret = (seed: Uint8Array): Uint8Array => deriveBytes(seed, new Uint8Array(), utf8('warren/1/wake'))

const renewAfterMs = 7 * dayMs
/** So long a code may take to come back. */
const codeMs = 10 * 60 * 1000

export class Push {
  readonly #deps: PushDeps
  readonly #secret: Uint8Array
  readonly #granting: Granting

  constructor(deps: PushDeps) {
    this.#deps = deps
    this.#secret = wakeSecret(deps.seed)
    this.#granting = new Granting({ ...deps, secret: this.#secret })
  }

  /** Asks for what is due: to be called once the rooms are open, and whenever the device wakes. */
  async resumed(): Promise<void> {
    this.changed()
    const { attested, target, server, pending } = this.#deps.book.registration
    if (server === '' || target === undefined || this.#isYoung(attested?.since, renewAfterMs)) return
    if (this.#isYoung(pending?.since, codeMs)) return
    if (!this.#granting.troubles.mayAsk(server)) return
    try {
      await this.#begin(target)
    } catch (error) {
      this.#deps.log('warn', 'the push server could not be asked to renew', { code: errorCode(error) })
      if (errorCode(error) !== 'CLOSING') await this.#granting.troubles.failed(server, error)
    }
  }

  #isYoung(since: number | undefined, ms: number): boolean {
    const age = this.#deps.timers.now() - (since ?? 0)
    return since !== undefined && age >= 0 && age < ms
  }

  /** Contacts, groups or what was registered changed. */
  changed(): void {
    const { book } = this.#deps
    if (book.registration.attested !== undefined || book.given().length > 0) this.#granting.soon()
  }

  settings(): PushServerSettings {
    const { server, target, attested } = this.#deps.book.registration
    const { problem, troubles, groups } = this.#granting
    const isOpen = server !== '' && problem !== undefined
    return {
      server,
      state: this.#state(),
      ...(target === undefined ? {} : { platform: target.platform }),
      ...(attested === undefined ? {} : { registeredAt: attested.since, expiresAt: (attested.expiresDay + 1) * dayMs }),
      wakers: this.#granting.count,
      groups: groups.named,
      groupsWithout: groups.without,
      ...(isOpen ? { problem, ...times(troubles.of(server)) } : {}),
      former: this.#granting.former().map(({ trouble, ...each }) => ({ ...each, ...times(trouble) })),
    }
  }

  #state(): PushServerSettings['state'] {
    const { server, target, attested } = this.#deps.book.registration
    if (server === '') return 'off'
    if (target === undefined) return 'unregistered'
    if (attested === undefined) return 'unproven'
    return (attested.expiresDay + 1) * dayMs <= this.#deps.timers.now() ? 'expired' : 'registered'
  }

  /**
   * Uses this push server from now on, or none; what was left at another one is taken back. The one that is used already is tried again at once. Rejects with BAD_SHAPE, NOT_WARREN for
   * what is no push server, and as Ask does. Then everything is as it was.
   */
  async use(server: string | undefined): Promise<void> {
    const { book, ask, changed } = this.#deps
    const before = book.registration
    const origin = server === undefined ? '' : readPushServer(server.replace(/\/$/, '')).origin
    if (origin !== '') await new ServerClient(ask, origin).check()
    if (origin === before.server) return await this.#again()
    await book.register({ ...noRegistration, server: origin, target: before.target })
    this.#granting.anew()
    changed()
    if (origin !== '' && before.target !== undefined) await this.resumed()
  }

  /** The owner wants what failed to be tried now. */
  async #again(): Promise<void> {
    this.#granting.again()
    await this.resumed()
  }

  /**
   * Names where pushes reach this device, and has a code pushed there: verify() takes it, with the id that this answers. The same target
   * again renews. Rejects with CONFLICT while no push server is used, BAD_SHAPE, TOO_LARGE, NOT_ALLOWED for what the server does not serve, and as Ask does.
   */
  async register(target: PushTarget): Promise<{ readonly pendingId: string }> {
    checkTarget(target)
    if (this.#deps.book.registration.server === '')
      throw new WarrenError('CONFLICT', 'no push server is used: choose one first')
    return { pendingId: await this.#begin(target) }
  }

  async #begin(target: PushTarget): Promise<string> {
    const { book, ask, random, timers, changed } = this.#deps
    const { server } = book.registration
    const id = await new ServerClient(ask, server).register(this.#key(server), target, random(wakeSizes.nonce))
    const now = book.registration
    if (now.server !== server) throw new WarrenError('CONFLICT', 'another push server was chosen meanwhile')
    const isSame = now.target !== undefined && sameTarget(now.target, target)
    const attested = isSame ? now.attested : undefined
    await book.register({ server, target, attested, pending: { id, since: timers.now() } })
    changed()
    return toBase64url(id)
  }

  #key(server: string): ReturnType<typeof serverKeyFor> {
    return serverKeyFor(this.#secret, server)
  }

  /** What the last registration or renewal waits for a code of; undefined if nothing does. */
  get pendingId(): string | undefined {
    const { pending } = this.#deps.book.registration
    return pending === undefined ? undefined : toBase64url(pending.id)
  }

  /**
   * Takes the code (16 bytes) that was pushed here. From then on contacts can wake this device. Rejects with CONFLICT where nothing was
   * registered, BAD_SHAPE, NOT_ALLOWED for a wrong or old code, and as Ask does.
   */
  async verify(pendingId: string, code: Uint8Array): Promise<void> {
    const { book, ask, timers, changed } = this.#deps
    const { server, target } = book.registration
    if (server === '' || target === undefined) throw new WarrenError('CONFLICT', 'nothing was registered')
    const proven = await new ServerClient(ask, server).verify(this.#key(server), fromBase64url(pendingId), code)
    const now = book.registration
    if (now.server !== server || now.target === undefined || !sameTarget(now.target, target))
      throw new WarrenError('CONFLICT', 'something else was registered meanwhile')
    await book.register({ server, target, attested: { ...proven, since: timers.now() }, pending: undefined })
    this.#granting.anew()
    // Perhaps there is nothing else to ask it for.
    await this.#granting.troubles.answered(server)
    changed()
  }

  /** What a contact's wake says, of a device that is known as the contact's; undefined for all else. */
  openNote(sealed: Uint8Array): (WakeNote & { readonly person: PersonId }) | undefined {
    const { book, personOf } = this.#deps
    for (const { person, revision, server } of book.given()) {
      if (server === '') continue
      const note = opened(wakeKeysFor(this.#secret, person, revision).noteKey, sealed)
      if (note !== undefined) return personOf(note.device) === person ? { ...note, person } : undefined
    }
    return undefined
  }

  async close(): Promise<void> {
    await this.#granting.close()
  }
}

const times = (trouble: Trouble | undefined): { problemSince?: number; nextTryAt?: number } =>
  trouble === undefined ? {} : { problemSince: trouble.since, nextTryAt: trouble.notBefore }

const sameTarget = (a: PushTarget, b: PushTarget): boolean =>
  a.platform === b.platform &&
  a.environment === b.environment &&
  a.topic === b.topic &&
  Buffer.compare(a.token, b.token) === 0

function opened(noteKey: Uint8Array, sealed: Uint8Array): WakeNote | undefined {
  try {
    return openNote(noteKey, sealed)
  } catch (error) {
    if (error instanceof WarrenError) return undefined
    throw error
  }
}
