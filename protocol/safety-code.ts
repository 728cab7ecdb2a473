/** What a screen shows to be scanned: whose number it is made of, and for whom. A link that leads nowhere. */

import { concat, sameBytes } from './bytes.ts'
import { linkText, readLink } from './contact-link.ts'
import { idBytes, personIdOf, type PersonId } from './ids.ts'
import { safetyKeys, type SafetySubject } from './safety.ts'

/** A person as one side knows them. */
export interface CodeSubject {
  readonly person: PersonId
  /** The first 16 bytes of safetyKeys(). */
  readonly keys: Uint8Array
}

export interface SafetyCode {
  /** Whose device shows the code. */
  readonly shownBy: CodeSubject
  /** Whom it is shown to. */
  readonly shownTo: CodeSubject
}

const type = 4
const keyBytes = 16

export const codeSubject = (subject: SafetySubject): CodeSubject => ({
  person: subject.person,
  keys: safetyKeys(subject).slice(0, keyBytes),
})

const bytesOf = ({ person, keys }: CodeSubject): Uint8Array => concat(idBytes(person), keys)

export const encodeSafetyCode = ({ shownBy, shownTo }: SafetyCode): string =>
  linkText(concat(Uint8Array.of(type), bytesOf(shownBy), bytesOf(shownTo)))

/** As readContactLink(). Throws BAD_LINK. */
export const readSafetyCode = (text: unknown): SafetyCode =>
  readLink(text, 'safety', (from) => {
    const subject = (): CodeSubject => ({ person: personIdOf(from.take(32)), keys: from.take(keyBytes) })
    const code = { shownBy: subject(), shownTo: subject() }
    from.end()
    return code
  })

/**
 * `own-code`: it is shown by whoever scans it. `other-person`: by somebody else than the contact. `not-for-you`: by the contact, for
 * somebody else. `other-keys`: the two know of different acts of a recovery key.
 */
export type CodeMatch = 'match' | 'own-code' | 'other-person' | 'not-for-you' | 'other-keys'

const same = (a: CodeSubject, b: CodeSubject): boolean => a.person === b.person && sameBytes(a.keys, b.keys)

/** What a scanned code says, to somebody who is `me`, of the contact `them`. */
export function matchSafetyCode({ shownBy, shownTo }: SafetyCode, me: CodeSubject, them: CodeSubject): CodeMatch {
  if (shownBy.person === me.person) return 'own-code'
  if (shownBy.person !== them.person) return 'other-person'
  if (shownTo.person !== me.person) return 'not-for-you'
  return same(shownBy, them) && same(shownTo, me) ? 'match' : 'other-keys'
}
