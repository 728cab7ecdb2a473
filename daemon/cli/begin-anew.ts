/** warren device anew: the words are lost, and somebody with other words goes on. */

import type { BeginningAnew } from '../../protocol/http-phrase.ts'
import { askLine } from './ask-line.ts'
import { CommandError } from './command-error.ts'
import type { Call } from './command.ts'
import { currentOf } from './commands/key-slots.ts'
import { groupsOf } from './groups/find.ts'
import { askerOf } from './secret.ts'
import { safeLine } from './terminal.ts'

const warning = 'This device begins anew as somebody who has other words, and what was said is only read from then on.'
const followed = 'Your contacts are asked to follow.'
const alone =
  'The log of your devices is full: your contacts cannot be asked to follow. They get a request of somebody new; tell them yourself that it is you.'

/** What is left behind, while something can still be done about it. */
async function groupLines(call: Call): Promise<string[]> {
  const joined = (await groupsOf(call.client)).filter(({ group }) => group.standing === 'joined')
  if (joined.length === 0) return []
  return [
    'You stay behind in these groups, where nobody can speak for you then. Somebody there has to bring you in again, or you leave or hand over first (warren group leave, warren group transfer):',
    ...joined.map(({ name, group }) => `  ${safeLine(name)}${group.rights.transfer ? ' - it is yours' : ''}`),
  ]
}

/** Asks first, unless `--yes` says so. Throws CONFLICT, USAGE. */
export async function beginAnew(call: Call): Promise<void> {
  const { client, values, out, json } = call
  const { asksContacts } = await client.ask<BeginningAnew>('GET', '/recovery-phrase/anew')
  if (values['yes'] !== true) {
    if (!process.stdin.isTTY) throw new CommandError('USAGE', `${warning} Say --yes`)
    for (const line of [warning, asksContacts ? followed : alone, ...(await groupLines(call))]) out.line(line)
    const answer = await askLine('Begin anew? (yes or no) ')
    if (!/^y(?:es)?$/i.test(answer.trim())) throw new CommandError('CONFLICT', 'nothing was changed')
  }
  const wish = await currentOf(call, () => askerOf(call))
  const begun = await client.ask<BeginningAnew>('POST', '/recovery-phrase/anew', wish)
  if (json) return out.json({ state: 'anew', ...begun })
  out.line(`You go on as somebody with other words. ${begun.asksContacts ? followed : alone}`)
  return out.line('Write the new words down: warren device phrase')
}
