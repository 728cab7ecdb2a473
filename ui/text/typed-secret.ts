/** What a person typed to unlock: a recovery key is told from a passphrase by its looks, so that there is one field for both. */

import type { UnlockRequest } from '../../protocol/http-access.ts'

const recoveryLetters = 56

export function typedSecret(text: string): UnlockRequest {
  const plain = text.replace(/[\s\p{Dash_Punctuation}]/gu, '')
  return plain.length === recoveryLetters && /^[0-9a-z]+$/i.test(plain) ? { recoveryKey: text } : { passphrase: text }
}
