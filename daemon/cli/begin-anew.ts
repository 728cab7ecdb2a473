/** warren device anew: the words are lost, and somebody with other words goes on. */

import { askLine } from './ask-line.ts'
import { CommandError } from './command-error.ts'
import type { Call } from './command.ts'

const warning =
  'This device begins anew as somebody who has other words. Contacts are asked to follow you, groups have to bring you in again, and what was said is only read from then on.'

/** Asks first, unless `--yes` says so. Throws CONFLICT, USAGE. */
export async function beginAnew(call: Call): Promise<void> {
  const { client, values, out, json } = call
  if (values['yes'] !== true) {
    if (!process.stdin.isTTY) throw new CommandError('USAGE', `${warning} Say --yes`)
    out.line(warning)
    const answer = await askLine('Begin anew? (yes or no) ')
    if (!/^y(?:es)?$/i.test(answer.trim())) throw new CommandError('CONFLICT', 'nothing was changed')
  }
  await client.ask('POST', '/recovery-phrase/anew', {})
  if (json) return out.json({ state: 'anew' })
  out.line('You go on as somebody with other words, and your contacts are asked to follow.')
  return out.line('Write the new words down: warren device phrase')
}
