/** Ends a recovery for a reason that its owner is told. */

import type { RecoveryProblem } from '../../protocol/http-recovery.ts'

export class LookFailed extends Error {
  readonly problem: RecoveryProblem

  constructor(problem: RecoveryProblem) {
    super(problem)
    this.problem = problem
  }
}
