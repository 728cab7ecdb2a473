/** warren restore: proves a backup, and puts it into a new home. */

import { resolve } from 'node:path'
import { CommandError } from '../command-error.ts'
import { argument, type Call, type Command } from '../command.ts'
import { askerOf, askSecret, secretOptions } from '../secret.ts'
import { filesText, sizeText } from '../size-text.ts'
import { safeLine, timeText } from '../terminal.ts'

const tellEveryMs = 2000

/** Says how far it is, every now and then. */
function progressOf({ json }: Call): (step: 1 | 2, done: number, total: number) => void {
  let at = Date.now()
  return (step, done, total) => {
    if (json || Date.now() - at < tellEveryMs) return
    at = Date.now()
    const percent = Math.floor((100 * done) / Math.max(1, total))
    process.stderr.write(step === 1 ? `checked ${percent} %\n` : `restored ${percent} %\n`)
  }
}

export const command: Command = {
  name: 'restore',
  arguments: '<file>',
  summary: 'put a backup into a new home, to be read',
  description: [
    'Proves every byte of the backup first: a wrong passphrase, a file that was cut off, and any change are found before anything is written. Then the home is made, whole or not at all. It has to be a new one: name a folder that is not there, or is empty, with --home.',
    'The restored home is an archive: warren start --home shows it, everything can be read and exported, and nothing can be sent, for it does not have the key of the device that it came from. It opens with what opened the backup. To go on from it, make it a device of yours again: warren device join, with the code that another device of yours shows, or warren device recover, with the 24 words.',
    'With --check nothing is written: the backup is only proven.',
    'Files of conversations are in it if the backup was made with --files; what is not in it comes from others once the archive is a device of yours again.',
    'With --json prints {madeAt, rows, conversations, warren, hash, files?: {count, bytes, hash}, home?}.',
  ],
  options: {
    ...secretOptions,
    check: { type: 'boolean', help: 'prove the backup, and write nothing' },
  },
  takes: [1, 1],
  examples: [
    [
      'warren restore warren.backup --home ~/old-warren',
      'Restores it, to be read with warren start --home ~/old-warren.',
    ],
    ['warren restore --check warren.backup', 'Says whether it is whole.'],
  ],
  async run(call) {
    const isCheck = call.values['check'] === true
    const ending = new AbortController()
    process.once('SIGINT', () => ending.abort(new CommandError('CLOSING', 'broken off: nothing was restored')))
    const { signal } = ending
    const made = await call.restoreHome({
      file: resolve(argument(call, 0)),
      secret: await askSecret(call, askerOf(call)),
      home: isCheck ? undefined : call.home,
      signal,
      progress: progressOf(call),
    })
    const { madeAt, rows, conversations, warren, hash, files } = made
    if (call.json)
      return call.out.json({
        madeAt,
        rows,
        conversations,
        warren,
        hash,
        ...(files === undefined ? {} : { files }),
        ...(isCheck ? {} : { home: call.home }),
      })
    const along = files === undefined ? 'without files' : `${filesText(files.count)} of ${sizeText(files.bytes)}`
    call.out.line(`made ${timeText(madeAt)}, whole and unchanged: ${rows} rows, ${conversations} logs, ${along}`)
    if (isCheck) return undefined
    call.out.line(`restored: ${safeLine(call.home)}`)
    return call.out.line(
      'It can be read and exported: warren start with the same --home, then its passphrase. To go on from it: warren device join or recover.',
    )
  },
}
