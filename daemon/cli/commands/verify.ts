/** warren verify: compares safety numbers with a contact. */

import type {
  Contact,
  NewVerification,
  Safety,
  Verification,
  VerificationResult,
} from '../../../protocol/http-people.ts'
import { CommandError } from '../command-error.ts'
import { argument, textValue, type Call, type Command } from '../command.ts'
import { qrLines } from '../qr-text.ts'
import { safeLine, timeText } from '../terminal.ts'
import { callName, findContact } from '../who.ts'

const states: readonly Contact['state'][] = ['accepted', 'incoming', 'ended', 'removed']

/** What is wrong with what was compared; `by`: whose code it is, if the owner knows them. */
const problems: Readonly<Record<Exclude<VerificationResult, 'match'>, (name: string, by: string) => string>> = {
  'other-number': (name) =>
    `not the same number: compare it again, digit by digit. If it stays another one, whoever you write to is not ${name}, or ${name} does not write to you: somebody may be in between`,
  'own-code': () => 'that is your own code: give the one that their device shows',
  'other-person': (name, by) =>
    by === ''
      ? `not the code of ${name}: if ${name}'s own device showed it, whoever you write to is somebody else`
      : `that is the code of ${by}, not of ${name}`,
  'not-for-you': (name) =>
    `${name}'s device shows this code for somebody else: let them open yours. If it is what they show for you, somebody is in between`,
  'other-keys': (name) =>
    `the keys of one of you were replaced, and one device does not know it yet: try again when both were online. If it stays so, do not trust ${name}'s device`,
}

const path = ({ id }: Contact, what: string): string => `/contacts/${encodeURIComponent(id)}/${what}`

function rowsOf(number: string): string[] {
  const groups = number.replaceAll(/\D/g, '').match(/.{5}/g) ?? []
  return [0, 4, 8].map((at) => groups.slice(at, at + 4).join('  '))
}

function standing(name: string, contact: Contact, { newDevices }: Safety): string[] {
  if (contact.keysChanged === true)
    return [
      `careful: the keys of ${name} were replaced since you compared. This is a new number: compare it before you trust it`,
    ]
  if (!contact.verified)
    return [`not verified: compare it with ${name}, face to face or in a call, then give what you compared to --with`]
  const added = newDevices.length
  const more = added === 1 ? 'one device was' : `${added} devices were`
  return [
    `verified ${timeText(contact.verifiedAt ?? 0)}`,
    ...(added === 0 ? [] : [`${more} added since you verified ${name}: ${newDevices.join(', ')}`]),
  ]
}

const toJson = ({ id, verified, verifiedAt, keysChanged }: Contact, safety: Safety | undefined): object => ({
  id,
  ...safety,
  verified,
  ...(verifiedAt === undefined ? {} : { verifiedAt }),
  ...(keysChanged === undefined ? {} : { keysChanged }),
})

async function show(call: Call, contact: Contact): Promise<void> {
  const safety = await call.client.ask<Safety>('GET', path(contact, 'safety'))
  if (call.json) return call.out.json(toJson(contact, safety))
  const name = safeLine(callName(contact))
  for (const line of [`Safety number with ${name}:`, ...rowsOf(safety.number), '']) call.out.line(line)
  for (const line of qrLines(safety.code)) call.out.line(line)
  for (const line of standing(name, contact, safety)) call.out.line(line)
}

/** `given`: the digits, or what a code says. */
async function compare(call: Call, contact: Contact, given: string): Promise<void> {
  const code = given.trim()
  const isCode = /^warren:/i.test(code)
  const body: NewVerification = isCode ? { code } : { number: given }
  const answer = await call.client.ask<Verification>('POST', path(contact, 'verification'), body)
  const name = safeLine(callName(contact))
  if (answer.result !== 'match')
    throw new CommandError('IDENTITY_MISMATCH', problems[answer.result](name, safeLine(answer.shownBy ?? '')))
  if (call.json) return call.out.json(toJson(answer.contact, undefined))
  call.out.line(`${name} is verified`)
  // What was compared may be older than this: here is what counts.
  if (!isCode) for (const line of rowsOf(given)) call.out.line(line)
  return undefined
}

async function undo(call: Call, contact: Contact): Promise<void> {
  const changed = await call.client.ask<Contact>('DELETE', path(contact, 'verification'))
  if (call.json) return call.out.json(toJson(changed, undefined))
  return call.out.line(`${safeLine(callName(contact))} is not verified any more`)
}

export const command: Command = {
  name: 'verify',
  arguments: '<who>',
  summary: 'compare safety numbers with a contact',
  description: [
    'Prints the safety number that you and a contact share: 60 digits, and the same as a code that their device can scan. If both of you see the same digits, nobody is in between. Compare them face to face, or in a call where you know the voice; not in Warren.',
    'The number stays the same as long as the two of you do. It changes when the keys of one of you are replaced; if they were theirs, that takes the verification back. A device that somebody adds with another device of theirs does not change it; what was added since is printed.',
    'To verify, give --with all 60 digits that you compared, or what you read from their code. A mere yes is not taken: the number may have changed since you looked.',
    '<who> is a petname, a name, or the beginning of an id. Prints {id, number, code, newDevices, verified, verifiedAt, keysChanged} with --json; the last two are there only if they say something. What does not match ends with 1 and changes nothing.',
  ],
  options: {
    with: {
      type: 'string',
      value: 'TEXT',
      help: 'what you compared: the 60 digits, or the warren: text of their code',
    },
    undo: { type: 'boolean', help: 'take it back that you compared' },
  },
  takes: [1, 1],
  examples: [
    ['warren verify bob', 'Shows the number to compare with Bob.'],
    [
      "warren verify bob --with '12345 67890 ...'",
      'Marks Bob as verified if these are the digits; else says what is wrong.',
    ],
    ['warren verify bob --undo', 'Takes it back.'],
  ],
  async run(call) {
    const given = textValue(call.values, 'with')
    const isUndo = call.values['undo'] === true
    if (isUndo && given !== undefined) throw new CommandError('USAGE', 'only one of --with and --undo')
    const contact = findContact(await call.client.list<Contact>('/contacts'), argument(call, 0), states)
    if (isUndo) return await undo(call, contact)
    return given === undefined ? await show(call, contact) : await compare(call, contact, given)
  },
}
