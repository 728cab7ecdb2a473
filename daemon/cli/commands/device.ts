/** warren device: the owner's own devices, and linking one more. */

import type { Linking, LinkingProblem, NewLinking, NoLinking, OwnDevice } from '../../../protocol/http-devices.ts'
import { askLine } from '../ask-line.ts'
import { CommandError } from '../command-error.ts'
import { argument, textValue, type Call, type Command } from '../command.ts'
import { showPhrase } from '../phrase.ts'
import { qrLines } from '../qr-text.ts'
import { beginAnew } from '../begin-anew.ts'
import { recover } from '../recover.ts'
import { secretOptions } from '../secret.ts'
import { safeLine } from '../terminal.ts'

const problems: Readonly<Record<LinkingProblem, string>> = {
  nobody:
    'no device that answers shows a code: begin with warren device link on the other one, or say where it is with --at',
  'wrong-code': 'that is not the code that the other device shows',
  'used-up': 'too many wrong codes were tried: begin again',
  cancelled: 'it was ended on the other device, or the connection broke: begin again',
  'other-words': 'the words are not the same: somebody may be in between. Nothing was linked',
  expired: 'nobody answered in time: begin again',
  'not-theirs': 'another device answers there than the one whose code this is',
  'same-person': 'that device is one of yours already',
  'other-person': 'that device is somebody else’s: a backup is linked with a device of the person whose it is',
  unreachable: 'that device cannot be reached',
  failed: 'it came to nothing: begin again',
}

const usage = (): CommandError =>
  new CommandError(
    'USAGE',
    'usage: warren device [list|link|join <code>|rename <device> <name>|remove <device>|phrase|recover|anew]',
  )

const devicesOf = async ({ client }: Call): Promise<OwnDevice[]> => await client.list<OwnDevice>('/devices')

const titleOf = ({ name, fingerprint }: OwnDevice): string => (name === '' ? fingerprint : safeLine(name))

async function list(call: Call): Promise<void> {
  const devices = await devicesOf(call)
  if (call.json) return call.out.json(devices)
  return call.out.rows(
    devices.map((each) => [
      titleOf(each),
      each.current ? 'this device' : each.online ? 'online' : 'offline',
      each.fingerprint,
      each.deviceId,
    ]),
  )
}

/** By name, or the beginning of a fingerprint or an id. Throws NOT_FOUND, AMBIGUOUS. */
async function find(call: Call, wanted: string): Promise<OwnDevice> {
  const devices = await devicesOf(call)
  const byName = devices.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase())
  const plain = wanted.replaceAll(' ', '').toLowerCase()
  const found =
    byName.length > 0
      ? byName
      : devices.filter(
          ({ deviceId, fingerprint }) =>
            deviceId.startsWith(wanted) || fingerprint.replaceAll(' ', '').startsWith(plain),
        )
  const [first, second] = found
  if (first === undefined) throw new CommandError('NOT_FOUND', `no device of yours is called ${wanted}`)
  if (second !== undefined)
    throw new CommandError('AMBIGUOUS', `${wanted} may be ${found.map((each) => each.deviceId).join(' or ')}`)
  return first
}

const linking = async ({ client }: Call): Promise<Linking | NoLinking> => await client.ask('GET', '/devices/linking')

const askEveryMs = 300

/** Waits until it stands elsewhere than in one of these states. Throws what is wrong. */
async function past(call: Call, states: readonly Linking['state'][]): Promise<Linking> {
  for (;;) {
    const shown = await linking(call)
    if (shown.state === 'none') throw new CommandError('CONFLICT', problems.cancelled)
    if (shown.state === 'failed') throw new CommandError('CONFLICT', problems[shown.problem ?? 'failed'])
    if (!states.includes(shown.state)) return shown
    await new Promise((resolve) => {
      setTimeout(resolve, askEveryMs)
    })
  }
}

