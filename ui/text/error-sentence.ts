/** What went wrong, said to a person: the one table from code to sentence. */

import { msg } from '@lit/localize'
import type { ApiErrorCode } from '../client/api-error.ts'

const sentences: Readonly<Partial<Record<ApiErrorCode, () => string>>> = {
  HOST_NOT_FOUND: () => msg('No device with that name was found. Check the spelling, or use its IP address.'),
  REFUSED: () => msg('That device answered, but Warren is not running there, or on another port.'),
  TIMED_OUT: () => msg('No answer came in time. The device may be off, asleep or behind a firewall.'),
  UNREACHABLE: () => msg('There is no way to that address from here. Are you on the same network or tailnet?'),
  NOT_WARREN: () => msg('Something answered at that address, but it is not Warren.'),
  IDENTITY_MISMATCH: () =>
    msg('Another device answered than the one this link names. Do not trust it; ask for a fresh link.'),
  SELF: () => msg('That is this device itself.'),
  BAD_LINK: () => msg('This is not a whole Warren link or address. Copy it again, from beginning to end.'),
  LINK_EXPIRED: () => msg('This link has expired. Ask for a fresh one.'),
  LINK_CLOSED: () => msg('The connection broke off. Try again.'),
  DAEMON_GONE: () => msg('Warren is not running on this device right now.'),
  FILE_GONE: () => msg('The file cannot be read any more. Remove it, and choose it again.'),
  CLOSING: () => msg('Warren is not running on this device right now.'),
  NOT_RUNNING: () => msg('Warren is not running on this device right now.'),
  LOCKED: () => msg('Warren is locked.'),
  WRONG_PASSPHRASE: () => msg('That was not right. Look for a slip, and at Caps Lock.'),
  WEAK_PASSPHRASE: () => msg('That is too easy to guess. Add another word or two.'),
  RATE_LIMITED: () => msg('That was a lot at once. Wait a moment and try again.'),
  TOO_LARGE: () => msg('That is too long.'),
  NOT_FOUND: () => msg('That is not here any more.'),
  BLOCKED: () => msg('You have blocked this person.'),
  NOT_ALLOWED: () => msg('You cannot write here.'),
  NOT_A_MEMBER: () => msg('You cannot write here.'),
  BAD_CODE: () => msg('This link was already used or is too old.'),
  CONFLICT: () => msg('That is already the case.'),
  STORE_FULL: () => msg('The disk is full.'),
  UNSUPPORTED_VERSION: () => msg('The other device runs a Warren that is too different from this one.'),
  DUPLICATE_DEVICE: () =>
    msg('A copy of this device is running elsewhere. Stop one of the two, and start the other again.'),
  NO_SESSION: () => msg('This browser is not signed in any more.'),
}

export const errorSentence = (code: ApiErrorCode): string => sentences[code]?.() ?? msg('That did not work. Try again.')
