/** Shapes of the local API: the 24 words that bring a person back. */

import type { UnlockRequest } from './http-access.ts'

/**
 * GET /recovery-phrase. `unwritten`: the words are kept on this device until they are written down. `written`: they are on paper, and nowhere
 * else. `elsewhere`: another device of the owner keeps them.
 */
export interface RecoveryPhrase {
  state: 'unwritten' | 'written' | 'elsewhere'
  /** Epoch milliseconds; with `written`. */
  writtenAt?: number
}

/** GET /recovery-phrase/anew: what beginning anew does, and POST: what it did. */
export interface BeginningAnew {
  /** Contacts are asked to follow. Not where somebody filled the log of the person: they have to be told in another way then. */
  asksContacts: boolean
}

/** POST /recovery-phrase/show and /recovery-phrase/anew */
export interface PhraseWish {
  /** As in NewBackup: whoever sits at an unlocked page must not carry the words away, nor end who the owner is. */
  current?: UnlockRequest
}

export interface ShownPhrase {
  /** In their order. */
  words: string[]
  /** Which three are asked for when the owner says that they are written down: their places, from 1 on. */
  asked: number[]
}

/** POST /recovery-phrase/written: what stands at the places that were asked for. */
export interface PhraseAnswers {
  answers: string[]
}
