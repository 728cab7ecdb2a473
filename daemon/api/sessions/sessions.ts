/** Browser sessions: pairing, the mutual proof at each load, bearer tokens of this run, listing and revoking. */

import { WarrenError } from '../../../protocol/errors.ts'
import type { PairAnswer, PairRequest, SessionChallenge, SessionHello, SessionProof } from '../../../protocol/http.ts'
import { PairCodes, type PairCodesDeps } from './pair-codes.ts'
import { digest, equalSecrets, proof, type Hello } from './proof.ts'
import type { SessionRow, SessionStore } from './session-store.ts'

/** A page that said hello has this long to prove itself. */
const challengeMs = 30_000
const mostChallenges = 256
/** One for each open tab. */
const tokensPerSession = 32

interface Challenge extends Hello {
  readonly expiresAt: number
}

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

export class Sessions {
  readonly codes: PairCodes
  readonly #deps: PairCodesDeps
  readonly #rows = new Map<string, SessionRow>()
  /** By the daemon's nonce; oldest first. */
  readonly #challenges = new Map<string, Challenge>()
  /** Session ids by the hash of a token, so that a look-up tells nothing of a token; oldest first. */
  readonly #tokens = new Map<string, string>()
  readonly #onRevoked = new Set<(id: string) => void>()
  #store: SessionStore | undefined

  constructor(deps: PairCodesDeps) {
    this.#deps = deps
    this.codes = new PairCodes(deps)
  }

  async open(store: SessionStore): Promise<void> {
    for (const row of await store.all()) this.#rows.set(row.id, row)
    this.#store = store
  }

  /** Swaps a code for a new session. Throws BAD_CODE. */
  async pair(request: PairRequest): Promise<PairAnswer> {
    const store = this.#opened()
    this.codes.take(request.code)
    const now = this.#deps.now()
    const row: SessionRow = {
      id: Buffer.from(this.#deps.random(16)).toString('hex'), // typed after `warren sessions revoke`: no leading dash
      secret: this.#deps.random(32),
      label: request.label,
      createdAt: now,
      usedAt: now,
    }
    await store.put(row)
    this.#rows.set(row.id, row)
    return { sessionId: row.id, secret: base64url(row.secret) }
  }

  /** Proves this daemon to the page first: someone else on the port fails here. Throws NO_SESSION. */
  hello({ sessionId, nonce }: SessionHello): SessionChallenge {
    const { secret } = this.#row(sessionId)
    const hello = { sessionId, pageNonce: nonce, daemonNonce: base64url(this.#deps.random(16)) }
    this.#challenges.set(hello.daemonNonce, { ...hello, expiresAt: this.#deps.now() + challengeMs })
    dropOldest(this.#challenges, mostChallenges)
    return { nonce: hello.daemonNonce, proof: proof(secret, 'daemon', hello) }
  }

  /** From then on the token that both derive counts. Throws NO_SESSION. */
  async prove(request: SessionProof): Promise<void> {
    const row = this.#row(request.sessionId)
    const challenge = this.#challenges.get(request.nonce)
    this.#challenges.delete(request.nonce)
    const isKnown = challenge?.sessionId === row.id && challenge.expiresAt > this.#deps.now()
    if (!isKnown || !equalSecrets(proof(row.secret, 'page', challenge), request.proof)) {
      throw new WarrenError('NO_SESSION', 'the proof does not fit')
    }
    const used = { ...row, usedAt: this.#deps.now() }
    const store = this.#opened()
    await store.put(used)
    if (!this.#rows.has(row.id)) {
      await store.delete(row.id) // revoked while it was written
      throw new WarrenError('NO_SESSION', 'the session was revoked')
    }
    this.#rows.set(row.id, used)
    this.#keepToken(row.id, proof(row.secret, 'token', challenge))
  }

  /** The session of a bearer token, or undefined. */
  authenticate(token: string | undefined): SessionRow | undefined {
    const id = token === undefined ? undefined : this.#tokens.get(digest(token).toString('hex'))
    return id === undefined ? undefined : this.#rows.get(id)
  }

  /** Newest first. */
  list(): SessionRow[] {
    return [...this.#rows.values()].toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1))
  }

  /** Its tokens stop counting at once. Throws NOT_FOUND. */
  async revoke(id: string): Promise<void> {
    if (!this.#rows.delete(id)) throw new WarrenError('NOT_FOUND', 'no such session')
    for (const [token, owner] of this.#tokens) if (owner === id) this.#tokens.delete(token)
    for (const listener of this.#onRevoked) listener(id)
    await this.#opened().delete(id)
  }

  onRevoked(listener: (id: string) => void): void {
    this.#onRevoked.add(listener)
  }

  #keepToken(id: string, token: string): void {
    this.#tokens.set(digest(token).toString('hex'), id)
    const own = [...this.#tokens].filter(([, owner]) => owner === id).map(([key]) => key)
    for (const key of own.slice(0, -tokensPerSession)) this.#tokens.delete(key)
  }

  #row(id: string): SessionRow {
    const row = this.#rows.get(id)
    if (row === undefined) throw new WarrenError('NO_SESSION', 'no such session: pair this browser again')
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
