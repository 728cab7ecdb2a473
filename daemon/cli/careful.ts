/** Says that somebody is not the one that the owner may take them for. */

import type { Lookalike, Mismatch } from '../../protocol/http-people.ts'
import { safeLine } from './terminal.ts'

const words: Readonly<Record<Lookalike['how'], (name: string, known: string) => string>> = {
  'same-name': (name) => `this is not the ${name} you know`,
  'similar-name': (name, known) => `${name} is not ${known}, whom you know: only the names look alike`,
  'your-name': (name) => `${name} has a name like yours`,
  address: (name, known) => `${known} answered at this address before, and now it is ${name}`,
}

interface Shown {
  readonly name: string
  readonly fingerprint: string
  readonly lookalike?: Lookalike
  readonly mismatches?: readonly Mismatch[]
}

const mismatchLine = (name: string, { address, expected, answering }: Mismatch): string =>
  `careful: at ${safeLine(address)} another device answers now than ${name}'s: it may be a new one of theirs, or somebody else (${name} was ${expected}, the other says it is ${answering})`

/** Lines with both fingerprints; none if there is nothing to be careful about. */
export function carefulLines(called: string, shown: Shown): string[] {
  const name = safeLine(called)
  return [...lookalikeLines(name, shown), ...(shown.mismatches ?? []).map((each) => mismatchLine(name, each))]
}

function lookalikeLines(name: string, { fingerprint, lookalike }: Shown): string[] {
  if (lookalike === undefined) return []
  const known = safeLine(lookalike.name)
  const prints = `${name} here is ${fingerprint}, ${lookalike.how === 'your-name' ? 'you are' : `${known} was`} ${lookalike.fingerprint}`
  const proof = lookalike.verified === true ? '. You verified the one you know, and not this one' : ''
  return [`careful: ${words[lookalike.how](name, known)} (${prints})${proof}`]
}
