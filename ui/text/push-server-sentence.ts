/** The push server of this device, said to a person. */

import { msg, str } from '@lit/localize'
import type { PushServerSettings } from '../../protocol/http-push-server.ts'
import type { ApiErrorCode } from '../client/api-error.ts'
import { errorSentence } from './error-sentence.ts'
import { dayText } from './format-time.ts'

export function pushServerSentence({ state, expiresAt, wakers }: PushServerSettings): string {
  switch (state) {
    case 'off':
      return msg('No push server is used.')
    case 'unregistered':
      return msg(
        'This device is not registered there. Only the app of a phone registers; a computer needs no push server.',
      )
    case 'unproven':
      return msg('Registered. The code that proves it is on its way.')
    case 'expired':
      return msg('The registration ran out. It is renewed when the app is opened.')
    case 'registered':
  }
  const until = dayText(expiresAt ?? 0)
  return wakers === 1
    ? msg(str`Registered until ${until}. One person can wake this device.`)
    : msg(str`Registered until ${until}. ${wakers} people can wake this device.`)
}

const unreachable = (): string =>
  msg('The push server cannot be reached. Check the address, and whether you are online.')
const noAddress = (): string =>
  msg('That is not the address of a push server. It begins with https:// and has nothing behind the name.')

const problems: Readonly<Partial<Record<ApiErrorCode, () => string>>> = {
  BAD_SHAPE: noAddress,
  TOO_LARGE: noAddress,
  NOT_WARREN: () => msg('What answers there is no push server, or is set up for another address.'),
  NOT_ALLOWED: () => msg('No push server may be at that address.'),
  HOST_NOT_FOUND: unreachable,
  REFUSED: unreachable,
  UNREACHABLE: unreachable,
  TIMED_OUT: unreachable,
}

/** Why it was not taken. */
export const pushServerProblem = (code: ApiErrorCode): string => problems[code]?.() ?? errorSentence(code)
