/** warren check-export: checks every signature of a conversation that was saved as JSON. */

import { judgeFile } from '../../export/check-file.ts'
import { CommandError } from '../command-error.ts'
import { argument, type Call, type Command } from '../command.ts'
import { safeLine, timeText } from '../terminal.ts'

type Report = Extract<Awaited<ReturnType<typeof judgeFile>>, { readonly valid: true }>['report']
type Person = Report['persons'][number]

const messages = (count: number): string => (count === 1 ? '1 message' : `${count} messages`)
const entries = (count: number): string => (count === 1 ? '1 entry' : `${count} entries`)
const span = (first: number, last: number): string => `${timeText(first)} to ${timeText(last)}`

const personLine = ({ person, name, messages: count, first, last }: Person): string =>
  `${safeLine(name) || 'unnamed'} (${person.slice(0, 8)}): ${messages(count)}${count === 0 ? '' : `, ${span(first, last)}`}`

const forked = '; it signed two different histories, of which this shows one'

const reasons: readonly (readonly [keyof Report['gaps'], string])[] = [
  ['deleted', 'were deleted where this was saved'],
  ['missing', 'were not there where this was saved'],
  ['unproven', 'were there, but nothing that proves who wrote them'],
]
const bareReasons: readonly (readonly [keyof Report['bare'], string])[] = [
  ['gone', 'without a text that is kept'],
  ['unreadable', 'that could not be read where this was saved'],
  ['newer', 'made by a newer Warren'],
]

/** Who belongs to a group, as its operations say. */
function groupLines({ group, persons }: Report): string[] {
  if (group === undefined) return []
  const names = new Map(persons.map(({ person, name }) => [person, safeLine(name) || person.slice(0, 8)]))
  const members = group.members.map(
    ({ person, role, state }) => `${names.get(person) ?? person.slice(0, 8)} (${state === 'joined' ? role : state})`,
  )
  const state = group.closed ? ', closed' : ''
  return [`the group ${safeLine(group.name)}${state}, by its operations: ${members.join(', ') || 'nobody belongs'}`]
}

function print({ out }: Call, report: Report): void {
  const { persons, gaps, bare, forks, outside } = report
  const when = report.messages === 0 ? '' : `, ${span(report.first, report.last)}`
  out.line(`genuine: ${messages(report.messages)}${when}`)
  for (const line of groupLines(report)) out.line(line)
  for (const each of persons) {
    out.line(`  ${personLine(each)}`)
    for (const { fingerprint, messages: count, forks: two } of each.devices)
      out.line(`    device ${fingerprint}: ${messages(count)}${two === 0 ? '' : forked}`)
  }
  if (outside > 0) out.line(`outside of the conversation: ${entries(outside)} by who had lost the right to write`)
  for (const [why, text] of bareReasons) if (bare[why] > 0) out.line(`${entries(bare[why])} ${text}`)
  for (const [why, text] of reasons) if (gaps[why] > 0) out.line(`not in it: ${entries(gaps[why])} that ${text}`)
  if (forks.unproven > 0)
    out.line(`it says, and does not prove, that a device wrote two different histories (${forks.unproven})`)
  out.line(`it says that ${report.made.by.slice(0, 8)} saved it, ${timeText(report.made.at)}`)
  out.line('Nobody signed that, nor the names, nor why something is not in it. Compare fingerprints to know a person.')
}

const asJson = ({ conversation, made, group, ...report }: Report): object => ({
  valid: true,
  conversation,
  made,
  ...(group === undefined
    ? {}
    : { group: { ...group, members: group.members.map(({ person, ...each }) => ({ id: person, ...each })) } }),
  ...report,
  persons: report.persons.map(({ person, devices, ...each }) => ({
    id: person,
    ...each,
    devices: devices.map(({ device, ...rest }) => ({ deviceId: device, ...rest })),
  })),
})

export const command: Command = {
  name: 'check-export',
  arguments: '<file>',
  summary: 'check every signature of a saved conversation',
  description: [
    'Reads a conversation that warren export --format json saved, here or anywhere else, and checks every hash, every chain and every signature in it, and that its words are what was signed. Needs no daemon and no network, and asks nobody.',
    'Prints who wrote how many messages, from when to when, with the fingerprints of their devices, and what is not in it. Exits 1 at the first thing that is forged, damaged or missing, and says on which line.',
    'Of a group it judges every operation in it, as a member would: who belongs, with which role, and which messages count. What lies outside is told apart, and its messages are not counted.',
    'What it proves: the devices with these fingerprints wrote these words, in this order, to this conversation. What it does not: that nothing newer was left out, that a clock was right, and what a person is called; compare the fingerprints with those that you know.',
    'With --json prints {valid: true, conversation, made, persons: [{id, name, messages, first, last, devices: [{deviceId, fingerprint, messages, forks}]}], messages, entries, first, last, outside, bare, gaps, forks: {proven, unproven}}, of a group also group: {name, closed, members: [{id, role, state}]}, or {valid: false, code, message, line?}. Codes: NOT_FOUND, NOT_AN_EXPORT, UNSUPPORTED_VERSION (made by a newer Warren), TRUNCATED, TOO_LARGE, BAD_SHAPE; BAD_HASH, BAD_SIGNATURE, CANNOT_DECRYPT, NOT_A_MEMBER, IDENTITY_MISMATCH for what is forged.',
  ],
  takes: [1, 1],
  examples: [
    ['warren check-export warren-bob-2026-11-20.json', 'Says whether it is genuine.'],
    ['warren check-export bob.json --json', 'The same for scripts.'],
  ],
  async run(call) {
    const verdict = await judgeFile(argument(call, 0))
    if (!verdict.valid) {
      if (call.json) call.out.json(verdict)
      throw new CommandError(verdict.code, verdict.message)
    }
    if (call.json) call.out.json(asJson(verdict.report))
    else print(call, verdict.report)
  },
}
