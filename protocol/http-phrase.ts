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

/** POST /recovery-phrase/show */
export interface PhraseWish {
  /** As in NewBackup: whoever sits at an unlocked page must not carry the words away. */
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
