/** Shapes of the local API: sessions, key slots, the lock. General things are in http.ts. */

/**
 * POST /session/pair: swaps a one-use code for the secret of a new session. Needs no session. Whoever asks again with the
 * same code and nonce soon after gets the same answer: a page that was reloaded in between.
 */
export interface PairRequest {
  code: string
  /** 16 random bytes, base64url, chosen by the page. */
  nonce: string
  /** What the session list shows, such as a browser's name. */
  label: string
}
export interface PairAnswer {
  sessionId: string
  /** 32 bytes, base64url: the page imports it as a non-extractable HMAC key and forgets it. Counts at this Host only. */
  secret: string
}

/**
 * POST /session/hello then POST /session/prove: both sides prove the secret, neither sends it. With nonces n1 (page) and
 * n2 (daemon), 16 bytes each as base64url, all proofs are base64url HMAC-SHA-256 under the secret, over the UTF-8 text
 * `warren/1/<who>\0<sessionId>\0<n1>\0<n2>`, who being `daemon`, `page` and, for the bearer token, `token`.
 */
export interface SessionHello {
  sessionId: string
  nonce: string
}
export interface SessionChallenge {
  nonce: string
  proof: string
}
export interface SessionProof {
  sessionId: string
  /** The daemon's nonce. */
  nonce: string
  proof: string
}

/** GET /sessions; DELETE /sessions/:id. */
export interface SessionInfo {
  id: string
  label: string
  createdAt: number
  usedAt: number
  /** If it is not used until then; use moves it on, up to a year after `createdAt`. */
  expiresAt: number
  current: boolean
}

/** POST /session/code, unix socket only: a one-use code for `warren open`. `printed` codes live 10 minutes, others 60 s. */
export interface CodeRequest {
  printed: boolean
}
/** POST /sessions/links: a code for another browser, which reaches this daemon at the served https address. */
export type ServedLinkRequest = Record<string, never>
export interface CodeAnswer {
  /** `http://127.0.0.1:7717/?open=…#code=…`, or at the served address */
  url: string
  expiresAt: number
}

/** POST /unlock: exactly one of the two. On TCP it needs a session besides. */
export interface UnlockRequest {
  passphrase?: string
  /** As written down; case, spaces and dashes do not matter. */
  recoveryKey?: string
}

/** What opens the home: the file `key` beside it, what the owner knows, or what they have on paper. */
export type KeySlotKind = 'file' | 'passphrase' | 'recovery'

/** GET /key-slots: one for each kind that there is. */
export interface KeySlotInfo {
  kind: KeySlotKind
  /** Epoch milliseconds; not known of files. */
  madeAt?: number
}

/** POST /key-slots: adds a slot, or changes the one of its kind. */
export interface NewKeySlot {
  kind: KeySlotKind
  /** With kind `passphrase`, and only there. */
  passphrase?: string
  /** With kind `passphrase`: in the same step the key file goes, so that every start asks. */
  removeFile?: boolean
  /** Needed as soon as there is a passphrase or a recovery key; the unix socket needs none while there is a key file. */
  current?: UnlockRequest
}
export interface NewKeySlotAnswer {
  /** With kind `recovery`: 14 groups of four, shown this once. */
  recoveryKey?: string
}

/** POST /key-slots/remove. The last slot stays: CONFLICT. */
export interface KeySlotRemoval {
  kind: KeySlotKind
  current?: UnlockRequest
}

/** POST /key-slots/strength `{passphrase}`, as far as it was typed. */
export interface PassphraseStrength {
  verdict: 'short' | 'weak' | 'fair' | 'good' | 'strong'
  /** An estimate on the low side of how many guesses it takes, as a power of two. */
  bits: number
  /** It would be taken. */
  enough: boolean
}

/** GET /lock, PATCH /lock. */
export interface LockSettings {
  /** The daemon locks itself when its owner did nothing for so long; 0: never. */
  idleMinutes: number
  /** False while nothing but the key file opens the home. */
  canLock: boolean
}
export interface LockPatch {
  idleMinutes: 0 | 5 | 15 | 60
}
