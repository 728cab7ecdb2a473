/** Browser sessions: pairing, the mutual proof at each load, bearer tokens of this run, listing, their end. */

import { WarrenError } from '../../../protocol/errors.ts'
import type {
  PairAnswer,
  PairRequest,
  SessionChallenge,
  SessionHello,
  SessionProof,
} from '../../../protocol/http-access.ts'
import { PairCodes, type PairCodesDeps } from './pair-codes.ts'
import { digest, equalSecrets, proof, siteKey, type Hello } from './proof.ts'
import { hasExpired } from './session-life.ts'
import type { SessionRow, SessionStore } from './session-store.ts'

/** A page that said hello has this long to prove itself. */
const challengeMs = 30_000
const mostChallenges = 256
/** One for each open tab. */
const tokensPerSession = 32
/** How stale the time of last use may be after a crash. */
const noteUseEveryMs = 60 * 60_000

interface Challenge extends Hello {
  /** Of the session, at the Host that was asked. */
  readonly key: Uint8Array
  readonly expiresAt: number
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

export class Sessions {
  readonly codes: PairCodes
  readonly #deps: PairCodesDeps
  readonly #rows = new Map<string, SessionRow>()
  /** When a session's time of use was last written. */
  readonly #notedAt = new Map<string, number>()
  /** By the daemon's nonce; oldest first. */
  readonly #challenges = new Map<string, Challenge>()
  /** Session ids by the hash of a token, so that a look-up tells nothing of a token; oldest first. */
  readonly #tokens = new Map<string, string>()
  /** Ended, and perhaps still on the disk. */
  readonly #lingering = new Set<string>()
  readonly #onEnded = new Set<(id: string) => void>()
  #store: SessionStore | undefined

  constructor(deps: PairCodesDeps) {
    this.#deps = deps
    this.codes = new PairCodes(deps)
  }

  async open(store: SessionStore): Promise<void> {
    for (const row of await store.all()) this.#know(row)
    this.#store = store
    await this.endExpired()
  }

  /** Swaps a code for a new session of the page at `host`. Throws BAD_CODE. */
  async pair(request: PairRequest, host: string): Promise<PairAnswer> {
    this.#opened()
    const id = await this.codes.swap(request.code, request.nonce, async () => await this.#create(request.label))
    const { secret } = this.#row(id)
    return { sessionId: id, secret: base64url(siteKey(secret, id, host)) }
  }

  async #create(label: string): Promise<string> {
    const now = this.#deps.now()
    const row: SessionRow = {
      id: Buffer.from(this.#deps.random(16)).toString('hex'), // typed after `warren sessions revoke`: no leading dash
      secret: this.#deps.random(32),
      label,
      createdAt: now,
      usedAt: now,
    }
    await this.#opened().put(row)
    this.#know(row)
    return row.id
  }

  #know(row: SessionRow): void {
    this.#rows.set(row.id, row)
    this.#notedAt.set(row.id, row.usedAt)
  }