/** Shows the words and asks whether they are the same. Throws if they are not. */
async function compare(call: Call, words: readonly string[]): Promise<void> {
  if (call.json) call.out.json({ state: 'comparing', words })
  else call.out.line(`Both devices show four words. These are the ones here: ${words.join(' ')}`)
  const yes = call.values['yes'] === true
  const answer = yes ? 'yes' : await askLine('Are they the same on the other device? (yes or no) ')
  if (/^(?:y|yes)$/i.test(answer.trim())) return void (await call.client.ask('POST', '/devices/linking/confirm', {}))
  await call.client.ask('POST', '/devices/linking/end', { differ: true })
  throw new CommandError('IDENTITY_MISMATCH', problems['other-words'])
}

async function link(call: Call): Promise<void> {
  const { code = '', link: text = '' } = await call.client.ask<Linking>('POST', '/devices/linking', {})
  if (call.json) call.out.json({ state: 'waiting', code, link: text })
  else {
    call.out.line(`On the new device: warren device join ${code.slice(0, 4)}-${code.slice(4)}`)
    call.out.line('or scan this there. It counts for ten minutes and for one device.')
    for (const line of qrLines(text)) call.out.line(line)
  }
  const { words = [] } = await past(call, ['waiting'])
  await compare(call, words)
  await past(call, ['comparing', 'confirmed'])
  if (call.json) return call.out.json({ state: 'done' })
  return call.out.line('linked: conversations and contacts are on their way to the new device')
}

async function join(call: Call, code: string): Promise<void> {
  const address = textValue(call.values, 'at')
  const wish: NewLinking = { code, ...(address === undefined ? {} : { address }) }
  const { deviceId } = await call.client.ask<{ deviceId: string }>('GET', '/me')
  await call.client.ask('POST', '/devices/linking', wish)
  const { words = [] } = await past(call, ['looking'])
  await compare(call, words)
  // The house opens anew under another key: what was asked of the one before may find nobody.
  for (;;) {
    try {
      const me = await call.client.ask<{ deviceId: string }>('GET', '/me')
      if (me.deviceId !== deviceId) break
      const shown = await linking(call)
      if (shown.state === 'failed') throw new CommandError('CONFLICT', problems[shown.problem ?? 'failed'])
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'LOCKED') throw error
    }
    await new Promise((resolve) => {
      setTimeout(resolve, askEveryMs)
    })
  }
  if (call.json) return call.out.json({ state: 'done' })
  return call.out.line('linked: this is one of your devices now, and the rest comes by itself')
}

async function rename(call: Call, wanted: string, name: string): Promise<void> {
  const { deviceId } = await find(call, wanted)
  const changed = await call.client.ask<OwnDevice>('PATCH', `/devices/${deviceId}`, { name })
  if (call.json) return call.out.json(changed)
  return call.out.line(`called ${titleOf(changed)} from now on`)
}

async function remove(call: Call, wanted: string): Promise<void> {
  const device = await find(call, wanted)
  await call.client.ask('DELETE', `/devices/${device.deviceId}`)
  if (call.json) return call.out.json({ removed: device.deviceId })
  call.out.line(`removed: ${titleOf(device)}`)
  return call.out.line(
    'It keeps what it holds, and is given nothing more. Others learn of it as soon as they are reached.',
  )
}

/** What needs no more words. */
const alone = new Map<string, (call: Call) => Promise<void>>([
  ['list', list],
  ['link', link],
  ['phrase', showPhrase],
  ['recover', recover],
  ['anew', beginAnew],
])

