/** Which limits no test proves at their boundary. */

import { posix } from 'node:path'
import type { SourceFile } from './source-files.ts'

/** Where the proofs are made; nothing else of such a name counts. */
const maker = 'test/limits/boundary.ts'
const proof = /(?<![\w.])(boundary|upTo|lasts)\(\s*t,\s*'(\w+)'/g

/** The names in `limits`, in the order of the file. */
export const namesOf = (limitsSource: string): string[] =>
  [...limitsSource.matchAll(/^ {2}(\w+):/gm)].flatMap(([, name]) => name ?? [])

/** What runs: no comments. A `//` within a text, as of a URL, takes the rest of its line along, which proves nothing then. */
const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')

/** What a file takes from the maker of proofs, under its own name. */
function takenFrom({ path, text }: SourceFile): Set<string> {
  const imports = [...text.matchAll(/^import \{([^}]*)\} from '(\.[^']*)'/gm)]
  const own = imports.filter(([, , from]) => posix.join(posix.dirname(path), from ?? '') === maker)
  return new Set(own.flatMap(([, names]) => (names ?? '').split(',').map((name) => name.trim())))
}

/**
 * The limits that a test file proves. boundary() takes both attempts as they are written there: where `limits.name` is not
 * spoken of in the file, they try something else.
 */
function provenIn(file: SourceFile): string[] {
  const taken = takenFrom(file)
  const text = withoutComments(file.text)
  return [...text.matchAll(proof)].flatMap(([, how = '', name = '']) => {
    const isSpokenOf = how !== 'boundary' || new RegExp(`\\blimits\\.${name}\\b`).test(text)
    return taken.has(how) && isSpokenOf ? [name] : []
  })
}

/** One line for each limit without a proof. */
export function unproven(names: readonly string[], tests: readonly SourceFile[]): string[] {
  const proven = new Set(tests.flatMap((file) => provenIn(file)))
  return names.flatMap((name) =>
    proven.has(name) ? [] : [`no test proves limits.${name} at its boundary: use ${maker}`],
  )
}
