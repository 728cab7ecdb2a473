/** Why coming back with the 24 words came to nothing, said to a person. */

import { msg } from '@lit/localize'
import type { RecoveryProblem } from '../../protocol/http-recovery.ts'

export function recoverySentence(problem: RecoveryProblem): string {
  switch (problem) {
    case 'nobody':
      return msg(
        'No device that answers knows you by these words. Type the address of a contact of yours, or of another device of yours.',
      )
    case 'replaced':
      return msg('These words were replaced by newer ones. Use those.')
    case 'several':
      return msg(
        'The devices that answer name more than one person with these words, so none of them is believed. Type the address of somebody whom you trust.',
      )
    case 'not-here':
      return msg(
        'As far as this home knows these are not its words: they are somebody else’s, or newer than it. If they are newer, go on near a contact or another device of yours, or with its address.',
      )
    case 'same-person':
      return msg('This device is yours already.')
    case 'unreachable':
      return msg('The other device cannot be reached.')
    case 'full':
      return msg('The log of your devices is full: no more devices fit into it.')
    case 'expired':
      return msg('That took too long. Begin again.')
    case 'cancelled':
    case 'failed':
      return msg('It was ended, or the connection broke. Nothing was changed.')
  }
  return problem satisfies never
}