export const command: Command = {
  name: 'device',
  arguments: '[list|link|join <code>|rename <device> <name>|remove <device>|phrase|recover|anew]',
  summary: 'list, link and remove your devices; the recovery phrase',
  description: [
    'list, or nothing, prints your devices: [{deviceId, fingerprint, name, deviceClass, current, online}] with --json.',
    'link shows a code here; join, on the new device, takes it: eight digits, or the warren: text of the square code. Both then show four words. Only if they are the same on both, say yes on both: whoever stands in between would show others. The new device becomes one of yours: it gets contacts, conversations and history, and what it was before stays on it, to be read. A restored backup joins a device of its own person in the same way: it keeps what is in it, and gets what was said since.',
    'join looks among the devices nearby; with --at it asks the one at that address. With --json each step is a line: {state: waiting, code, link}, {state: comparing, words}, {state: done}.',
    'remove shuts a device out of everything that is said from now on; what it holds it keeps. Do it at once when one is lost. <device> is its name, or the beginning of its fingerprint or id.',
    'phrase shows the recovery phrase: 24 words that bring you back when every device is lost. It is kept on the device where you began until you wrote it down; three of the words are asked for then, and no device has it any more. On a terminal it asks at once, else with --written, and with --passphrase-stdin all 24 are read from there, in one line. With --json {state: "unwritten", words, asked}, {state: "written", writtenAt} or {state: "elsewhere"}. Where the home has a passphrase and no key file, that is asked for first.',
    'recover, on a new device or on a restored backup, takes the 24 words (typed unseen, or with --passphrase-stdin from there) and makes it a device of yours again. It asks the devices nearby, or with --at the one there, for the log of your devices: any contact or other device of yours has it. A backup, or a device that was removed, has a log itself, maybe an old one: where nobody answers it says what may happen, and goes on if you say yes; --alone says so. Then it asks which devices are lost; --lost says it: all, none, or numbers. Where somebody else answered at --at it asks whether they are to be your contact; --ask says so, and with --lost alone nobody is asked. With another device of yours or a backup, contacts and history are all there; else those come back who have you as a contact, with what they hold, once you ask them: add them by address or link. Notes to self, and what nobody else holds, are gone. The words are replaced: write the new ones down. With --json a line for each step: {state: found, name, devices, from, alone}, {state: done}.',
    'anew is for words that are lost: no device replaces them, or a stolen one could. This device begins anew as somebody who has other words, and asks your contacts to follow: they are shown that you go on, and press Continue. What was said stays on it, to be read; groups have to bring you in again, and safety numbers are compared again. Link your other devices to it afterwards: only when all of them have gone on are contacts asked. Remove those that are gone before.',
  ],
  options: {
    at: { type: 'string', value: 'ADDRESS', help: 'with join and recover: where the other device is' },
    yes: {
      type: 'boolean',
      help: 'with link and join: the words were compared elsewhere; with anew: go on unasked. For scripts',
    },
    written: { type: 'boolean', help: 'with phrase: the words are on paper, and three of them are asked for' },
    lost: { type: 'string', value: 'WHICH', help: 'with recover: the devices that are lost: all, none, or numbers' },
    ask: { type: 'boolean', help: 'with recover: ask who answers at --at to be a contact' },
    alone: { type: 'boolean', help: 'with recover: a backup goes on though nobody answers who knows of newer words' },
    ...secretOptions,
  },
  takes: [0, 3],
  examples: [
    ['warren device link', 'Shows a code to link one more device with.'],
    ['warren device join 1234-5678 --at 192.168.1.7', 'Makes this device one of those of the person there.'],
    ['warren device rename 5rwe Laptop', 'Calls a device Laptop.'],
    ['warren device remove Phone', 'Removes the one that is lost.'],
    [
      'warren device recover --at 192.168.1.7 --ask',
      'Comes back with the 24 words, through the contact there, and asks them anew.',
    ],
    ['warren device phrase', 'Shows 24 words to write down, and asks for three of them.'],
  ],
  async run(call) {
    const verb = call.positionals[0] ?? 'list'
    const count = call.positionals.length
    const plain = count <= 1 ? alone.get(verb) : undefined
    if (plain !== undefined) return await plain(call)
    if (verb === 'join' && count === 2) return await join(call, argument(call, 1))
    if (verb === 'rename' && count === 3) return await rename(call, argument(call, 1), argument(call, 2))
    if (verb === 'remove' && count === 2) return await remove(call, argument(call, 1))
    throw usage()
  },
}
