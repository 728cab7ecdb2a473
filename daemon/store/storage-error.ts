/** What the disk, Node and LevelDB say, as errors with a code of ours. */

import { WarrenError, type ErrorCode } from '../../protocol/errors.ts'

interface Raw {
  readonly code: string
  readonly text: string
}

/** The innermost error counts: LevelDB wraps the reason why it cannot open. */
function rawOf(error: unknown): Raw {
  if (!(error instanceof Error)) return { code: '', text: String(error) }
  if (error.cause instanceof Error) return rawOf(error.cause)
  return { code: 'code' in error ? String(error.code) : '', text: error.message }
}

const full = /ENOSPC|EDQUOT|No space left|quota exceeded/i
// ENOENT is what a recursive mkdir() of Node says on a read-only disk.
const unwritable = /EACCES|EPERM|EROFS|ENOENT|ENOTDIR|EEXIST|Permission denied|Read-only file system|Not a directory/i

// A table that is cut off or gone.
const broken = /\.(?:ldb|sst): (?:Invalid argument|No such file)/i

const meanings: Readonly<Partial<Record<ErrorCode, string>>> = {
  STORE_FULL: 'the disk is full',
  STORE_DAMAGED: 'the database is damaged: warren doctor says what can be done',
  HOME_IN_USE: 'another daemon uses this home',
  HOME_UNWRITABLE: 'the home cannot be written',
  STORE_FAILED: 'the disk failed',
}

function codeOf({ code, text }: Raw): ErrorCode {
  if (code === 'LEVEL_LOCKED') return 'HOME_IN_USE'
  if (code === 'LEVEL_CORRUPTION' || text.startsWith('Corruption') || broken.test(text)) return 'STORE_DAMAGED'
  if (full.test(code) || full.test(text)) return 'STORE_FULL'
  return 'STORE_FAILED'
}

const storage = (code: ErrorCode, cause: unknown): WarrenError =>
  new WarrenError(code, meanings[code] ?? 'the disk failed', { cause })

/** STORE_FULL, STORE_DAMAGED, HOME_IN_USE or STORE_FAILED; errors of ours stay as they are. */
export function storageError(cause: unknown): WarrenError {
  return cause instanceof WarrenError ? cause : storage(codeOf(rawOf(cause)), cause)
}

/** As storageError(), for what happens while a home is opened: there a refusal means HOME_UNWRITABLE. */
export function openError(cause: unknown): WarrenError {
  const error = storageError(cause)
  if (error.code !== 'STORE_FAILED' || cause instanceof WarrenError) return error
  const raw = rawOf(cause)
  if (!unwritable.test(raw.code) && !unwritable.test(raw.text)) return error
  // With the file and the reason: the owner alone can mend it.
  return new WarrenError('HOME_UNWRITABLE', `${meanings.HOME_UNWRITABLE}: ${raw.text}`, { cause })
}
