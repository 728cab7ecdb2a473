/** The push server of this device, said to a person. */

import { msg, str } from '@lit/localize'
import type { FormerPushServer, PushServerSettings } from '../../protocol/http-push-server.ts'
import type { ApiErrorCode } from '../client/api-error.ts'
import { errorSentence } from './error-sentence.ts'
import { comingTime, dayText } from './format-time.ts'
import { isolated } from './names.ts'

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

/** `count`: at least one. */
export const groupsSentence = (count: number): string =>
  count === 1
    ? msg('In one group nobody can wake this device: none of your contacts is a member there.')
    : msg(str`In ${count} groups nobody can wake this device: none of your contacts is a member there.`)

const hourMs = 60 * 60 * 1000

/** That not everything was done there; and, if that has been so for more than an hour, since when, and when it is asked again. */
export function troubleSentence(
  { problemSince, nextTryAt }: Pick<PushServerSettings, 'problemSince' | 'nextTryAt'>,
  now: number = Date.now(),
): string {
  if (problemSince === undefined || nextTryAt === undefined || now - problemSince < hourMs)
    return msg('The push server could not be told everything yet. Warren tries again by itself.')
  const [since, next] = [dayText(problemSince), comingTime(nextTryAt, now)]
  return msg(
    str`The push server has failed since ${since}. Warren tries again by itself ever more seldom, next at ${next}. If it is gone for good, use another one, or none.`,
  )
}

/** What is left at a push server that is not used any more. */
export function formerSentence({ server, rows }: FormerPushServer): string {
  const where = isolated(server)
  return rows === 1
    ? msg(
        str`${where} was used before, and has not taken back yet what one person could wake this device with. They hold it no more. Warren tries again by itself; after three months it is worth nothing in any case.`,
      )
    : msg(
        str`${where} was used before, and has not taken back yet what ${rows} people could wake this device with. They hold it no more. Warren tries again by itself; after three months it is worth nothing in any case.`,
      )
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
