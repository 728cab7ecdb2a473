/** How hard a passphrase is to guess: an estimate that errs on the low side, and the least that is taken. */

import { utf8 } from '../../protocol/bytes.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { PassphraseStrength } from '../../protocol/http-access.ts'
import { limits } from '../../protocol/limits.ts'
import { normalPassphrase } from '../store/passphrase-slot.ts'

/** What every list of stolen passwords begins with; whatever is left of a text between them is judged by itself. */
const common =
  `password passwort kennwort passphrase geheim secret letmein welcome willkommen welcome1 hello hallo iloveyou
  ichliebedich admin administrator login master qwerty qwertz asdf yxcv zxcv dragon monkey football baseball soccer fussball
  superman batman princess prinzessin sunshine sonnenschein shadow schatz schatzi michael jordan hunter hunter2 starwars pokemon
  computer internet warren test testing default changeme trustno1 whatever freedom liverpool arsenal chelsea summer sommer winter
  spring autumn herbst monday montag friday freitag january januar february august september october oktober november december
  dezember correcthorsebatterystaple correct horse battery staple abc abcd 123 1234 12345 123456 1234567 12345678 123456789 0000 1111`
    .split(/\s+/)
    .toSorted((a, b) => b.length - a.length)

/** One of a list of this kind; one of a dictionary; what each further sign of its class adds. */
const bits = { common: 7, word: 13, letter: 4.7, digit: 3.3, other: 5, repeated: 1, year: 6.5 } as const

/** `aaaa`, `abcd`, `4321`: a sign that follows from the one before adds hardly anything. */
function collapse(text: string): { readonly text: string; readonly dropped: number } {
  const signs = Array.from(text)
  const codes = signs.map((sign) => sign.codePointAt(0) ?? 0)
  const kept = signs.filter((_, at) => {
    const step = (codes[at] ?? 0) - (codes[at - 1] ?? NaN)
    const before = (codes[at - 1] ?? 0) - (codes[at - 2] ?? NaN)
    return !(step === 0 || (Math.abs(step) === 1 && step === before))
  })
  return { text: kept.join(''), dropped: signs.length - kept.length }
}

/** A run of letters may be a word; longer ones may be several, or made up. */
const lettersBits = (length: number): number =>
  Math.min(length * bits.letter, bits.word + Math.max(0, length - 8) * 1.5)

function runBits(run: string): number {
  if (/^\p{L}/u.test(run)) return lettersBits(Array.from(run).length)
  if (/^(?:19|20)\d\d$/.test(run)) return bits.year
  return /^\d/.test(run) ? run.length * bits.digit : Array.from(run).length * bits.other
}

/** Bits of guessing for somebody who knows the language and the usual tricks; each different part counts once. */
function guessBits(text: string): number {
  let rest = text.toLowerCase()
  let sum = 0
  for (const word of common) {
    if (!rest.includes(word)) continue
    rest = rest.replaceAll(word, '\n')
    sum += bits.common
  }
  const seen = new Set<string>()
  for (const part of rest.split('\n')) {
    const { text: plain, dropped } = collapse(part)
    sum += Math.min(dropped, 8) * bits.repeated
    for (const run of plain.match(/\p{L}+|\d+|[^\p{L}\d\s]+/gu) ?? []) {
      sum += seen.has(run) ? bits.repeated : runBits(run)
      seen.add(run)
    }
  }
  // Capitals within are a choice; one at the beginning is what everybody does.
  const capitals = Array.from(text.slice(1)).filter((sign) => sign !== sign.toLowerCase()).length
  return sum + Math.min(capitals, 6)
}

const verdicts = [
  [limits.passphraseLeastBits, 'weak'],
  [45, 'fair'],
  [64, 'good'],
] as const

/** `passphrase` as it is typed, however far. */
export function passphraseStrength(passphrase: string): PassphraseStrength {
  const text = normalPassphrase(passphrase)
  const estimate = Math.floor(guessBits(text))
  if (Array.from(text).length < limits.passphraseLeastCodePoints) {
    return { verdict: 'short', bits: estimate, enough: false }
  }
  const verdict = verdicts.find(([below]) => estimate < below)?.[1] ?? 'strong'
  return { verdict, bits: estimate, enough: verdict !== 'weak' }
}

/** Throws WEAK_PASSPHRASE or TOO_LARGE. */
export function checkPassphrase(passphrase: string): void {
  if (utf8(normalPassphrase(passphrase)).length > limits.passphraseBytes) {
    throw new WarrenError('TOO_LARGE', `a passphrase has at most ${limits.passphraseBytes} bytes`)
  }
  const { verdict, enough } = passphraseStrength(passphrase)
  if (enough) return
  const least = limits.passphraseLeastCodePoints
  const why =
    verdict === 'short' ? `a passphrase has at least ${least} characters` : 'this passphrase is easily guessed'
  throw new WarrenError('WEAK_PASSPHRASE', why)
}
