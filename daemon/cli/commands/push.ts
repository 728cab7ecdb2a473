/** warren push: which push server wakes this device. */

import type { PushServerPatch, PushServerSettings } from '../../../protocol/http-push-server.ts'
import { CommandError } from '../command-error.ts'
import type { Call, Command } from '../command.ts'
import { safeLine, timeText } from '../terminal.ts'

const path = '/push-server'

const usage = (): CommandError => new CommandError('USAGE', 'usage: warren push [status|set <url>|off]')

const states: Readonly<Record<PushServerSettings['state'], string>> = {
  off: 'no push server is used: this device cannot be woken',
  unregistered: 'this device has not registered there: only the app of a phone does',
  unproven: 'registered, but the code that proves it has not come',
  registered: 'registered',
  expired: 'the registration ran out: it is renewed when the app is opened',
}

const people = (count: number): string => `${count} ${count === 1 ? 'person' : 'people'}`

/** Since when a server has had trouble, and when it is asked again. */
const since = ({ problemSince, nextTryAt }: Pick<PushServerSettings, 'problemSince' | 'nextTryAt'>): string =>
  (problemSince === undefined ? '' : ` since ${timeText(problemSince)}`) +
  (nextTryAt === undefined ? '' : `; it is asked again at ${timeText(nextTryAt)}`)

function* linesOf(settings: PushServerSettings): Generator<string> {
  const { server, state, wakers, groupsWithout, expiresAt, problem, former } = settings
  if (server !== '') yield safeLine(server)
  yield states[state] + (expiresAt === undefined || state !== 'registered' ? '' : ` until ${timeText(expiresAt)}`)
  if (state === 'registered') yield `${people(wakers)} can wake this device`
  if (groupsWithout > 0)
    yield `in ${groupsWithout} ${groupsWithout === 1 ? 'group' : 'groups'} nobody can: none of your contacts is a member there`
  if (problem !== undefined) {
    yield `the push server could not be told everything (${problem})${since(settings)}`
    yield 'warren push set with the same url asks it now, warren push off leaves it'
  }
  for (const each of former)
    yield `${safeLine(each.server)}, which was used before: what ${people(each.rows)} could wake with is not taken back there yet${since(each)}; it is worth nothing after three months`
}

function show(call: Call, settings: PushServerSettings): void {
  if (call.json) return call.out.json(settings)
  for (const line of linesOf(settings)) call.out.line(line)
}

/** As people type it. */
const withScheme = (text: string): string => (/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`)

export const command: Command = {
  name: 'push',
  arguments: '[status|set <url>|off]',
  summary: 'which push server wakes this device',
  description: [
    'A phone that sleeps can be woken through a push server of your choice. It learns neither who you are, nor who writes to you, nor what; docs/pnserver.md says what it can see. No push server is used unless you set one, and a computer needs none.',
    'Who is a contact can wake this device then, and nobody else. set replaces the one before, and tries again at once if it is the same; off uses none. What was left at the one before is taken back there: if it does not answer, nobody holds what wakes this device through it all the same, and it is asked ever more seldom for three months.',
    '<url> is https://…, or http:// with an address of your own network. Prints {server, state, wakers, …} with --json.',
  ],
  takes: [0, 2],
  examples: [
    ['warren push set https://push.example.org', 'Uses that server from now on.'],
    ['warren push off', 'Nobody can wake this device any more.'],
  ],
  async run(call) {
    const [action = 'status', server] = call.positionals
    if (action === 'status' && server === undefined)
      return show(call, await call.client.ask<PushServerSettings>('GET', path))
    const patch: PushServerPatch | undefined =
      action === 'set' && server !== undefined && server !== ''
        ? { server: withScheme(server) }
        : action === 'off' && server === undefined
          ? { server: '' }
          : undefined
    if (patch === undefined) throw usage()
    return show(call, await call.client.ask<PushServerSettings>('PATCH', path, patch))
  },
}
