/** The flags and the words of warren start --sleepy. */

import type { RunningDaemon } from '../options.ts'
import { SleepyPhone, type PhoneWord, type SleepyPhoneOptions } from '../sleepy-phone.ts'
import { CommandError } from './command-error.ts'
import { textValue, type Call } from './command.ts'
import type { Output } from './output.ts'

const usualSeconds = 5

/** Undefined without --sleepy. Throws USAGE. */
export function sleepyOptions({ values }: Call, home: string): SleepyPhoneOptions | undefined {
  const [pushUrl, after] = [textValue(values, 'push-url'), textValue(values, 'sleep-after')]
  if (values['sleepy'] !== true) {
    if (pushUrl !== undefined || after !== undefined)
      throw new CommandError('USAGE', '--push-url and --sleep-after go with --sleepy')
    return undefined
  }
  if (after !== undefined && !/^[1-9]\d{0,4}$/.test(after))
    throw new CommandError('USAGE', '--sleep-after is a number of seconds, 1 to 99999')
  const sleepAfterMs = Number(after ?? usualSeconds) * 1000
  return { home, sleepAfterMs, ...(pushUrl === undefined ? {} : { pushUrl }) }
}

function inWords(word: PhoneWord): string {
  switch (word.is) {
    case 'phone':
      return `Pushes are taken at ${word.socket}, for the token ${word.token}`
    case 'registered':
      return `Others can wake this device through ${word.server}`
    case 'asleep':
      return 'Asleep'
    case 'awake':
      return 'Awake'
    case 'came':
      return `Came since: ${word.conversations.map(({ count }) => count).reduce((sum, each) => sum + each, 0)} messages`
    case 'failed':
      return `It could not ${word.what}: ${word.code}`
    default:
      return word satisfies never
  }
}

const sayTo =
  (out: Output, isJson: boolean) =>
  (word: PhoneWord): void => {
    if (isJson) out.json(word)
    else out.line(inWords(word))
  }

export const startSleepyPhone = async (
  { out, json }: Call,
  daemon: RunningDaemon,
  options: SleepyPhoneOptions,
): Promise<SleepyPhone> => await SleepyPhone.open({ daemon, say: sayTo(out, json) }, options)
