/** What comparing safety numbers means, said to a person. */

import { msg, str } from '@lit/localize'
import type { VerificationResult } from '../../protocol/http-people.ts'
import { isolated } from './names.ts'

export type SafetyProblem = Exclude<VerificationResult, 'match'> | 'no-code'

/** `no-code`: something else was scanned. `by`: whose code it is, if the owner knows them. */
export function safetySentence(problem: SafetyProblem, name: string, by = ''): string {
  const [who, other] = [isolated(name), isolated(by)]
  switch (problem) {
    case 'no-code':
      return msg(
        str`That is not the code of a safety number. On ${who}’s device, open your details there, then the safety number, and scan what it shows.`,
      )
    case 'own-code':
      return msg(str`That is your own code. Scan the one on ${who}’s device.`)
    case 'other-person':
      return by === ''
        ? msg(str`This is not ${who}’s code. If it was on ${who}’s own device, you are writing to somebody else.`)
        : msg(str`This is the code of ${other}, not of ${who}.`)
    case 'not-for-you':
      return msg(
        str`${who}’s device shows this code for somebody else. If they opened it in their conversation with you, somebody is in between.`,
      )
    case 'other-keys':
      return msg(
        str`The keys of one of you were replaced, and one device does not know it yet. Try again when both were online. If it stays so, do not trust it.`,
      )
    case 'other-number':
      return msg('The number has changed meanwhile. Compare it again.')
  }
  return problem satisfies never
}
