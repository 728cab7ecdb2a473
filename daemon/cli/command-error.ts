/** Why a command ended with 1 (it failed) or 2 (it was used wrongly). */

import type { ErrorCode } from '../../protocol/errors.ts'

export type CommandErrorCode = ErrorCode | 'USAGE'

export class CommandError extends Error {
  readonly code: CommandErrorCode

  constructor(code: CommandErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CommandError'
    this.code = code
  }

  get exitCode(): 1 | 2 {
    return this.code === 'USAGE' ? 2 : 1
  }
}
