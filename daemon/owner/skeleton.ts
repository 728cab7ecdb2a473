/** Names that look alike have one skeleton: after UTS #39, and regardless of case, accents on letters, blanks and signs. */

import { confusables } from './confusables.ts'

const looks = new Map(
  confusables.flatMap(([looksLike, characters]) => Array.from(characters, (each) => [each, looksLike] as const)),
)

const look = (text: string): string => Array.from(text, (each) => looks.get(each) ?? each).join('')

/** Accents on letters of these scripts are easily overlooked; elsewhere a mark makes another letter. */
const accents = /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+/gu

/** Equal for names that a person may take for each other; of no use for anything else. */
export function skeleton(name: string): string {
  // Twice: a capital and its small letter often look like different letters.
  const plain = look(look(name.normalize('NFKD').replaceAll(accents, '')).toLowerCase()).replaceAll(accents, '')
  const letters = plain.replaceAll(/[^\p{L}\p{N}\p{M}]/gu, '')
  // A name of signs alone is compared as it is.
  if (letters === '') return name.normalize('NFKC').replaceAll(/\s+/gu, '')
  return letters.replaceAll('i', 'l').replaceAll('rn', 'm').replaceAll('vv', 'w')
}