  /** Proves this daemon to the page first: someone else on the port fails here. Throws NO_SESSION. */
  hello({ sessionId, nonce }: SessionHello, host: string): SessionChallenge {
    const key = siteKey(this.#row(sessionId).secret, sessionId, host)
    const hello = { sessionId, pageNonce: nonce, daemonNonce: base64url(this.#deps.random(16)) }
    this.#challenges.set(hello.daemonNonce, { ...hello, key, expiresAt: this.#deps.now() + challengeMs })
    dropOldest(this.#challenges, mostChallenges)
    return { nonce: hello.daemonNonce, proof: proof(key, 'daemon', hello) }
  }

  /** From then on the token that both derive counts. Throws NO_SESSION. */
  async prove(request: SessionProof): Promise<void> {
    const row = this.#row(request.sessionId)
    const challenge = this.#challenges.get(request.nonce)
    this.#challenges.delete(request.nonce)
    const isKnown = challenge?.sessionId === row.id && challenge.expiresAt > this.#deps.now()
    if (!isKnown || !equalSecrets(proof(challenge.key, 'page', challenge), request.proof)) {
      throw new WarrenError('NO_SESSION', 'the proof does not fit')
    }
    await this.#noteUse(row)
    if (!this.#rows.has(row.id)) throw new WarrenError('NO_SESSION', 'the session was revoked')
    this.#keepToken(row.id, proof(challenge.key, 'token', challenge))
  }

  /** The session of a bearer token, which counts as used now, or undefined. */
  authenticate(token: string | undefined): SessionRow | undefined {
    const id = token === undefined ? undefined : this.#tokens.get(digest(token).toString('hex'))
    const row = id === undefined ? undefined : this.#rows.get(id)
    const now = this.#deps.now()
    if (row === undefined) return undefined
    if (hasExpired(row, now)) {
      void this.endExpired().catch(() => undefined) // it is refused all the same, and removed in a while
      return undefined
    }
    const used = { ...row, usedAt: now }
    this.#rows.set(row.id, used)
    if (now - (this.#notedAt.get(row.id) ?? 0) >= noteUseEveryMs) {
      this.#noteUse(used).catch(() => this.#notedAt.delete(row.id)) // at the next use, then
    }
    return used
  }

  /** It was neither revoked nor has it expired. */
  isLive(id: string): boolean {
    const row = this.#rows.get(id)
    return row !== undefined && !hasExpired(row, this.#deps.now())
  }

  /** Newest first. */
  list(): SessionRow[] {
    return [...this.#rows.values()].toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1))
  }

  /** Its tokens stop counting at once; durable when it resolves, and if it rejects it can be asked again. Throws NOT_FOUND. */
  async revoke(id: string): Promise<void> {
    if (!this.#rows.has(id) && !this.#lingering.has(id)) throw new WarrenError('NOT_FOUND', 'no such session')
    if (this.#rows.has(id)) this.#end(id)
    await this.#remove(id)
  }

  /** Ends what was not used for too long or is too old, open sockets too; and what could not be written as ended before. */
  async endExpired(): Promise<void> {
    const now = this.#deps.now()
    for (const row of this.list()) if (hasExpired(row, now)) this.#end(row.id)
    for (const id of this.#lingering) await this.#remove(id)
  }

  /** Hears the id of each session that was revoked or has expired. */
  onEnded(listener: (id: string) => void): void {
    this.#onEnded.add(listener)
  }

  #end(id: string): void {
    this.#rows.delete(id)
    this.#notedAt.delete(id)
    for (const [token, owner] of this.#tokens) if (owner === id) this.#tokens.delete(token)
    this.#lingering.add(id)
    for (const listener of this.#onEnded) listener(id)
  }

  async #remove(id: string): Promise<void> {
    await this.#opened().delete(id)
    this.#lingering.delete(id)
  }

  /** Durable when it resolves. */
  async #noteUse(row: SessionRow): Promise<void> {
    const store = this.#opened()
    const used = { ...row, usedAt: this.#deps.now() }
    this.#know(used)
    await store.put(used)
    if (!this.#rows.has(row.id)) await store.delete(row.id) // it ended while it was written
  }

  #keepToken(id: string, token: string): void {
    this.#tokens.set(digest(token).toString('hex'), id)
    const own = [...this.#tokens].filter(([, owner]) => owner === id).map(([key]) => key)
    for (const key of own.slice(0, -tokensPerSession)) this.#tokens.delete(key)
  }

  #row(id: string): SessionRow {
    const row = this.#rows.get(id)
    if (row === undefined || hasExpired(row, this.#deps.now()))
      throw new WarrenError('NO_SESSION', 'no such session: pair this browser again')
    return row
  }

  #opened(): SessionStore {
    if (this.#store === undefined) throw new WarrenError('NOT_RUNNING', 'the daemon is still starting')
    return this.#store
  }
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}
