/** warren device recover: comes back with the 24 words. */

import type {
  LostDevice,
  NewRecovery,
  NoRecovery,
  Recovery,
  RecoveryFinish,
  RecoveryProblem,
  RecoverySource,
} from '../../protocol/http-recovery.ts'
import { askLine } from './ask-line.ts'
import { CommandError } from './command-error.ts'
import { textValue, type Call } from './command.ts'
import { askerOf } from './secret.ts'
import { safeLine } from './terminal.ts'

const problems: Readonly<Record<RecoveryProblem, string>> = {
  nobody:
    'no device that answers knows a person of these words: give the address of a contact of yours, or of another device of yours, with --at',
  replaced: 'these words were replaced by newer ones: use those',
  several:
    'the devices that answer name more than one person of these words, so none of them is believed: give the address of somebody whom you trust with --at',
  'not-here':
    'as far as this home knows these are not its words: they are of another person, or newer; if they are newer, give the address of a contact or of another device of yours with --at',
  'same-person': 'this device belongs to that person already',
  unreachable: 'that device cannot be reached',
  full: 'the log of your devices is full: no more devices fit into it',
  cancelled: 'it was ended: begin again',
  expired: 'it took too long: begin again',
  failed: 'it came to nothing: begin again',
}

const askEveryMs = 300

const wait = async (): Promise<void> =>
  await new Promise((resolve) => {
    setTimeout(resolve, askEveryMs)
  })

async function past(call: Call, states: readonly Recovery['state'][]): Promise<Recovery> {
  for (;;) {
    const shown = await call.client.ask<Recovery | NoRecovery>('GET', '/devices/recovery')
    if (shown.state === 'none') throw new CommandError('CONFLICT', problems.cancelled)
    if (shown.state === 'failed') throw new CommandError('CONFLICT', problems[shown.problem ?? 'failed'])
    if (!states.includes(shown.state)) return shown
    await wait()
  }
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10)

const titleOf = ({ name, fingerprint, addedAt, here }: LostDevice): string =>
  `${name === '' ? fingerprint : `${safeLine(name)} (${fingerprint})`}, since ${day(addedAt)}${here ? ', which answers' : ''}`

const answererOf = ({ name, fingerprint }: RecoverySource): string =>
  name === '' ? fingerprint : `${safeLine(name)} (${fingerprint})`

/** `all` that do not answer, `none`, or numbers as they are shown. Throws USAGE. */
function chosen(text: string, devices: readonly LostDevice[]): string[] {
  const lost = devices.filter(({ here }) => !here)
  const typed = text.trim().toLowerCase()
  if (typed === 'none' || typed === '') return []
  if (typed === 'all') return lost.map(({ deviceId }) => deviceId)
  return typed.split(/[\s,]+/).map((each) => {
    const device = /^\d{1,3}$/.test(each)
      ? devices[Number(each) - 1]
      : devices.find(({ deviceId, fingerprint }) => deviceId === each || fingerprint.replaceAll(' ', '') === each)
    if (device === undefined) throw new CommandError('USAGE', `there is no device ${each}: say numbers, all or none`)
    return device.deviceId
  })
}

function show({ out, json }: Call, found: Recovery): void {
  const { name = '', devices = [], from, alone } = found
  if (json) return out.json({ state: 'found', name, personId: found.personId, devices, from, alone })
  out.line(name === '' ? 'found: the person of these words' : `found: ${safeLine(name)}`)
  if (from !== undefined)
    out.line(`told by ${from.own ? 'another device of yours' : 'somebody who knows you'}: ${answererOf(from)}`)
  for (const [at, each] of devices.entries()) out.line(`${String(at + 1).padStart(2)} ${titleOf(each)}`)
}

/** The house opens anew: what was asked of the one before may find nobody. */
async function untilDone(call: Call): Promise<void> {
  for (;;) {
    try {
      const shown = await call.client.ask<Recovery | NoRecovery>('GET', '/devices/recovery')
      if (shown.state === 'none') return
      if (shown.state === 'failed') throw new CommandError('CONFLICT', problems[shown.problem ?? 'failed'])
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'LOCKED') throw error
    }
    await wait()
  }
}

/** Whether who answered is to be a contact: never without being told so. Throws USAGE. */
async function isHelperAsked({ values }: Call, { from }: Recovery, mayPrompt: boolean): Promise<boolean> {
  if (from?.askable !== true) {
    if (values['ask'] !== true) return false
    throw new CommandError('USAGE', '--ask needs somebody else who answers at --at')
  }
  if (values['ask'] === true || !mayPrompt) return values['ask'] === true
  const answer = await askLine(`Ask ${answererOf(from)} to be your contact? (yes or no) `)
  return /^y(es)?$/i.test(answer.trim())
}

/** Whether to go on though nobody knows whether the words still count: never without being told so. Throws USAGE, CONFLICT. */
async function goesAlone({ values }: Call, { alone }: Recovery, mayPrompt: boolean): Promise<boolean> {
  if (alone !== true || values['alone'] === true) return alone === true
  const warning =
    'nobody answered who knows whether these words still count: if they were replaced since, this device may be shut out again, or those that you have today are'
  if (!mayPrompt) throw new CommandError('USAGE', `${warning}. Give an address with --at, or say --alone`)
  const answer = await askLine(`Careful: ${warning}. Are they your newest words? (yes or no) `)
  if (/^y(es)?$/i.test(answer.trim())) return true
  throw new CommandError('CONFLICT', 'nothing was changed: give an address with --at')
}

/** Finds the person, asks which devices are lost, and becomes one of theirs. */
export async function recover(call: Call): Promise<void> {
  const { values, client, out, json } = call
  const address = textValue(values, 'at')
  const words = await askerOf(call)('The 24 words, in one line: ')
  const wish: NewRecovery = { words, ...(address === undefined ? {} : { address }) }
  await client.ask('POST', '/devices/recovery', wish)
  const found = await past(call, ['looking'])
  show(call, found)
  const { devices = [] } = found
  const lost = textValue(values, 'lost')
  const said = lost ?? (await askLine('Which of these are lost? They are removed. (numbers, all or none) '))
  const remove = chosen(said, devices)
  const askHelper = await isHelperAsked(call, found, lost === undefined)
  const alone = await goesAlone(call, found, lost === undefined)
  const finish: RecoveryFinish = { remove, ...(askHelper ? { askHelper } : {}), ...(alone ? { alone } : {}) }
  await client.ask('POST', '/devices/recovery/finish', finish)
  await untilDone(call)
  if (json) return out.json({ state: 'done' })
  out.line('You are back: this is a device of yours.')
  if (found.from?.own === false)
    out.line(
      'Other contacts come back when you add them by address, or meet them: whoever has you as a contact says yes at once.',
    )
  return out.line('The words count no more. Write the new ones down: warren device phrase')
}
