/** Why the linking of a device came to nothing, in words for its owner. */

import { msg } from '@lit/localize'
import type { LinkingProblem } from '../../protocol/http-devices.ts'

export function linkingSentence(problem: LinkingProblem): string {
  switch (problem) {
    case 'nobody':
      return msg('No device that answers shows a code. Show one on the other device, or type its address here.')
    case 'wrong-code':
      return msg('That is not the code that the other device shows.')
    case 'used-up':
      return msg('Too many wrong codes were tried. Nothing was linked.')
    case 'other-words':
      return msg('The words differ: somebody may be in between. Nothing was linked.')
    case 'expired':
      return msg('Nobody answered in time.')
    case 'not-theirs':
      return msg('Another device answers there than the one whose code this is.')
    case 'same-person':
      return msg('That device is yours already.')
    case 'other-person':
      return msg('That device is somebody else’s. A backup is linked with a device of the person whose it is.')
    case 'unreachable':
      return msg('The other device cannot be reached.')
    case 'cancelled':
    case 'failed':
      return msg('It was ended, or the connection broke. Nothing was linked.')
  }
  return problem satisfies never
}
