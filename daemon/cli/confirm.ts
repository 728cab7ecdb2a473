/** Asks on the terminal before something that cannot be undone. */

import { CommandError } from './command-error.ts'
import type { Call } from './command.ts'

/** What was typed, up to the first newline or the end. */
async function readAnswer({ input }: Call): Promise<string> {
  let text = ''
  for await (const chunk of input) {
    text += Buffer.from(chunk).toString('utf8')
    if (text.includes('\n')) break
  }
  return text.split('\n')[0]?.trim().toLowerCase() ?? ''
}

/** Not with --yes. Throws NOT_ALLOWED with `refused` for any other answer than yes, USAGE with --json. */
export async function confirm(call: Call, warning: string, question: string, refused: string): Promise<void> {
  if (call.values['yes'] === true) return
  if (call.json) throw new CommandError('USAGE', 'with --json nobody is asked: add --yes')
  call.out.line(warning)
  call.out.line(question)
  if ((await readAnswer(call)) !== 'yes') throw new CommandError('NOT_ALLOWED', refused)
}
