/** warren key-slots: what opens the home, and when it locks itself. */

import type {
  KeySlotInfo,
  KeySlotKind,
  KeySlotRemoval,
  LockSettings,
  NewKeySlot,
  NewKeySlotAnswer,
  PassphraseStrength,
  UnlockRequest,
} from '../../../protocol/http-access.ts'
import { CommandError } from '../command-error.ts'
import type { Call, Command } from '../command.ts'
import { askerOf, secretOptions, type Ask } from '../secret.ts'
import { timeText } from '../terminal.ts'

const kindNames: Readonly<Record<KeySlotKind, string>> = {
  file: 'key-file',
  passphrase: 'passphrase',
  recovery: 'recovery-key',
}
const kindOf = (name: string | undefined): KeySlotKind | undefined =>
  (['file', 'passphrase', 'recovery'] as const).find((kind) => kindNames[kind] === name)

const usage = (): CommandError =>
  new CommandError('USAGE', 'usage: warren key-slots [passphrase|recovery-key|key-file|remove <slot>|idle <minutes>]')

const slotsOf = async ({ client }: Call): Promise<KeySlotInfo[]> =>
  (await client.ask<{ items: KeySlotInfo[] }>('GET', '/key-slots')).items

async function list(call: Call): Promise<void> {
  const slots = await slotsOf(call)
  const { idleMinutes } = await call.client.ask<LockSettings>('GET', '/lock')
  if (call.json) return call.out.json({ slots, idleMinutes })
  call.out.rows(
    slots.map(({ kind, madeAt }) => [kindNames[kind], madeAt === undefined ? '' : `made ${timeText(madeAt)}`]),
  )
  if (slots.some(({ kind }) => kind === 'file')) {
    call.out.line('With its key file the home opens without questions, for whoever has a copy of all of it, too.')
  }
  return call.out.line(idleMinutes === 0 ? 'locks only when told to' : `locks itself after ${idleMinutes} minutes`)
}

/** As the daemon wants it: not while only the key file counts, nor where the caller could read that. */
export async function currentOf(call: Call, ask: () => Ask): Promise<{ current?: UnlockRequest }> {
  const kinds = (await slotsOf(call)).map(({ kind }) => kind)
  if (kinds.includes('file') || kinds.length === 0) return {}
  if (call.values['recovery-key'] === true) return { current: { recoveryKey: await ask()('Recovery key: ') } }
  return { current: { passphrase: await ask()('Current passphrase: ') } }
}

async function setPassphrase(call: Call, ask: Ask): Promise<void> {
  const { current } = await currentOf(call, () => ask)
  const passphrase = await ask('New passphrase: ')
  const strength = await call.client.ask<PassphraseStrength>('POST', '/key-slots/strength', { passphrase })
  if (call.values['passphrase-stdin'] !== true) {
    process.stderr.write(`${strength.verdict}: about 2^${strength.bits} guesses\n`)
    if (strength.enough && (await ask('Once more: ')) !== passphrase) {
      throw new CommandError('BAD_SHAPE', 'the two are not the same: nothing was changed')
    }
  }
  const removeFile = call.values['remove-key-file'] === true
  const slot: NewKeySlot = { kind: 'passphrase', passphrase, removeFile, ...(current && { current }) }
  await call.client.ask('POST', '/key-slots', slot)
  if (call.json) return call.out.json({ slots: await slotsOf(call), verdict: strength.verdict })
  call.out.line('the passphrase is set')
  const hasFile = (await slotsOf(call)).some(({ kind }) => kind === 'file')
  if (!hasFile) return call.out.line('from now on every start asks for it')
  return call.out.line('The key file still opens the home without it: warren key-slots remove key-file')
}

async function add(call: Call, kind: 'file' | 'recovery'): Promise<void> {
  const slot: NewKeySlot = { kind, ...(await currentOf(call, () => askerOf(call))) }
  const { recoveryKey } = await call.client.ask<NewKeySlotAnswer>('POST', '/key-slots', slot)
  if (call.json) return call.out.json(recoveryKey === undefined ? { added: kind } : { recoveryKey })
  if (recoveryKey === undefined) return call.out.line('the home opens without questions from now on')
  call.out.line('Write this down, or print it, and keep it away from this device. It is shown this once:')
  return call.out.line(recoveryKey)
}

async function remove(call: Call, name: string | undefined): Promise<void> {
  const kind = kindOf(name)
  if (kind === undefined) throw usage()
  const removal: KeySlotRemoval = { kind, ...(await currentOf(call, () => askerOf(call))) }
  await call.client.ask('POST', '/key-slots/remove', removal)
  if (call.json) return call.out.json({ removed: kind })
  return call.out.line(`removed: ${kindNames[kind]}`)
}

async function setIdle(call: Call, minutes: string | undefined): Promise<void> {
  if (minutes === undefined || !/^(?:0|5|15|60)$/.test(minutes)) {
    throw new CommandError('USAGE', 'idle takes 0 (never), 5, 15 or 60 minutes')
  }
  const settings = await call.client.ask<LockSettings>('PATCH', '/lock', { idleMinutes: Number(minutes) })
  if (call.json) return call.out.json(settings)
  return call.out.line(minutes === '0' ? 'locks only when told to' : `locks itself after ${minutes} minutes`)
}

export const command: Command = {
  name: 'key-slots',
  arguments: '[passphrase|recovery-key|key-file|remove <slot>|idle <minutes>]',
  summary: 'show or change what opens this home',
  description: [
    'Lists what opens the home: {slots: [{kind, madeAt}], idleMinutes} with --json. passphrase sets or changes the passphrase, recovery-key makes a new one to print, key-file makes the file that opens the home without questions, remove takes one of the three away, idle locks the daemon by itself after so many minutes.',
    'The key file protects only copies that travel without it. With a passphrase set and the key file removed, a stolen disk shows nothing.',
    'Changes ask for the current passphrase once the key file is gone. With --passphrase-stdin the lines are: the current one, if it is asked for, then the new one.',
    'No data is encrypted anew: an older copy of the whole home still opens with what opened it then.',
  ],
  options: {
    ...secretOptions,
    'remove-key-file': { type: 'boolean', help: 'with passphrase: every start asks for it from now on' },
  },
  takes: [0, 2],
  examples: [
    ['warren key-slots', 'Lists them.'],
    ['warren key-slots passphrase --remove-key-file', 'Sets a passphrase that every start asks for.'],
    ['warren key-slots recovery-key | lpr', 'Prints a recovery key without showing it.'],
    ['warren key-slots idle 15', 'Locks after a quarter of an hour without its owner.'],
  ],
  async run(call) {
    const [verb, what] = call.positionals
    if (verb === 'remove') return await remove(call, what)
    if (verb === 'idle') return await setIdle(call, what)
    if (what !== undefined) throw usage()
    if (verb === undefined) return await list(call)
    const kind = kindOf(verb)
    if (kind === undefined) throw usage()
    return kind === 'passphrase' ? await setPassphrase(call, askerOf(call)) : await add(call, kind)
  },
}
