/** Joining groups by link. */

import { WarrenError } from '../../protocol/errors.ts'

const unbuilt = (): never => {
  throw new WarrenError('NOT_ALLOWED', 'joining by link is not ready yet')
}

export class JoinDesk {
  look = unbuilt
  join = async (): Promise<never> => await Promise.resolve(unbuilt())
  joining = (): never[] => []
  giveUp = this.join
}
