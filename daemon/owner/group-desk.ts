/** Groups as their owner acts in them. */

import { WarrenError } from '../../protocol/errors.ts'

const unbuilt = (): never => {
  throw new WarrenError('NOT_ALLOWED', 'groups are not ready yet')
}

export class GroupDesk {
  create = async (): Promise<never> => await Promise.resolve(unbuilt())
  patch = this.create
  answer = this.create
  leave = this.create
  close = this.create
  members = unbuilt
  add = this.create
  change = this.create
  remove = this.create
  invites = unbuilt
  invite = this.create
  revoke = this.create
}

export class JoinDesk {
  look = unbuilt
  join = async (): Promise<never> => await Promise.resolve(unbuilt())
  joining = (): never[] => []
  giveUp = this.join
}
