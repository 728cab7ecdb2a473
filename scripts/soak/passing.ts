/** Asks a daemon that may die, be locked or be frozen at any moment. */

import { CommandError } from '../../daemon/cli/command-error.ts'
import type { Member } from './member.ts'
import { pass } from './pass.ts'

/** What these say comes from a daemon that is not up, or not open, at this moment. */
const passing = new Set(['NOT_RUNNING', 'CLOSING', 'LOCKED'])
const againMs = 50

export const isPassing = (error: unknown): boolean => error instanceof CommandError && passing.has(error.code)
export const isRefusal = (error: unknown): boolean => error instanceof CommandError && error.code === 'NOT_ALLOWED'

/** Does it until the daemon has answered; what it answers but a passing no is the caller's. `again` is called before each new attempt. */
export async function persist<T>(member: Member, doing: () => Promise<T>, again: () => void = () => {}): Promise<T> {
  for (;;) {
    await member.whenUp()
    try {
      return await doing()
    } catch (error) {
      if (!isPassing(error)) throw error
    }
    again()
    await pass(againMs)
  }
}
