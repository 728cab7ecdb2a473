/** warren doctor: looks through all data of a home, and mends it. */

import type { Examination, Finding, FindingKind } from '../../../protocol/examination.ts'
import { CommandError } from '../command-error.ts'
import type { ExaminedHome } from '../../examine-home.ts'
import type { Call, Command } from '../command.ts'
import { askerOf, askSecret, secretOptions } from '../secret.ts'

const names: Readonly<Record<FindingKind, readonly [one: string, many: string]>> = {
  database: ['file of the database is damaged', 'files of the database are damaged'],
  identity: ['key of this device is damaged', 'keys of this device are damaged'],
  row: ['record beside the messages is damaged', 'records beside the messages are damaged'],
  'entry-damaged': ['message is damaged', 'messages are damaged'],
  'entry-missing': ['message is gone from the disk', 'messages are gone from the disk'],
  order: ['message is missing in its list', 'messages are missing in their list'],
  'client-id': ['sent message is not noted as sent', 'sent messages are not noted as sent'],
  position: ['log says another end than it has', 'logs say another end than they have'],
  file: ['file that came with a message is damaged or gone', 'files that came with messages are damaged or gone'],
  key: ['key of messages is not here', 'keys of messages are not here'],
}

const outcomes: Readonly<Record<Finding['outcome'], string>> = {
  mended: 'mended',
  wanted: 'asked of peers, who send what they hold',
  open: 'mended by warren doctor --repair',
}

/** What a running daemon could not mend by itself. */
const needsStop = 'mended by warren stop, then warren doctor --repair'

const asLine = ({ kind, count, outcome }: Finding, repair: boolean): string =>
  `${count} ${names[kind][count === 1 ? 0 : 1]}: ${repair && outcome === 'open' ? needsStop : outcomes[outcome]}`

const isRunning = ({ state }: Examination): boolean => state === 'running'
const pollMs = 300
const tellEveryMs = 2000

/** Says how far it is, every now and then. */
function progressOf({ out, json }: Call): (checked: number, total: number) => void {
  let told = Date.now()
  return (checked, total) => {
    if (json || Date.now() - told < tellEveryMs) return
    told = Date.now()
    out.line(`checked ${checked} of ${total} entries`)
  }
}

async function askDaemon(call: Call, repair: boolean): Promise<Examination> {
  const progress = progressOf(call)
  let now = await call.client.ask<Examination>('POST', '/examination', { repair })
  while (isRunning(now)) {
    await new Promise((resolve) => {
      setTimeout(resolve, pollMs)
    })
    now = await call.client.ask<Examination>('GET', '/examination')
    progress(now.checked, now.total)
  }
  if (now.state === 'failed')
    throw new CommandError('STORE_FAILED', 'the data cannot be read while Warren runs: warren stop, then warren doctor')
  return now
}

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined

/** Asks for the passphrase where nothing else opens the home. */
async function examineHome(call: Call, repair: boolean): Promise<ExaminedHome> {
  const ending = new AbortController()
  process.once('SIGINT', () => ending.abort(new CommandError('CLOSING', 'broken off')))
  const options = { home: call.home, repair, signal: ending.signal, progress: progressOf(call) }
  try {
    return await call.examineHome(options)
  } catch (error) {
    if (codeOf(error) !== 'LOCKED') throw error
  }
  return await call.examineHome({ ...options, secret: await askSecret(call, askerOf(call)) })
}

async function examine(call: Call, repair: boolean): Promise<Examination | ExaminedHome> {
  try {
    return await askDaemon(call, repair)
  } catch (error) {
    if (codeOf(error) === 'LOCKED')
      throw new CommandError('LOCKED', 'the daemon is locked: warren unlock, or warren stop and then warren doctor')
    if (codeOf(error) !== 'NOT_RUNNING') throw error
  }
  return await examineHome(call, repair)
}

/** Plural where there are several. */
const entries = (count: number): string => (count === 1 ? '1 entry' : `${count} entries`)

export const command: Command = {
  name: 'doctor',
  arguments: '',
  summary: 'check all data of this device, and mend it',
  description: [
    'Reads everything that is stored: whether each message opens, is what its hash and its signature say, and is listed where it belongs; and whether files are what they were. Nothing is changed without --repair.',
    'With --repair it writes lists anew, and asks peers for messages and files that are damaged or gone. It deletes nothing that could be read: where the database itself has to be mended, which needs the daemon to be stopped, the old files are kept in the home as damaged-1, damaged-2 and so on.',
    'Works with the daemon running, and without it. Where the daemon is stopped and no key file opens the home, it asks for the passphrase, or with --recovery-key for the recovery key, as warren unlock does. A daemon that is locked has to be unlocked, or stopped, first.',
    'Exits 0 if all is well or was mended, 1 if something is left to do.',
    'With --json prints {state, repair, startedAt, finishedAt, checked, total, waiting, findings: [{kind, count, outcome, conversation?}], copy?}; outcome is mended, wanted (peers are asked) or open.',
  ],
  options: { repair: { type: 'boolean', help: 'mend what can be mended' }, ...secretOptions },
  takes: [0, 0],
  examples: [
    ['warren doctor', 'Says whether all is well.'],
    ['warren doctor --repair', 'Mends what it finds.'],
    ['pass show warren | warren doctor --passphrase-stdin', 'Takes the passphrase from a password manager.'],
  ],
  async run(call) {
    const { out, json, values } = call
    const found = await examine(call, values['repair'] === true)
    const left = found.findings.filter(({ outcome }) => outcome !== 'mended')
    if (json) out.json(found)
    else {
      for (const finding of found.findings) out.line(asLine(finding, found.repair))
      if ('copy' in found) out.line(`the database as it was is kept in the home as ${found.copy}`)
      if (found.waiting > 0) out.line(`${entries(found.waiting)} will be asked of peers when they are there`)
      if (found.findings.length === 0) out.line(`all is well: ${entries(found.total)} checked`)
    }
    if (left.length > 0) throw new CommandError('STORE_DAMAGED', 'something is left to do: see above')
  },
}
