/** warren group: groups, their members and the links into them. */

import { CommandError } from '../command-error.ts'
import type { Call, Command } from '../command.ts'
import { linkVerbs } from '../groups/links.ts'
import { makingVerbs } from '../groups/making.ts'
import { memberVerbs } from '../groups/members.ts'
import { groupOptions, type Verb } from '../groups/verb.ts'
import { commonOptions } from '../help.ts'

const verbs: Readonly<Record<string, Verb>> = { ...makingVerbs, ...memberVerbs, ...linkVerbs }

const usageOf = (name: string, verb: Verb): string => {
  const options = verb.options.map((option) => {
    const { value } = { value: undefined, ...groupOptions[option] }
    return `[--${option}${value === undefined ? '' : ` ${value}`}]`
  })
  return ['warren group', name, verb.arguments, ...options].filter((part) => part !== '').join(' ')
}

function check(name: string, verb: Verb, { values, positionals }: Call): void {
  const usage = new CommandError('USAGE', `usage: ${usageOf(name, verb)}`)
  const known = new Set<string>([...verb.options, ...Object.keys(commonOptions)])
  for (const [option, value] of Object.entries(values)) if (value !== undefined && !known.has(option)) throw usage
  const count = positionals.length - 1
  if (count < verb.takes[0] || count > verb.takes[1]) throw usage
}

export const command: Command = {
  name: 'group',
  arguments: `<${Object.keys(verbs).join('|')}> [<group>] ...`,
  summary: 'make groups, manage members and links, join and leave',
  description: [
    '<group> is its name or the beginning of its id; <who> is a petname, a name, or the beginning of an id. Messages are sent and read with warren send, log, export and mute, which take the name of a group, too.',
    ...Object.entries(verbs).map(([name, verb]) => `${usageOf(name, verb)} - ${verb.does}`),
  ],
  options: groupOptions,
  takes: [1, 4],
  examples: [
    ["warren group create 'Book club' --member bob --member carol", 'Makes a group and asks two contacts to join.'],
    ["warren group invite 'Book club' --uses 5 --for 7d --qr", 'A link for five people, also as a code to scan.'],
    ['wl-paste | warren group join -', 'Joins by the link that was copied.'],
    ["warren group role 'Book club' bob admin", 'Bob may add people and change the name.'],
  ],
  async run(call) {
    const [name = '', ...positionals] = call.positionals
    const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined
    if (verb === undefined)
      throw new CommandError('USAGE', `there is no "warren group ${name}": see warren group --help`)
    check(name, verb, call)
    await verb.run({ ...call, positionals })
  },
}
