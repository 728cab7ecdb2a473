/** warren group invite, invites, revoke, join, joining and give-up. */

import type { GroupInvite, Joining, NewInvite } from '../../../protocol/http-groups.ts'
import { CommandError } from '../command-error.ts'
import { argument, textValue, type Call } from '../command.ts'
import { readDuration } from '../duration.ts'
import { qrLines } from '../qr-text.ts'
import { safeLine, timeText } from '../terminal.ts'
import { findNamed, shortId } from '../who.ts'
import { findGroup, groupPath } from './find.ts'
import { roleWish, type Verb } from './verb.ts'

/** Longer than any link. */
const mostLinkBytes = 4096

const untilText = (expiresAt: number): string => (expiresAt === 0 ? 'does not expire' : `until ${timeText(expiresAt)}`)

const usesText = ({ uses, used }: GroupInvite): string => `used ${used} of ${uses === 0 ? 'any' : uses}`

function readInvite({ values }: Call): NewInvite {
  const uses = textValue(values, 'uses')
  if (uses !== undefined && !/^\d{1,6}$/.test(uses)) throw new CommandError('USAGE', '--uses is a number')
  const span = textValue(values, 'for')
  const seconds = span === undefined ? undefined : span === 'ever' ? 0 : readDuration(span) / 1000
  return {
    ...roleWish(values),
    ...(uses === undefined ? {} : { uses: Number(uses) }),
    ...(seconds === undefined ? {} : { seconds }),
  }
}

async function invite(call: Call): Promise<void> {
  const { client, json, out } = call
  const wish = readInvite(call)
  const group = await findGroup(client, argument(call, 0))
  const made = await client.ask<GroupInvite>('POST', groupPath(group, 'invites'), wish)
  if (json) return out.json(made)
  const link = made.link ?? ''
  if (call.values['qr'] === true) for (const line of qrLines(link)) out.line(line)
  out.line(link)
  const uses = made.uses === 0 ? 'everybody who has it' : made.uses === 1 ? 'one person' : `${made.uses} people`
  return out.line(`lets in ${uses} as ${made.role}, ${untilText(made.expiresAt)}`)
}

const invitesOf = async (call: Call): Promise<[path: string, invites: GroupInvite[]]> => {
  const path = groupPath(await findGroup(call.client, argument(call, 0)), 'invites')
  return [path, await call.client.list<GroupInvite>(path)]
}

async function invites(call: Call): Promise<void> {
  const [, all] = await invitesOf(call)
  if (call.json) return call.out.json(all)
  if (all.length === 0) return call.out.line('no link lets anybody in: warren group invite')
  return call.out.rows(
    all.map((each) => [
      shortId(each.id),
      each.role,
      usesText(each),
      untilText(each.expiresAt),
      `by ${safeLine(each.by.name)}`,
      each.link ?? '(made on another device, which has the link)',
    ]),
  )
}

async function revoke(call: Call): Promise<void> {
  const [path, all] = await invitesOf(call)
  const which = argument(call, 1)
  const named = all.map((each) => ({ id: each.id, name: each.link ?? '', petname: '', deviceIds: [] }))
  const { id } = findNamed(named, which, () => true, `there is no invite "${which}": see warren group invites`)
  await call.client.ask('DELETE', `${path}/${encodeURIComponent(id)}`)
  if (call.json) return call.out.json({ revoked: id })
  return call.out.line('the link lets nobody in any more')
}

/** `-` reads it from stdin: ps shows what stands on a command line, and whoever has the link may join. */
async function readLink(call: Call): Promise<string> {
  const given = argument(call, 0)
  if (given !== '-') return given.trim()
  let text = ''
  for await (const chunk of call.input) {
    text += Buffer.from(chunk).toString('utf8')
    if (text.length > mostLinkBytes) throw new CommandError('BAD_LINK', 'what came on stdin is no link')
  }
  return text.trim()
}

async function join(call: Call): Promise<void> {
  const joining = await call.client.ask<Joining>('POST', '/groups/join', { link: await readLink(call) })
  if (call.json) return call.out.json(joining)
  return call.out.line(`asking members of ${safeLine(joining.name)} to let you in: see warren group joining`)
}

const joiningOf = async ({ client }: Call): Promise<Joining[]> => await client.list<Joining>('/groups/joining')

const states: Readonly<Record<Joining['state'], string>> = {
  asking: 'members are looked for',
  'not-valid': 'the link was taken back or is used up',
  expired: 'the link has expired',
  removed: 'you were removed from it',
}

async function joining(call: Call): Promise<void> {
  const all = await joiningOf(call)
  if (call.json) return call.out.json(all)
  if (all.length === 0) return call.out.line('no link is waited for')
  return call.out.rows(
    all.map(({ conversation, name, since, state }) => [
      safeLine(name),
      shortId(conversation),
      states[state],
      `since ${timeText(since)}`,
    ]),
  )
}

async function giveUp(call: Call): Promise<void> {
  const which = argument(call, 0)
  const named = (await joiningOf(call)).map(({ conversation, name }) => ({
    id: conversation,
    name,
    petname: '',
    deviceIds: [],
  }))
  const { id, name } = findNamed(named, which, () => true, `no link into "${which}" is waited for`)
  await call.client.ask('DELETE', `/groups/joining/${encodeURIComponent(id)}`)
  if (call.json) return call.out.json({ conversation: id })
  return call.out.line(`${safeLine(name)} is not asked any more`)
}

export const linkVerbs: Readonly<Record<string, Verb>> = {
  invite: {
    arguments: '<group>',
    takes: [1, 1],
    options: ['uses', 'for', 'role', 'qr'],
    does: 'Makes a link that lets people in, through any member who is online. Whoever has it may use it.',
    run: invite,
  },
  invites: {
    arguments: '<group>',
    takes: [1, 1],
    options: [],
    does: 'Lists links that still let somebody in.',
    run: invites,
  },
  revoke: {
    arguments: '<group> <invite>',
    takes: [2, 2],
    options: [],
    does: 'Takes a link back, named by the beginning of its id.',
    run: revoke,
  },
  join: {
    arguments: '<link|->',
    takes: [1, 1],
    options: [],
    does: 'Asks to be let in, until somebody does; - reads the link from stdin, where ps does not show it.',
    run: join,
  },
  joining: {
    arguments: '',
    takes: [0, 0],
    options: [],
    does: 'Lists links that lead nowhere yet, and why.',
    run: joining,
  },
  'give-up': {
    arguments: '<group>',
    takes: [1, 1],
    options: [],
    does: 'Takes such a link off the list.',
    run: giveUp,
  },
}
