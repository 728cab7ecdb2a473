/** What may follow `warren group`: each has arguments and options of its own. */

import { CommandError } from '../command-error.ts'
import { textValue, type Call, type CommandOption, type Values } from '../command.ts'
import type { GroupHistory, GroupRole, LeastRole } from '../../../protocol/http-groups.ts'

export interface Verb {
  /** Behind the verb: `<group> <who>`. */
  readonly arguments: string
  /** Least and most arguments behind the verb. */
  readonly takes: readonly [least: number, most: number]
  /** Names of the options that it knows. */
  readonly options: readonly (keyof typeof groupOptions)[]
  /** One sentence. */
  readonly does: string
  /** Its positionals are those behind the verb. */
  run(call: Call): Promise<void>
}

export const groupOptions = {
  member: {
    type: 'string',
    value: 'WHO',
    multiple: true,
    help: 'create: a contact to add; may be given several times',
  },
  name: { type: 'string', value: 'NAME', help: 'set: what the group is called' },
  description: { type: 'string', value: 'TEXT', help: 'create, set: what it is about, at most 256 characters' },
  color: { type: 'string', value: '#RRGGBB', help: 'create, set: its colour' },
  picture: {
    type: 'string',
    value: 'FILE',
    help: 'set: a PNG, JPEG or WebP picture of at most 256 KiB; --color takes its place again',
  },
  broadcast: { type: 'boolean', help: 'create: only owners and admins write, everybody else reads (--post admin)' },
  post: { type: 'string', value: 'ROLE', help: 'create, set: who may write at least: owner, admin or member' },
  invite: { type: 'string', value: 'ROLE', help: 'create, set: who may add people and make links at least' },
  change: {
    type: 'string',
    value: 'ROLE',
    help: 'create, set: who may change name, description, colour and picture at least',
  },
  history: {
    type: 'string',
    value: 'WHICH',
    help: 'create, set: what newcomers may read: everything, or from joining',
  },
  role: { type: 'string', value: 'ROLE', help: 'add, invite: what they become: owner, admin, member or reader' },
  uses: {
    type: 'string',
    value: 'N',
    help: 'invite: how many people the link lets in, 1 if not given; 0 is without bound',
  },
  for: {
    type: 'string',
    value: 'SPAN',
    help: 'invite: how long the link lives: 30m, 8h, 7d, or ever; 7d if not given',
  },
  qr: { type: 'boolean', help: 'invite: print the link as a QR code, too' },
  yes: { type: 'boolean', help: 'transfer, close: do not ask' },
} as const satisfies Readonly<Record<string, CommandOption>>

const roles: readonly GroupRole[] = ['owner', 'admin', 'member', 'reader']
const leastRoles: readonly LeastRole[] = ['owner', 'admin', 'member']
const histories: readonly GroupHistory[] = ['everything', 'joining']

function oneOf<T extends string>(text: string, from: readonly T[], what: string): T {
  const found = from.find((each) => each === text.toLowerCase())
  if (found === undefined) throw new CommandError('USAGE', `${what} is one of ${from.join(', ')}`)
  return found
}

/** Throws USAGE. */
export const readRole = (text: string): GroupRole => oneOf(text, roles, 'a role')

/** The role of --role, if there is one. Throws USAGE. */
export function roleWish(values: Values): { role?: GroupRole } {
  const role = textValue(values, 'role')
  return role === undefined ? {} : { role: readRole(role) }
}

/** What create and set take alike. Throws USAGE. */
export interface Wish {
  description?: string
  color?: string
  post?: LeastRole
  invite?: LeastRole
  change?: LeastRole
  history?: GroupHistory
}
export function readWish(values: Values): Wish {
  const wish: Wish = {}
  for (const name of ['description', 'color'] as const) {
    const text = textValue(values, name)
    if (text !== undefined) wish[name] = text
  }
  for (const name of ['post', 'invite', 'change'] as const) {
    const text = textValue(values, name)
    if (text !== undefined) wish[name] = oneOf(text, leastRoles, `--${name}`)
  }
  const history = textValue(values, 'history')
  return history === undefined ? wish : { ...wish, history: oneOf(history, histories, '--history') }
}
