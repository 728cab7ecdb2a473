/** warren device phrase: the 24 words, until they are written down. */

import type { PhraseAnswers, RecoveryPhrase, ShownPhrase } from '../../protocol/http-phrase.ts'
import type { Call } from './command.ts'
import { currentOf } from './commands/key-slots.ts'
import { askerOf, type Ask } from './secret.ts'

const perLine = 4

/** Numbered, four in a line. */
export function phraseLines(words: readonly string[]): string[] {
  const numbered = words.map((word, at) => `${String(at + 1).padStart(2)} ${word.padEnd(10)}`)
  const lines: string[] = []
  for (let at = 0; at < numbered.length; at += perLine)
    lines.push(
      numbered
        .slice(at, at + perLine)
        .join('')
        .trimEnd(),
    )
  return lines
}

function tellWhere({ out }: Call, { state, writtenAt = 0 }: RecoveryPhrase): void {
  if (state === 'written')
    return out.line(
      `written down on ${new Date(writtenAt).toISOString().slice(0, 10)}; no device of yours has the words`,
    )
  return out.line('the words are kept on another device of yours: look there')
}

/** On stdin all words come in one line: which are asked for is not known before. */
async function answersOf({ values }: Call, ask: Ask, asked: readonly number[]): Promise<string[]> {
  const answers: string[] = []
  if (values['passphrase-stdin'] === true) {
    const all = (await ask('All words, as they were written down: ')).trim().split(/\s+/)
    return asked.map((place) => all[place - 1] ?? '')
  }
  for (const place of asked) answers.push(await ask(`Word ${place}: `))
  return answers
}

/** Shows the words; asks for three of them, and lets the device forget them then. */
export async function showPhrase(call: Call): Promise<void> {
  const status = await call.client.ask<RecoveryPhrase>('GET', '/recovery-phrase')
  if (status.state !== 'unwritten') return call.json ? call.out.json(status) : tellWhere(call, status)
  let asker: Ask | undefined
  const ask = (): Ask => (asker ??= askerOf(call))
  const wish = await currentOf(call, ask)
  const { words, asked } = await call.client.ask<ShownPhrase>('POST', '/recovery-phrase/show', wish)
  if (call.json && call.values['written'] !== true) return call.out.json({ ...status, words, asked })
  if (!call.json) {
    call.out.line(
      'Write these 24 words down, by hand, in their order, and keep them where you keep papers of worth. They',
    )
    call.out.line('bring you back when every device is lost; whoever finds them can be you.')
    for (const line of phraseLines(words)) call.out.line(line)
  }
  if (call.values['written'] !== true && !process.stdin.isTTY)
    return call.out.line('They stay on this device until you say so: warren device phrase --written')
  const body: PhraseAnswers = { answers: await answersOf(call, ask(), asked) }
  const written = await call.client.ask<RecoveryPhrase>('POST', '/recovery-phrase/written', body)
  if (call.json) return call.out.json(written)
  return call.out.line('written down: this device has forgotten the words')
}
