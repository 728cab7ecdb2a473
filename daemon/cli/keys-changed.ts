/** Says that a verified person is not verified any more. */

import type { Contact } from '../../protocol/http-people.ts'
import { safeLine } from './terminal.ts'

/** One line; none if nothing of the kind happened. */
export const keysChangedLines = (called: string, { keysChanged }: Contact): string[] =>
  keysChanged === true
    ? [
        `careful: the keys of ${safeLine(called)} were replaced since you verified them: ask them, in another way, and compare again with warren verify`,
      ]
    : []
