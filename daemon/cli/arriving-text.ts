/** How far a long history has come, as the shell says it. */

import type { Arriving } from '../../protocol/http-conversations.ts'

export const arrivingText = ({ left, percent }: Arriving): string =>
  `getting older messages: ${percent} % are here, ${left === 1 ? '1 is' : `${left} are`} to come`
